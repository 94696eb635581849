"""Comparing a day of our books with the provider's own, and keeping what was found."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction as database

from core import jobs
from core.errors import DomainError, InvalidInput
from core.shop_days import day_of, start_of
from payments import selectors
from payments.comparison import Books, Pair, pairs_of
from payments.gateways import UnknownProvider, gateway_of, providers
from payments.gateways.base import Capability, GatewayTimeout, GatewayUnavailable, Movement
from payments.models import DayReport, DayReportRow, Finding
from payments.services.fees import write_fee

# A webhook or reconciliation may tell today of what moved days ago.
RECORDED_LATE: Final = timedelta(days=3)
_BATCH: Final = 1000


class NoStatements(InvalidInput):
    """The provider has no books that could be read, such as cash on delivery."""

    code = "no_statements"
    title = "This payment provider does not tell what it has booked."


class DayNotOver(InvalidInput):
    """The day has not ended yet."""

    code = "day_not_over"
    title = "Only a day that is over can be compared."


class StatementUnavailable(DomainError):
    """The provider could not be asked; what was found before stays."""

    code = "provider_unavailable"
    status = 503
    title = "The payment provider cannot be reached."


COMPARE_DAY_ERRORS: Final = (UnknownProvider, NoStatements, DayNotOver, StatementUnavailable)


def providers_with_statements() -> list[str]:
    """Return the codes of the accepted providers whose books can be read."""
    gateways = providers()
    return [gateway.code for gateway in gateways if Capability.STATEMENTS in gateway.capabilities]


def compare_yesterday(*, now: datetime) -> None:
    """Write a job for each provider that compares the day before ``now``, of the shop's days."""
    yesterday = day_of(now) - timedelta(days=1)
    for provider in providers_with_statements():
        jobs.configure_task("payments.tasks.compare_day", queue="payments").defer(
            provider=provider, day=yesterday.isoformat()
        )


def compare_day(*, provider: str, day: date, now: datetime) -> DayReport:
    """Compare what moved by our books with the provider's, and keep the report.

    ``day`` is one of the shop's days.
    Fees that were not known yet are written. A report of the day that exists is replaced, at
    once; two at a time wait for each other. Must not be called inside a transaction.
    """
    since, until = start_of(day), start_of(day + timedelta(days=1))
    if Capability.STATEMENTS not in gateway_of(provider).capabilities:
        raise NoStatements(pointer="#/provider")
    if until > now:
        raise DayNotOver(pointer="#/day")
    theirs = _movements(provider, since, until)
    books = Books(selectors.transactions_matching(provider, theirs))
    ours = selectors.money_moved(provider=provider, since=since, until=until)
    pairs = _without_earlier(provider, since, pairs_of(ours, theirs, books))
    for pair in pairs:
        if pair.ours and pair.ours.fee is None and pair.theirs and pair.theirs.fee:
            write_fee(transaction_id=pair.ours.pk, fee=pair.theirs.fee)
    return _write(provider, day, now, pairs)


def _movements(provider: str, since: datetime, until: datetime) -> list[Movement]:
    try:
        return list(gateway_of(provider).movements(since=since, until=until))
    except (GatewayTimeout, GatewayUnavailable) as error:
        raise StatementUnavailable from error


def _without_earlier(provider: str, since: datetime, pairs: list[Pair]) -> list[Pair]:
    """Leave out what moved on an earlier day and was learnt on this one: it is in that report."""
    alone = [pair.ours for pair in pairs if pair.ours and pair.theirs is None]
    if not alone:
        return pairs
    books = Books(alone)
    for movement in _movements(provider, since - RECORDED_LATE, since):
        books.take(movement)
    return [pair for pair in pairs if pair.ours is None or pair.ours.pk not in books.found]


@database.atomic(durable=True)
def _write(provider: str, day: date, now: datetime, pairs: list[Pair]) -> DayReport:
    DayReport.objects.get_or_create(provider=provider, day=day, defaults={"compared_at": now})
    report = DayReport.objects.select_for_update().get(provider=provider, day=day)
    DayReportRow.objects.filter(report=report).delete()
    rows = [_row(report, pair) for pair in pairs]
    DayReportRow.objects.bulk_create(rows, batch_size=_BATCH)
    report.compared_at = now
    report.agreeing = sum(row.finding == Finding.AGREES for row in rows)
    report.differing = len(rows) - report.agreeing
    report.save(update_fields=["compared_at", "agreeing", "differing"])
    return report


def _row(report: DayReport, pair: Pair) -> DayReportRow:
    row = DayReportRow(report=report, finding=pair.finding, transaction=pair.ours)
    if ours := pair.ours:
        row.kind, row.reference, row.at = ours.kind, ours.reference, ours.finished_at or ours.at
        row.our_amount, row.our_currency = ours.amount, ours.payment.currency
        row.fee, row.fee_currency = ours.fee, ours.fee_currency
    if theirs := pair.theirs:
        row.kind, row.reference, row.at = theirs.kind, theirs.references[0], theirs.at
        row.their_amount, row.their_currency = theirs.amount, theirs.currency
        if theirs.fee:
            row.fee, row.fee_currency = theirs.fee.amount, theirs.fee.currency
    return row
