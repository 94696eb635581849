"""Stock-taking: count, look at the differences, confirm."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display

from core.admin import ModelForm, dialog
from inventory import services
from inventory.admin.documents import DocumentAdmin, LineInline, actor_of
from inventory.admin.sku_lines import SkuLinesField
from inventory.models import CountLine, CountStatus, StockCount


class CountLineInline(LineInline):
    model = CountLine
    fields: ClassVar = ("sku", "product", "expected", "counted", "difference", "updated_at")
    readonly_fields = ("sku", "product", "expected", "counted", "difference", "updated_at")

    @display(description="Difference")
    def difference(self, line: CountLine) -> str:
        return f"{line.difference:+d}" if line.difference else "0"


class CountForm(ModelForm):
    lines = SkuLinesField(label="Counted now", required=False)

    class Meta:
        model = StockCount
        fields = ("location", "note")


@admin.register(StockCount)
class StockCountAdmin(DocumentAdmin):
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
        rows: QuerySet[StockCount] = super().get_queryset(request)
        is_off = ~Q(lines__counted=F("lines__expected"))
        return rows.annotate(counted_lines=Count("lines"), lines_off=Count("lines", filter=is_off))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return (("location", "note"), "lines")
        page = (("location", "note"), ("state", "created_by", "finished_at"))
        return (*page, "lines") if self._is_open(request, obj) else page

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        if obj and not self._is_open(request, obj):
            kwargs |= {"form": ModelForm, "fields": ()}
        return super().get_form(request, obj, **kwargs)

    def _is_open(self, request: HttpRequest, count: StockCount) -> bool:
        return count.status == CountStatus.OPEN and self.has_change_permission(request, count)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    @display(
        description="Status",
        ordering="status",
        label={CountStatus.OPEN: "info", CountStatus.CONFIRMED: "success"},
    )
    def state(self, count: StockCount) -> str:
        return count.status

    @display(description="Counted")
    def line_count(self, count: Any) -> int:
        return int(count.counted_lines)

    @display(description="Differences")
    def off(self, count: Any) -> int:
        return int(count.lines_off)

    def create(self, request: HttpRequest, values: Any) -> StockCount:
        count = services.start_count(
            location_id=values["location"].pk, note=values["note"], actor=actor_of(request)
        )
        self.update(request, count, values)
        return count

    def update(self, request: HttpRequest, obj: StockCount, changes: Any) -> None:
        if changes.get("lines"):
            services.record_count(count_id=obj.pk, units=changes["lines"])

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
        service = partial(services.confirm_count, count_id=UUID(object_id), actor=actor_of(request))
        return self.carry_out(request, object_id, service)

    @action(
        description="Discard",
        permissions=["finish"],
        icon="delete",
        dialog=dialog("Discard this count", "Stock stays as it is.", "Discard"),
    )
    def discard(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        service = partial(services.discard_count, count_id=UUID(object_id))
        return self.carry_out(request, object_id, service)

    def has_finish_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.may_move_on(request, object_id, CountStatus.OPEN)
