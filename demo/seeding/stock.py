"""Where the demo shop's goods lie, and how many of them."""

from collections.abc import Sequence

from catalog.models import ProductVariant
from demo.library import DemoEdition, demo_books
from demo.seeding.step import Step
from inventory.models import Location, LocationKind, MovementReason, StockMovement
from inventory.services import locations, stock
from inventory.services.locations import LocationFields
from inventory.services.stock import Adjustment

WAREHOUSE = LocationFields(
    name="Portland warehouse",
    code="warehouse",
    kind=LocationKind.WAREHOUSE,
    country="US",
    priority=10,
)
SHOP = LocationFields(
    name="Powell Street shop", code="shop", kind=LocationKind.SHOP, country="US", priority=20
)
BATCH = 500


def missing_locations() -> Sequence[LocationFields]:
    known = set(Location.all_objects.values_list("code", flat=True))
    return [details for details in (WAREHOUSE, SHOP) if details["code"] not in known]


def make_location(details: LocationFields) -> None:
    locations.create_location(fields=details)


def missing_stock() -> Sequence[Sequence[DemoEdition]]:
    """Return the paper editions that have never been in stock, many at a time."""
    stocked = set(StockMovement.objects.values_list("stock_item__variant__sku", flat=True))
    editions = [
        edition
        for book in demo_books()
        for edition in book.editions
        if edition.warehouse_stock + edition.shop_stock and edition.sku not in stocked
    ]
    return [editions[start : start + BATCH] for start in range(0, len(editions), BATCH)]


def make_stock(editions: Sequence[DemoEdition]) -> None:
    """Receive the first delivery of these editions in both places."""
    places = dict(Location.objects.values_list("code", "pk"))
    by_sku = {edition.sku: edition for edition in editions}
    variants = ProductVariant.objects.filter(sku__in=by_sku).values_list("pk", "sku")
    rows = [
        Adjustment(variant_id, places[code], MovementReason.RECEIVED, delta=units)
        for variant_id, sku in variants
        for code, units in (
            (WAREHOUSE["code"], by_sku[sku].warehouse_stock),
            (SHOP["code"], by_sku[sku].shop_stock),
        )
        if units
    ]
    stock.adjust(rows=rows, actor=None)


STEPS = (
    Step("Locations", missing_locations, make_location),
    Step("Stock", missing_stock, make_stock),
)
