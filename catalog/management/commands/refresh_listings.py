"""Recompute every copy that lists sort and filter by."""

from __future__ import annotations

import itertools
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import Progress

from catalog.models import Product
from catalog.services import listing, recount_sales

BATCH = 1000


class Command(BaseCommand):
    """Recompute prices, availability, stock figures and sales of all products."""

    help = "Recompute prices, availability, stock figures and sales of all products."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Refresh the products in batches, each in a transaction of its own."""
        products = Product.objects.order_by("pk").values_list("pk", flat=True)
        count = products.count()
        ids = iter(products.iterator())
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("Refreshing", total=count)
            while batch := list(itertools.islice(ids, BATCH)):
                listing.refresh_products(product_ids=batch)
                progress.advance(task, len(batch))
        recount_sales()
        self.stdout.write(f"{count} products refreshed.")
