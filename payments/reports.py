"""The report of a day as a table, for files and terminals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from core.csv_files import csv_line
from core.money import quantize
from payments.models import DayReport, DayReportRow

COLUMNS: Final = (
    "Day",
    "Provider",
    "Finding",
    "Kind",
    "Order",
    "Reference",
    "At",
    "Our amount",
    "Our currency",
    "Their amount",
    "Their currency",
    "Fee",
    "Fee currency",
)


def csv_of(report: DayReport, rows: Iterable[DayReportRow]) -> Iterator[str]:
    """Yield a report line by line; no cell is a formula to a spreadsheet."""
    yield csv_line(COLUMNS)
    for row in rows:
        yield csv_line((report.day.isoformat(), report.provider, *cells_of(row)))


def cells_of(row: DayReportRow) -> tuple[str, ...]:
    """Return a row's texts, as the columns after day and provider name them."""
    return (
        row.get_finding_display(),
        row.kind,
        row.transaction.payment.order.number if row.transaction else "",
        row.reference,
        row.at.isoformat(timespec="seconds"),
        _amount(row.our_amount, row.our_currency),
        row.our_currency,
        _amount(row.their_amount, row.their_currency),
        row.their_currency,
        _amount(row.fee, row.fee_currency),
        row.fee_currency,
    )


def _amount(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else f"{quantize(amount, currency):f}"
