"""The demo shop's price lists: settings of a shop, which no service writes."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from catalog.models import ProductVariant
from core.money import quantize
from demo.people import CUSTOMERS
from demo.seeding.step import Step
from pricing.models import CustomerGroup, ListPrice, PriceList

GROUP = "Bookshops"
LISTED = 40  # editions of each list
# By the name of each list: from how many units on which share of the price is left.
LISTS = {
    "Prices for bookshops": {1: Decimal("0.80")},
    "Prices for reading circles": {5: Decimal("0.95"), 10: Decimal("0.90")},
}


def missing_lists() -> Sequence[str]:
    known = set(PriceList.all_objects.values_list("name", flat=True))
    return [name for name in LISTS if name not in known]


@transaction.atomic
def make_list(name: str) -> None:
    prices = PriceList.objects.create(name=name)
    if 1 in LISTS[name]:
        prices.group, _ = CustomerGroup.objects.get_or_create(name=GROUP)
        prices.group.members.add(User.objects.get(email=CUSTOMERS[-1].email))
        prices.save(update_fields=["group"])
    paper = ProductVariant.objects.filter(is_digital=False).order_by("sku")[:LISTED]
    ListPrice.objects.bulk_create(
        ListPrice(
            price_list=prices,
            variant=variant,
            minimum_quantity=units,
            price=quantize(variant.price * share, variant.currency),
        )
        for variant in paper
        for units, share in LISTS[name].items()
    )


STEPS = (Step("Price lists", missing_lists, make_list),)
