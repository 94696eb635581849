"""What the pages of transfers and of counts share: lines, and steps that services take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.admin import TabularInline
from unfold.decorators import display

from accounts.models import User
from core.admin import ServiceAdmin, back_to
from core.errors import DomainError


def actor_of(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


class LineInline(TabularInline):
    verbose_name_plural = "Goods"
    hide_title = True
    extra = 0
    can_delete = False
    per_page = 100
    readonly_fields: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("variant__product").order_by("variant__sku", "id")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Lines come from the list that staff typed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Lines stay."""
        return False

    @display(description="SKU")
    def sku(self, line: Any) -> str:
        return str(line.variant.sku)

    @display(description="Product")
    def product(self, line: Any) -> str:
        return str(line.variant.product.name)


class DocumentAdmin(ServiceAdmin):
    """A page whose rows are made by a form, then only moved on by actions."""

    actions_detail: ClassVar[tuple[str, ...]] = ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They are history."""
        return False

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def may_move_on(self, request: HttpRequest, object_id: str | None, open_status: str) -> bool:
        """Tell whether to offer an action; once it is submitted, the service decides."""
        if not request.user.has_perm(f"inventory.change_{self.opts.model_name}"):
            return False
        rows = self.model.objects.filter(pk=object_id) if object_id else self.model.objects.none()
        return request.method == "POST" or rows.filter(status=open_status).exists()

    def carry_out(
        self, request: HttpRequest, object_id: str, service: Callable[[], Any]
    ) -> HttpResponse:
        """Run a service and return to the page, with what it refused or did."""
        try:
            row = service()
        except DomainError as refusal:
            messages.error(request, refusal.detail)
        else:
            messages.success(request, f"Done: {row.get_status_display().lower()}.")
        page = f"admin:inventory_{self.opts.model_name}_change"
        return back_to(request, reverse(page, args=[object_id]))
