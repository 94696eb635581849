"""``manage.py state_diagrams``: write docs/order_states.md."""

from typing import Any

from django.core.management.base import BaseCommand

from orders import diagrams


class Command(BaseCommand):
    """Draws what may become of orders and returns from the tables in the code."""

    help = "Write docs/order_states.md, the state diagrams of orders and returns, from the code."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the document."""
        diagrams.DOCUMENT.write_text(diagrams.document(), "utf-8")
        self.stdout.write(f"Wrote {diagrams.DOCUMENT.name}.")
