"""From what a caller names, a product or a variant, to what can be bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from cart.basket import BasketLine
from catalog import selectors as catalog_selectors
from core.errors import InvalidInput
from core.models import new_id


class UnknownItem(InvalidInput):
    code = "unknown_item"
    title = "There is no such product or variant for sale."
    at = "#/items/0/variant"


class NotForSale(InvalidInput):
    """Something in the cart has been taken off the shop since it was put in."""

    code = "not_for_sale"
    status = 409
    title = "Something in the cart is no longer for sale."
    example: ClassVar = {"variants": ["0198f3a2-c5d1-7e3b-9a4f-6c8d0e2b4a61"]}
    remedy = "Take the `variants` out of the cart or order."


@dataclass(frozen=True)
class RequestedItem:
    """So many units of a variant, or of a product's first variant.

    ``pointer`` is where it stands in the request's body.
    """

    quantity: int
    product_id: UUID | None = None
    variant_id: UUID | None = None
    pointer: str = "#"


CHOOSE_VARIANTS_ERRORS: Final = (UnknownItem,)


def choose_variants(*, items: Sequence[RequestedItem]) -> list[BasketLine]:
    """Return what can be bought of ``items``, each variant once, quantities joined: one query.

    Lines of a product's first variant are found by the product. An error points at the item.
    """
    products = {item.product_id for item in items if item.product_id and not item.variant_id}
    variants = catalog_selectors.purchasable_variants(
        {item.variant_id for item in items if item.variant_id}, products
    )
    in_reverse = sorted(variants.values(), key=lambda found: (found.position, found.pk))[::-1]
    first_of_product = {variant.product_id: variant.pk for variant in in_reverse}
    quantities: dict[UUID, int] = {}
    for item in items:
        variant_id, kind = item.variant_id, "variant"
        if variant_id is None:
            variant_id, kind = item.product_id and first_of_product.get(item.product_id), "product"
        if variant_id is None or variant_id not in variants:
            raise UnknownItem(pointer=f"{item.pointer}/{kind}")
        if item.variant_id and item.product_id not in {None, variants[variant_id].product_id}:
            raise UnknownItem(
                "This is not a variant of that product.", pointer=f"{item.pointer}/variant"
            )
        quantities[variant_id] = quantities.get(variant_id, 0) + item.quantity
    return [
        BasketLine(
            id=new_id(),
            variant=variants[variant_id],
            quantity=quantity,
            price_seen=variants[variant_id].price,
        )
        for variant_id, quantity in quantities.items()
    ]
