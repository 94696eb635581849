"""A refund of the demo, and its last days compared with the books of the test gateway."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from demo.people import CUSTOMER
from demo.seeding.step import Step
from orders.models import OrderLine
from payments.models import DayReport, Payment, RefundLine
from payments.services import staff, statements
from payments.services.staff import StaffRequest

DAYS = 7
PROVIDER = "test"
CLERK = "orders@example.com"


def missing_reports() -> Sequence[date]:
    """Return those of the last days that nobody has compared, the oldest first."""
    if PROVIDER not in statements.providers_with_statements():
        return []
    today = timezone.now().astimezone(UTC).date()
    days = [today - timedelta(days=ago) for ago in range(DAYS, 0, -1)]
    known = DayReport.objects.filter(provider=PROVIDER, day__in=days).values_list("day", flat=True)
    return [day for day in days if day not in set(known)]


def make_report(day: date) -> None:
    statements.compare_day(provider=PROVIDER, day=day, now=timezone.now())


def missing_refunds() -> Sequence[Payment]:
    """Return the known customer's oldest payment, unless units of it were refunded."""
    if RefundLine.objects.exists():
        return []
    payments = Payment.objects.filter(order__customer__email=CUSTOMER, provider=PROVIDER)
    return list(payments.order_by("created_at", "id")[:1])


def make_refund(payment: Payment) -> None:
    line = OrderLine.objects.filter(order=payment.order_id).order_by("position")[0]
    clerk = User.objects.get(email=CLERK)
    reason = "The cover was torn."
    staff.refund_payment(request=StaffRequest(payment.pk, clerk, reason=reason, items={line.pk: 1}))


STEPS: tuple[Step[Any], ...] = (
    Step("Refunds", missing_refunds, make_refund),
    Step("Reconciliation", missing_reports, make_report),
)
