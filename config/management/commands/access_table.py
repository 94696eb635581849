"""``manage.py access_table``: write docs/access.md."""

from typing import Any

from django.core.management.base import BaseCommand

from config import access_table


class Command(BaseCommand):
    """Generates the table of who may call what from the rules in the code."""

    help = "Write docs/access.md, the table of who may call what, from the rules in the code."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        access_table.DOCUMENT.write_text(access_table.document(), "utf-8")
        self.stdout.write(f"Wrote {access_table.DOCUMENT.name}.")
