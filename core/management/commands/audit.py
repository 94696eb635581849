"""``manage.py audit``: does every identity of the domain hold?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import track
from rich.table import Table

from core.audit import Discrepancy, Identity, identities


class Command(BaseCommand):
    """Recomputes every derived figure and prints each discrepancy; exits 1 if there is any."""

    help = "Check every identity over the whole database; exit 1 on any discrepancy."

    def handle(self, *_args: Any, **_options: Any) -> None:
        console = Console(file=self.stdout)  # type: ignore[arg-type]  # OutputWrapper is a TextIO in all but name
        checks = identities()
        steps = track(
            checks, "Auditing", console=console, transient=True, disable=not sys.stdout.isatty()
        )
        found = {identity: list(identity.check()) for identity in steps}
        broken = {identity: rows for identity, rows in found.items() if rows}
        for identity, discrepancies in broken.items():
            console.print(_table(identity, discrepancies))
        console.print(f"{len(checks)} identities checked, {len(broken)} broken.")
        if broken:
            sys.exit(1)


def _table(identity: Identity, discrepancies: list[Discrepancy]) -> Table:
    table = Table("Row", "Expected", "Found", title=f"{identity.app}: {identity.statement}")
    for discrepancy in discrepancies:
        table.add_row(discrepancy.subject, discrepancy.expected, discrepancy.found)
    return table
