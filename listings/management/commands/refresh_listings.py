"""Recompute every copy that lists sort and filter by."""

from __future__ import annotations

import itertools
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import Progress

from catalog.models import Product, ProductVariant
from catalog.services import listing
from inventory.services.listings import refresh_availability

BATCH = 1000


class Command(BaseCommand):
    """Recompute prices, availability and stock figures of all products."""

    help = "Recompute prices, availability and stock figures of all products."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Refresh the products in batches, each in two transactions of its own."""
        products = Product.objects.order_by("pk").values_list("pk", flat=True)
        count = products.count()
        ids = iter(products.iterator())
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("Refreshing", total=count)
            while batch := list(itertools.islice(ids, BATCH)):
                variants = ProductVariant.objects.filter(product_id__in=batch)
                refresh_availability(variant_ids=list(variants.values_list("pk", flat=True)))
                listing.refresh_products(product_ids=batch)
                progress.advance(task, len(batch))
        self.stdout.write(f"{count} products refreshed.")
