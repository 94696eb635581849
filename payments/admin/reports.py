"""Our books against the providers', day by day, in the backoffice."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from core.admin import ReadOnlyAdmin, back_to, dialog
from core.errors import DomainError
from payments import selectors
from payments.admin.payments import NOTHING, may_act, money_text
from payments.models import DayReport, DayReportRow, Finding
from payments.reports import csv_of
from payments.services import statements

# How many rows a report's page shows; the file has all of them.
MOST_SHOWN: Final = 500


def yesterday() -> date:
    return timezone.now().astimezone(UTC).date() - timedelta(days=1)


def provider_choices() -> list[tuple[str, str]]:
    return [(code, code) for code in statements.providers_with_statements()]


class DayForm(BaseDialogForm):
    provider = forms.ChoiceField(widget=UnfoldAdminSelectWidget, choices=provider_choices)
    day = forms.DateField(
        initial=yesterday, widget=UnfoldAdminDateWidget, help_text="UTC; a day that is over."
    )


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("differs", "Differs"), ("agrees", "Agrees")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "differs":
            return queryset.filter(differing__gt=0)
        return queryset.filter(differing=0) if self.value() else queryset


@admin.register(DayReport)
class DayReportAdmin(ReadOnlyAdmin):
    """What comparing a day with a provider has found, differences first."""

    list_display: ClassVar = ("day", "provider", "state", "agreeing", "differing", "compared_at")
    list_filter: ClassVar = (StateFilter, "provider", ("day", RangeDateFilter))
    list_filter_submit = True
    search_fields: ClassVar = ("rows__reference", "rows__transaction__payment__order__number")
    search_help_text = "Reference or number of an order"
    ordering: ClassVar = ("-day", "provider", "id")
    fields: ClassVar = (("day", "provider"), ("agreeing", "differing"), "compared_at")
    change_form_after_template = "payments/admin/day_report.html"
    actions_list: ClassVar = ("compare",)
    actions_detail: ClassVar = ("download", "compare_again")

    def has_act_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return may_act(request)

    @display(description="State", label={"differs": "danger", "agrees": "success"})
    def state(self, report: DayReport) -> tuple[str, str]:
        if report.differing:
            return "differs", f"{report.differing} differ"
        return "agrees", "Agrees"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        report = self.get_object(request, object_id) if object_id else None
        context = {**(extra_context or {}), **(_rows_of(report) if report else {})}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response

    @action(
        description="Compare a day",
        permissions=["act"],
        icon="compare_arrows",
        dialog=dialog(
            "Compare a day",
            "The provider is asked for everything it booked on that day.",
            "Compare",
            DayForm,
        ),
    )
    def compare(self, request: HttpRequest, form: DayForm) -> HttpResponse:
        return _compare(request, form.cleaned_data["provider"], form.cleaned_data["day"])

    @action(
        description="Compare again",
        permissions=["act"],
        icon="compare_arrows",
        dialog=dialog("Compare this day again", "The report is replaced.", "Compare"),
    )
    def compare_again(
        self, request: HttpRequest, _form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        report = DayReport.objects.get(pk=object_id)
        return _compare(request, report.provider, report.day)

    @action(description="Download CSV", permissions=["view"], icon="download")
    def download(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        report = DayReport.objects.get(pk=object_id)
        rows = selectors.rows_of_report(report).iterator(chunk_size=MOST_SHOWN)
        name = f"reconciliation-{report.provider}-{report.day}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(
            csv_of(report, rows), content_type="text/csv; charset=utf-8", headers=headers
        )


def _rows_of(report: DayReport) -> dict[str, Any]:
    rows = [_shown(row) for row in selectors.rows_of_report(report)[:MOST_SHOWN]]
    total = report.agreeing + report.differing
    return {"rows": rows, "left_out": total - len(rows)}


def _shown(row: DayReportRow) -> dict[str, Any]:
    return {
        "finding": row.get_finding_display(),
        "differs": row.finding != Finding.AGREES,
        "kind": row.kind,
        "payment": row.transaction.payment if row.transaction else None,
        "reference": row.reference,
        "at": row.at,
        "ours": _money(row.our_amount, row.our_currency),
        "theirs": _money(row.their_amount, row.their_currency),
        "fee": _money(row.fee, row.fee_currency),
    }


def _money(amount: Decimal | None, currency: str) -> str:
    return NOTHING if amount is None else money_text(amount, currency)


def _compare(request: HttpRequest, provider: str, day: date) -> HttpResponse:
    try:
        report = statements.compare_day(provider=provider, day=day, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.detail)
        return back_to(request, reverse("admin:payments_dayreport_changelist"))
    told = f"{report.differing} differ" if report.differing else "Everything agrees"
    messages.success(request, f"Compared {report}: {told}.")
    return back_to(request, reverse("admin:payments_dayreport_change", args=[report.pk]))
