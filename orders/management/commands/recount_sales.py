"""Count anew what paid orders sold."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from orders.services.sales import recount_sales


class Command(BaseCommand):
    """Count anew what sells, and what sells together."""

    help = "Count anew what paid orders sold, for lists by popularity and related products."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Count all paid orders."""
        self.stdout.write(f"{recount_sales()} paid orders counted.")
