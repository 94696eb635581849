"""Transfers between locations and stock-taking."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldBooleanSwitchWidget

from accounts.models import User
from core.admin import ServiceAdmin, back_to, dialog
from core.errors import DomainError
from inventory import services
from inventory.admin.goods import GoodsField
from inventory.models import (
    CountLine,
    CountStatus,
    StockCount,
    Transfer,
    TransferLine,
    TransferStatus,
)
from inventory.services import NewTransfer


class LineInline(TabularInline):
    """What a transfer or count holds; it is written by services."""

    verbose_name_plural = "Goods"
    hide_title = True
    extra = 0
    can_delete = False
    per_page = 100
    readonly_fields: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the lines by SKU."""
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
        """Return the variant's SKU."""
        return str(line.variant.sku)

    @display(description="Product")
    def product(self, line: Any) -> str:
        """Return the product's name."""
        return str(line.variant.product.name)


class TransferLineInline(LineInline):
    """The goods of a transfer."""

    model = TransferLine
    fields: ClassVar = ("sku", "product", "quantity")
    readonly_fields = ("sku", "product", "quantity")


class CountLineInline(LineInline):
    """What was counted, and how that differs from the books."""

    model = CountLine
    fields: ClassVar = ("sku", "product", "expected", "counted", "difference", "updated_at")
    readonly_fields = ("sku", "product", "expected", "counted", "difference", "updated_at")

    @display(description="Difference")
    def difference(self, line: CountLine) -> str:
        """Return how many units more or fewer there were."""
        return f"{line.difference:+d}" if line.difference else "0"


class TransferForm(forms.ModelForm):  # type: ignore[type-arg]  # generic to the checker only
    """Says what goes where."""

    goods = GoodsField()
    is_immediate = forms.BooleanField(
        label="Has arrived already", required=False, widget=UnfoldBooleanSwitchWidget
    )

    class Meta:
        model = Transfer
        fields = ("source", "destination", "note")

    def clean(self) -> dict[str, Any]:
        """Refuse to move goods to where they are."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("source") and data.get("source") == data.get("destination"):
            self.add_error("destination", "Choose another location.")
        return data


class WrittenByServices(ServiceAdmin):
    """A page whose rows are made by a form, then only moved on by actions."""

    actions_detail: ClassVar[tuple[str, ...]] = ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They are history."""
        return False

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Show the lines of what exists."""
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


def actor_of(request: HttpRequest) -> User | None:
    """Return who is signed in."""
    return request.user if isinstance(request.user, User) else None


@admin.register(Transfer)
class TransferAdmin(WrittenByServices):
    """Goods that go from one location to another."""

    form = TransferForm
    list_display: ClassVar = ("__str__", "state", "units", "note", "created_by", "created_at")
    list_filter: ClassVar = ("status", "source", "destination")
    list_select_related: ClassVar = ("source", "destination", "created_by")
    search_fields: ClassVar = ("lines__variant__sku", "note")
    ordering: ClassVar = ("-created_at", "-id")
    inlines: ClassVar = (TransferLineInline,)
    actions_detail: ClassVar = ("receive", "cancel")
    _page: ClassVar = (
        ("source", "destination"),
        ("state", "note"),
        ("created_by", "created_at", "finished_at"),
    )
    readonly_fields: ClassVar = (
        "source",
        "destination",
        "state",
        "note",
        "created_by",
        "created_at",
        "finished_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transfer]:
        """Return the transfers with how many units they move."""
        rows: QuerySet[Transfer] = super().get_queryset(request)
        return rows.annotate(unit_count=Sum("lines__quantity", default=0))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what is under way, or ask what is to go."""
        asked = (("source", "destination"), "goods", ("note", "is_immediate"))
        return self._page if obj else asked

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Ask only for what is new."""
        if obj:
            kwargs |= {"form": forms.ModelForm, "fields": ()}
        return super().get_form(request, obj, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep what is under way as it is."""
        return self.readonly_fields if obj else ()

    @display(
        description="Status",
        ordering="status",
        label={
            TransferStatus.IN_TRANSIT: "info",
            TransferStatus.RECEIVED: "success",
            TransferStatus.CANCELLED: "warning",
        },
    )
    def state(self, transfer: Transfer) -> str:
        """Return the status."""
        return transfer.status

    @display(description="Units")
    def units(self, transfer: Any) -> int:
        """Return how many units it moves."""
        return int(transfer.unit_count)

    def save_model(self, request: HttpRequest, obj: Transfer, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Send the goods; a transfer that exists is changed by its actions alone."""
        if change:
            return
        data = form.cleaned_data
        new = NewTransfer(
            source_id=data["source"].pk,
            destination_id=data["destination"].pk,
            units=data["goods"],
            note=data["note"],
            is_immediate=data["is_immediate"],
        )
        obj.pk = services.start_transfer(new=new, actor=actor_of(request)).pk

    @action(
        description="Received",
        permissions=["move"],
        icon="inventory",
        dialog=dialog("The goods have arrived", "They go on stock there.", "Receive"),
    )
    def receive(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Put the goods on stock at their destination."""
        service = partial(
            services.receive_transfer, transfer_id=UUID(object_id), actor=actor_of(request)
        )
        return self.carry_out(request, object_id, service)

    @action(
        description="Cancel",
        permissions=["move"],
        icon="undo",
        dialog=dialog("Cancel this transfer", "The goods go back on stock.", "Cancel the transfer"),
    )
    def cancel(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Put the goods back where they came from."""
        service = partial(
            services.cancel_transfer, transfer_id=UUID(object_id), actor=actor_of(request)
        )
        return self.carry_out(request, object_id, service)

    def has_move_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Tell whether this member of staff can receive or cancel the transfer."""
        return self.may_move_on(request, object_id, TransferStatus.IN_TRANSIT)


class CountForm(forms.ModelForm):  # type: ignore[type-arg]  # generic to the checker only
    """Says what was counted where; more can be added while the count is open."""

    goods = GoodsField(label="Counted now", required=False)

    class Meta:
        model = StockCount
        fields = ("location", "note")


@admin.register(StockCount)
class StockCountAdmin(WrittenByServices):
    """Stock-taking: count, look at the differences, confirm."""

    form = CountForm
    list_display: ClassVar = ("__str__", "state", "line_count", "off", "created_by", "created_at")
    list_filter: ClassVar = ("status", "location")
    list_select_related: ClassVar = ("location", "created_by")
    search_fields: ClassVar = ("lines__variant__sku", "note")
    ordering: ClassVar = ("-created_at", "-id")
    inlines: ClassVar = (CountLineInline,)
    actions_detail: ClassVar = ("confirm", "discard")
    readonly_fields: ClassVar = ("location", "state", "note", "created_by", "finished_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockCount]:
        """Return the counts with how many lines differ from the books."""
        rows: QuerySet[StockCount] = super().get_queryset(request)
        is_off = ~Q(lines__counted=F("lines__expected"))
        return rows.annotate(counted_lines=Count("lines"), lines_off=Count("lines", filter=is_off))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for more while the count is open."""
        if obj is None:
            return (("location", "note"), "goods")
        page = (("location", "note"), ("state", "created_by", "finished_at"))
        return (*page, "goods") if self._is_open(request, obj) else page

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Ask for nothing once the count is finished."""
        if obj and not self._is_open(request, obj):
            kwargs |= {"form": forms.ModelForm, "fields": ()}
        return super().get_form(request, obj, **kwargs)

    def _is_open(self, request: HttpRequest, count: StockCount) -> bool:
        return count.status == CountStatus.OPEN and self.has_change_permission(request, count)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep where it takes place."""
        return self.readonly_fields if obj else ()

    @display(
        description="Status",
        ordering="status",
        label={CountStatus.OPEN: "info", CountStatus.CONFIRMED: "success"},
    )
    def state(self, count: StockCount) -> str:
        """Return the status."""
        return count.status

    @display(description="Counted")
    def line_count(self, count: Any) -> int:
        """Return how many variants were counted."""
        return int(count.counted_lines)

    @display(description="Differences")
    def off(self, count: Any) -> int:
        """Return how many of them differ from the books."""
        return int(count.lines_off)

    def save_model(self, request: HttpRequest, obj: StockCount, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Begin the count, or note what was counted meanwhile."""
        data = form.cleaned_data
        if not change:
            begun = services.start_count(
                location_id=data["location"].pk, note=data["note"], actor=actor_of(request)
            )
            obj.pk = begun.pk
        if data.get("goods"):
            services.record_count(count_id=obj.pk, units=data["goods"])

    @action(
        description="Confirm",
        permissions=["finish"],
        icon="check",
        dialog=dialog(
            "Confirm this count",
            "Stock changes by the differences; what came and went since the counting stays.",
            "Confirm",
        ),
    )
    def confirm(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Let stock follow the count."""
        service = partial(services.confirm_count, count_id=UUID(object_id), actor=actor_of(request))
        return self.carry_out(request, object_id, service)

    @action(
        description="Discard",
        permissions=["finish"],
        icon="delete",
        dialog=dialog("Discard this count", "Stock stays as it is.", "Discard"),
    )
    def discard(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Drop the count."""
        service = partial(services.discard_count, count_id=UUID(object_id))
        return self.carry_out(request, object_id, service)

    def has_finish_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Tell whether this member of staff can finish the count."""
        return self.may_move_on(request, object_id, CountStatus.OPEN)
