"""From what a caller names, a product or a variant, to what can be bought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from catalog import selectors as catalog_selectors
from catalog.models import ProductVariant
from core.errors import InvalidInput
from pricing import selectors as pricing_selectors
from pricing.totals import PriceBreak, unit_price_of


class UnknownItem(InvalidInput):
    """No product or variant that is for sale has this id."""

    code = "unknown_item"
    title = "There is no such product or variant for sale."


class NotForSale(InvalidInput):
    """Something in the cart has been taken off the shop since it was put in."""

    code = "not_for_sale"
    status = 409
    title = "Something in the cart is no longer for sale."


@dataclass(frozen=True)
class RequestedItem:
    """So many units of a variant, or of a product's first variant.

    ``pointer`` is where it stands in the request's body.
    """

    quantity: int
    product_id: UUID | None = None
    variant_id: UUID | None = None
    pointer: str = "#"


@dataclass(frozen=True)
class Choice:
    """A variant, loaded with its product, how many units of it, and its price breaks."""

    variant: ProductVariant
    quantity: int
    breaks: Sequence[PriceBreak] = ()

    @property
    def unit_price(self) -> Decimal:
        """What each of the units costs, in the variant's currency."""
        return unit_price_of(self.quantity, price=self.variant.price, breaks=self.breaks)


def choose_variants(*, items: Sequence[RequestedItem]) -> list[Choice]:
    """Return what can be bought of what is ``items``, each variant once, quantities joined.

    One query. Raises UnknownItem, pointing at the culprit.
    """
    products = {one.product_id for one in items if one.product_id and not one.variant_id}
    variants = catalog_selectors.purchasable_variants(
        {one.variant_id for one in items if one.variant_id}, products
    )
    firsts = _first_by_product(variants.values())
    asked = [one.variant_id or (one.product_id and firsts.get(one.product_id)) for one in items]
    quantities: dict[UUID, int] = {}
    for one, variant_id in zip(items, asked, strict=True):
        if variant_id is None or variant_id not in variants:
            raise UnknownItem(pointer=f"{one.pointer}/{_kind(one)}")
        if one.variant_id and one.product_id not in {None, variants[variant_id].product_id}:
            raise UnknownItem(
                "This is not a variant of that product.", pointer=f"{one.pointer}/variant"
            )
        quantities[variant_id] = quantities.get(variant_id, 0) + one.quantity
    return [Choice(variants[variant_id], units) for variant_id, units in quantities.items()]


def with_breaks(*, choices: Sequence[Choice], customer: User | None) -> list[Choice]:
    """Return the choices with the price breaks that a customer (None: a guest) enjoys: one query.

    Those of a cart have them already, from ``selectors.items_of``.
    """
    breaks = pricing_selectors.breaks_for(
        [choice.variant.id for choice in choices], customer_id=customer.pk if customer else None
    )
    return [replace(choice, breaks=breaks[choice.variant.id]) for choice in choices]


def _kind(one: RequestedItem) -> str:
    return "variant" if one.variant_id else "product"


def _first_by_product(variants: Iterable[ProductVariant]) -> dict[UUID, UUID]:
    """Return of each product the first of these variants."""
    ordered = sorted(variants, key=lambda one: (one.position, one.pk), reverse=True)
    return {variant.product_id: variant.pk for variant in ordered}
