from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.models import Product, ProductVariant
from shipping.models import ShippingMethod


@dataclass(frozen=True)
class Goods:
    """What the catalog holds that callers ask for; nobody buys ``last_units`` but in the race."""

    slugs: Sequence[str]
    names: Sequence[str]
    variants: Sequence[str]
    last_units: str
    shipping_method: str


def find_goods() -> Goods:
    products = Product.objects.filter(is_active=True).order_by("id")
    shipped = ProductVariant.objects.filter(is_digital=False).order_by("id")
    *variants, last_units = (str(key) for key in shipped.values_list("pk", flat=True))
    return Goods(
        slugs=list(products.values_list("slug", flat=True)),
        names=list(products.values_list("name", flat=True)),
        variants=variants,
        last_units=last_units,
        shipping_method=str(ShippingMethod.objects.order_by("position", "id")[0].pk),
    )
