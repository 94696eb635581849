"""``manage.py compare_day``: our books against the providers', for one day."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import IO, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from core.errors import DomainError
from payments import selectors
from payments.models import DayReport
from payments.reports import COLUMNS, cells_of, csv_of
from payments.services import statements


class Command(BaseCommand):
    """Compares a day with one provider or with all, and fails when anything differs."""

    help = "Compare what moved on a day (UTC) by our books with what the providers booked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, help="YYYY-MM-DD; else yesterday")
        parser.add_argument("--provider", default="", help="else every provider that keeps books")
        parser.add_argument("--csv", type=Path, help="a file for the report, all rows of it")

    def handle(
        self, *, day: date | None, provider: str, csv: Path | None, **_options: object
    ) -> None:
        """Compare, print the differences, and exit with 1 when there are any."""
        day = day or timezone.now().astimezone(UTC).date() - timedelta(days=1)
        chosen = [provider] if provider else statements.providers_with_statements()
        reports = [self._compare(code, day) for code in chosen]
        if csv:
            with csv.open("w", encoding="utf-8", newline="") as file:
                for report in reports:
                    file.writelines(csv_of(report, selectors.rows_of_report(report)))
        if differing := sum(report.differing for report in reports):
            raise CommandError(f"{differing} differences.", returncode=1)

    def _compare(self, provider: str, day: date) -> DayReport:
        try:
            report = statements.compare_day(provider=provider, day=day, now=timezone.now())
        except DomainError as error:
            raise CommandError(f"{provider}: {error.detail}", returncode=2) from error
        table = Table(*COLUMNS[2:], title=f"{provider}, {day}", box=SIMPLE)
        for row in selectors.rows_of_report(report):
            table.add_row(*cells_of(row))
        console = Console(file=cast("IO[str]", self.stdout), highlight=False, width=200)
        console.print(table)
        console.print(f"{report.agreeing} agree, {report.differing} differ.")
        return report
