"""What goes on in the demo shop's stock: goods on their way, a count, what is awaited."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from catalog.models import ProductVariant
from demo.seeding.step import Step
from demo.seeding.stock import SHOP, WAREHOUSE
from inventory import services
from inventory.models import BackorderRule, Location, StockCount, StockItem, Transfer
from inventory.services import NewTransfer
from shipping.models import ShippingMethod, ShippingZone

REORDER_AT = 3
WATCHED = 60
PLENTIFUL = 20
MOVED, MOVED_OF_EACH = 4, 2
COUNTED = 5
AWAITED_BOOKS = 3
PICKUP = "Fetch in the shop"


def _in_warehouse() -> list[StockItem]:
    """Return some of what there is plenty of in the warehouse."""
    items = StockItem.objects.filter(location__code=WAREHOUSE["code"], on_hand__gte=PLENTIFUL)
    return list(items.order_by("variant__sku")[: MOVED + COUNTED])


def missing_reorder_points() -> Sequence[StockItem]:
    if StockItem.objects.filter(reorder_point__gt=0).exists():
        return []
    items = StockItem.objects.filter(location__code=WAREHOUSE["code"])
    return list(items.order_by("variant__sku")[:WATCHED])


def make_reorder_point(item: StockItem) -> None:
    services.set_reorder_point(item_id=item.pk, reorder_point=REORDER_AT)


def missing_transfers() -> Sequence[Sequence[StockItem]]:
    goods = _in_warehouse()[:MOVED]
    return [] if Transfer.objects.exists() or not goods else [goods]


def make_transfer(goods: Sequence[StockItem]) -> None:
    places = dict(Location.objects.values_list("code", "pk"))
    new = NewTransfer(
        source_id=places[WAREHOUSE["code"]],
        destination_id=places[SHOP["code"]],
        units={item.variant_id: MOVED_OF_EACH for item in goods},
        note="For the window",
    )
    services.start_transfer(new=new, actor=None)


def missing_counts() -> Sequence[Sequence[StockItem]]:
    goods = _in_warehouse()[MOVED:]
    return [] if StockCount.objects.exists() or not goods else [goods]


@transaction.atomic
def make_count(goods: Sequence[StockItem]) -> None:
    """Count some books, of the first of which one is missing; nobody has confirmed it yet."""
    location_id = goods[0].location_id
    count = services.start_count(location_id=location_id, note="First shelf", actor=None)
    units = {item.variant_id: item.on_hand - (item == goods[0]) for item in goods}
    services.record_count(count_id=count.pk, units=units)


def missing_backorders() -> Sequence[ProductVariant]:
    """Return books that are sold out, of which more are due."""
    if BackorderRule.objects.exists():
        return []
    sold_out = ProductVariant.objects.filter(in_stock=False, is_digital=False)
    return list(sold_out.order_by("sku")[:AWAITED_BOOKS])


def make_backorder(variant: ProductVariant) -> None:
    due = timezone.localdate() + timedelta(days=30)
    services.allow_backorders(variant_id=variant.pk, maximum=10, expected_on=due)


def missing_pickup() -> Sequence[ShippingZone]:
    if ShippingMethod.all_objects.filter(name=PICKUP).exists():
        return []
    return list(ShippingZone.objects.filter(zone_countries__country=SHOP["country"]))


def make_pickup(zone: ShippingZone) -> None:
    """Let goods be fetched in the shop."""
    ShippingMethod.objects.create(
        zone=zone,
        name=PICKUP,
        price=Decimal(0),
        minimum_days=0,
        maximum_days=2,
        position=9,
        pickup_location=Location.objects.get(code=SHOP["code"]),
    )


STEPS = (
    Step("Reorder points", missing_reorder_points, make_reorder_point),
    Step("Transfers", missing_transfers, make_transfer),
    Step("Counts", missing_counts, make_count),
    Step("Back-orders", missing_backorders, make_backorder),
    Step("Pickup", missing_pickup, make_pickup),
)
