"""The category tree in the backoffice."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from mptt.admin import DraggableMPTTAdmin
from unfold.decorators import display

from catalog import services
from catalog.admin.addresses import FormerAddressesMixin
from catalog.admin.filters import DeletedFilter
from catalog.models import Category
from core.admin import ServiceAdmin
from core.errors import DomainError, InvalidInput, NotFound

POSITIONS = frozenset({"last-child", "left", "right"})


@admin.register(Category)
class CategoryAdmin(FormerAddressesMixin, ServiceAdmin, DraggableMPTTAdmin):
    """The tree, in its order: dragged to another place, or moved by its parent."""

    class Media:
        js = ("catalog/one_table_body.js",)

    list_display: ClassVar = (
        "tree_actions",
        "indented_title",
        "slug",
        "product_count",
        "updated_at",
    )
    list_display_links: ClassVar = ("indented_title",)
    list_per_page = DraggableMPTTAdmin.list_per_page  # a tree has no pages
    expand_tree_by_default = True
    list_filter: ClassVar = (DeletedFilter,)
    search_fields: ClassVar = ("name", "slug")
    ordering: ClassVar = ("tree_id", "lft")
    fields: ClassVar = ("name", "slug", "former_addresses", "parent", "description", "image")
    prepopulated_fields: ClassVar = {"slug": ("name",)}
    autocomplete_fields: ClassVar = ("parent",)
    actions: ClassVar = ("move_up", "move_down", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        """Return the categories with the products filed directly under them."""
        rows: QuerySet[Category] = super().get_queryset(request)
        return rows.annotate(count=Count("products", filter=Q(products__deleted_at=None)))

    def delete_selected_tree(
        self, modeladmin: Any, request: HttpRequest, queryset: QuerySet[Category]
    ) -> HttpResponse | None:
        try:
            answer: HttpResponse | None = delete_selected(modeladmin, request, queryset)
        except DomainError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
            return None
        return answer

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        """Delete all of them or none, those below before those above."""
        for category in queryset.order_by("-level", "pk"):
            self.delete_model(request, category)

    def _move_node(self, request: HttpRequest) -> HttpResponse:
        """Carry out what was dragged, by the service and under its lock."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            position = request.POST.get("position", "")
            if position not in POSITIONS:
                raise InvalidInput("The category can be placed before, after or inside another.")
            moved = services.move_category(
                category_id=_dragged(request, "cut_item").pk,
                target=_dragged(request, "pasted_on"),
                position=position,
            )
        except DomainError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
            return HttpResponse(refusal.detail, status=refusal.status)
        self.log_change(request, moved, [{"changed": {"fields": ["Place in the tree"]}}])
        self.message_user(request, f"{moved} has been moved.", messages.SUCCESS)
        return HttpResponse("Moved.")

    @display(description="Products", ordering="count")
    def product_count(self, category: Any) -> int:
        return int(category.count)

    @admin.action(description="Move up among its siblings", permissions=["change"])
    def move_up(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        for category in queryset.order_by("tree_id", "lft"):
            category.refresh_from_db()
            self._move(category, category.get_previous_sibling(deleted_at=None), "left")

    @admin.action(description="Move down among its siblings", permissions=["change"])
    def move_down(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        for category in queryset.order_by("-tree_id", "-lft"):
            category.refresh_from_db()
            self._move(category, category.get_next_sibling(deleted_at=None), "right")

    @admin.action(description="Restore what was deleted", permissions=["delete"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        """Bring deleted categories back, each that can be, the last deleted first."""
        for category in queryset.exclude(deleted_at=None).order_by("-deleted_at", "pk"):
            try:
                services.restore_category(category_id=category.pk)
            except DomainError as refusal:
                self.message_user(request, f"{category}: {refusal.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{category} is back.", messages.SUCCESS)

    def _move(self, category: Category, sibling: Category | None, position: str) -> None:
        if sibling is not None:
            services.move_category(category_id=category.pk, target=sibling, position=position)

    def create(self, request: HttpRequest, values: Any) -> Category:
        return services.create_category(fields=values)

    def update(self, request: HttpRequest, obj: Category, changes: Any) -> None:
        services.update_category(category_id=obj.pk, changes=changes)

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        services.delete_category(category_id=obj.pk)


def _dragged(request: HttpRequest, name: str) -> Category:
    """Return the living category that ``name`` of the form is; raise NotFound."""
    try:
        found: Category | None = Category.objects.filter(pk=UUID(request.POST[name])).first()
    except (KeyError, ValueError):
        found = None
    if found is None:
        raise NotFound("The category is gone; look again.")
    return found
