"""A small shop with one of everything, for tests that call every route."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.tests.factories import AddressFactory, UserFactory
from cart.tests.factories import cart_of, fill_cart, sellable
from catalog.models import AttributeDefinition, ProductImage
from catalog.tests.factories import BrandFactory, VariantFactory
from config.access_table import Route
from inventory.models import Location
from orders.tests.factories import pay, place, shipping_method
from payments.tests.factories import paid

UNKNOWN_ID = "0198f3a2-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Shop:
    """``keys``: collection → what its things are addressed by; ``values``: property → id."""

    keys: Mapping[str, Any]
    values: Mapping[str, Any]


NOWHERE = Shop(keys={}, values={})


def address_of(route: Route, shop: Shop = NOWHERE) -> str:
    """Return the path of ``route`` to what is in ``shop``, otherwise to what nothing has."""
    return re.sub(
        r"([\w-]+)/{\w+}",
        lambda found: f"{found[1]}/{shop.keys.get(found[1], UNKNOWN_ID)}",
        route.path,
    )


def furnish(owner: User) -> Shop:
    """Make one of everything; what belongs to a customer belongs to ``owner``."""
    variant = sellable(stocked=100)
    VariantFactory.create(product=variant.product)
    product, location = variant.product, Location.objects.get()
    brand = BrandFactory.create()
    order, open_order = pay(place(owner, [(variant, 2)])), place(owner, [(variant, 1)])
    item = cart_of(fill_cart(owner, (variant, 1))).items.get()
    attribute = AttributeDefinition.objects.create(
        category=product.category, name="pages", label="Pages", type="number"
    )
    keys = {
        "attributes": attribute.pk,
        "addresses": AddressFactory.create(user=owner).pk,
        "brands": brand.slug,
        "categories": product.category.slug,
        "images": ProductImage.objects.create(product=product, image="products/none.png").pk,
        "items": item.pk,
        "locations": location.pk,
        "orders": order.number,
        "payments": paid(open_order).pk,
        "products": product.slug,
        "users": UserFactory.create().pk,
        "variants": variant.pk,
        "webhooks": "test",
    }
    values = {
        "brand": brand.slug,
        "category": product.category.slug,
        "location": location.pk,
        "order": order.pk,
        "parent": product.category.slug,
        "product": product.pk,
        "shipping_method": shipping_method().pk,
        "variant": variant.pk,
    }
    return Shop(keys, values)


def furnished(value: Any, shop: Shop) -> Any:
    """Return an example body about the things of ``shop``."""
    if isinstance(value, list):
        return [furnished(part, shop) for part in value]
    if isinstance(value, dict):
        return {
            name: str(shop.values[name]) if name in shop.values else furnished(part, shop)
            for name, part in value.items()
        }
    return value
