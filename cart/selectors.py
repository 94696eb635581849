"""Reads of carts: whose they are, what lies in them and what that would cost now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from cart.models import MAXIMUM_QUANTITY, Cart, CartItem, CartStatus
from cart.tokens import digest_of, new_token
from catalog.models import Product, ProductVariant
from core.money import quantize
from inventory import selectors as inventory_selectors
from pricing import selectors as pricing_selectors
from pricing.coupons import Buyer, Goods, Offer, discounts_of
from pricing.selectors import breaks_of, breaks_sql
from pricing.totals import (
    Discount,
    PriceBreak,
    PricedLine,
    ShippingCharge,
    TaxTable,
    Totals,
    compute_totals,
    unit_price_of,
)

NO_TAX = TaxTable(rates={}, is_inclusive=False)


@dataclass(frozen=True)
class Owner:
    """Whose cart: a customer's, or a guest's who holds ``token``. A customer's token is ignored."""

    customer: User | None = None
    token: str = ""

    @property
    def token_digest(self) -> str:
        """The digest by which a guest's cart is found; empty for a customer."""
        return "" if self.customer else digest_of(self.token)

    @property
    def is_nobody(self) -> bool:
        """Whether there is neither a customer nor a token."""
        return self.customer is None and not self.token


@dataclass(frozen=True)
class CartLine:
    """Units of a variant that someone wants, with what is known about it now.

    Amounts are in the variant's currency. ``available`` is how many units could be bought,
    whosever cart they lie in: exact, zero when the variant is not for sale any more, the
    largest quantity for digital goods. ``price_seen`` is the price when the line was last
    put in or changed; ``image`` is the path of the product's first picture.
    """

    id: UUID
    variant: ProductVariant
    quantity: int
    available: int
    price_seen: Decimal
    image: str | None = None
    breaks: Sequence[PriceBreak] = ()

    @property
    def unit_price(self) -> Decimal:
        """What a unit costs now, for this customer and quantity."""
        price = unit_price_of(self.quantity, price=self.variant.price, breaks=self.breaks)
        return quantize(price, self.variant.currency)

    @property
    def line_total(self) -> Decimal:
        """What the units cost together, before discounts and tax."""
        return self.unit_price * self.quantity

    @property
    def price_changed(self) -> bool:
        """Whether the price is another one than was last seen."""
        return self.unit_price != quantize(self.price_seen, self.variant.currency)


@dataclass(frozen=True, slots=True)
class CouponWorth:
    """A code, and what it takes off: nothing while there is a problem with it."""

    offer: Offer
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class PricedCart:
    """A cart with its lines and totals. ``cart`` is None while nothing was ever put in."""

    cart: Cart | None
    currency: str
    totals: Totals
    lines: Sequence[CartLine] = field(default_factory=list)
    token: str = ""
    offers: Sequence[Offer] = ()

    @property
    def id(self) -> UUID | None:
        """The cart's id, if there is a cart."""
        return self.cart.id if self.cart else None

    @property
    def updated_at(self) -> datetime | None:
        """When the cart was last written to."""
        return self.cart.updated_at if self.cart else None

    @property
    def item_count(self) -> int:
        """How many units lie in the cart."""
        return sum(line.quantity for line in self.lines)

    @property
    def shipping_total(self) -> Decimal | None:
        """Unknown until there is an address."""
        return None

    @property
    def tax_total(self) -> Decimal | None:
        """Unknown until there is an address."""
        return None

    @property
    def coupons(self) -> list[str]:
        """The codes that lower the price now."""
        return [offer.code for offer in self.offers if offer.discount]

    @property
    def discounts(self) -> list[CouponWorth]:
        """What each code that was put in is worth now."""
        return worth_of(self.offers, self.totals)


def open_carts() -> QuerySet[Cart]:
    """Return the carts that can still be filled."""
    return Cart.objects.filter(status=CartStatus.OPEN)


def open_cart_of(*, owner: Owner) -> Cart | None:
    """Return the owner's open cart, if there is one: at most one query."""
    if owner.customer:
        cart = open_carts().filter(customer=owner.customer).first()
        if cart:
            cart.customer = owner.customer
        return cart
    if owner.token:
        return open_carts().filter(token_digest=owner.token_digest).first()
    return None


def is_known_token(*, token: str) -> bool:
    """Tell whether a cart was ever made for ``token``, open or not."""
    return bool(token) and Cart.objects.filter(token_digest=digest_of(token)).exists()


# What a cart and an order need to know of an item, its variant and its product, each in the
# order of the model's fields.
_ITEM = ("id", "cart_id", "variant_id", "quantity", "unit_price_seen")
_VARIANT = (
    "id",
    "deleted_at",
    "product_id",
    "sku",
    "name",
    "price",
    "cost_price",
    "currency",
    "weight_grams",
    "is_digital",
)
_PRODUCT = ("id", "deleted_at", "name", "slug", "tax_class", "is_active")


def _columns(table: str, names: Sequence[str]) -> str:
    return ", ".join(f"{table}.{name}" for name in names)


_ITEMS = f"""
    SELECT {_columns("item", _ITEM)}, {_columns("variant", _VARIANT)},
           {_columns("product", _PRODUCT)}, variant.options,
           {breaks_sql(variant="item.variant_id", customer="cart.customer_id")},
           (SELECT image FROM catalog_productimage
            WHERE product_id = product.id AND deleted_at IS NULL
            ORDER BY position, id LIMIT 1),
           {inventory_selectors.units_sql(variant="item.variant_id")}
    FROM cart_cartitem AS item
    JOIN cart_cart AS cart ON cart.id = item.cart_id
    JOIN catalog_productvariant AS variant ON variant.id = item.variant_id
    JOIN catalog_product AS product ON product.id = variant.product_id
    WHERE item.cart_id = %s
    ORDER BY item.created_at, item.id
"""  # noqa: S608 - joins our own constants


def items_of(*, cart_id: UUID) -> list[CartItem]:
    """Return a cart's items as they were put in, with all that is sold and shown: one query.

    ``units`` of each is how many the stock could give now.

    Written by hand, since it is asked with every step of a purchase and Django takes far
    longer to compile it than PostgreSQL to run it. What carts do not need stays deferred.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [cart_id])
        return [_item(row) for row in cursor.fetchall()]


def _item(row: Sequence[Any]) -> CartItem:
    values = iter(row)
    item = CartItem.from_db(connection.alias, _ITEM, list(islice(values, len(_ITEM))))
    variant = ProductVariant.from_db(
        connection.alias, _VARIANT, list(islice(values, len(_VARIANT)))
    )
    product = Product.from_db(connection.alias, _PRODUCT, list(islice(values, len(_PRODUCT))))
    options, breaks, item.image, item.units = values
    item.breaks = breaks_of(breaks)
    variant.product, variant.options, item.variant = product, orjson.loads(options), variant
    return item


def is_for_sale(variant: ProductVariant) -> bool:
    """Tell whether a variant, loaded with its product, can be bought as far as stock allows."""
    product = variant.product
    return variant.deleted_at is None and product.deleted_at is None and product.is_active


def units_available(variants: Sequence[ProductVariant]) -> Mapping[UUID, int]:
    """Return how many units of each variant can be bought now, exactly: at most one query."""
    for_sale = [variant for variant in variants if is_for_sale(variant)]
    kept_in_stock = [variant.id for variant in for_sale if not variant.is_digital]
    stock = inventory_selectors.available(kept_in_stock) if kept_in_stock else {}
    digital = {variant.id: MAXIMUM_QUANTITY for variant in for_sale if variant.is_digital}
    return {variant.id: 0 for variant in variants} | stock | digital


def _available(item: CartItem) -> int:
    if not is_for_sale(item.variant):
        return 0
    return MAXIMUM_QUANTITY if item.variant.is_digital else int(item.units)


_TERMS = f"""
    SELECT wanted.id, {inventory_selectors.units_sql(variant="wanted.id")},
           {breaks_sql(variant="wanted.id", customer="%(customer)s::uuid")}
    FROM unnest(%(variants)s::uuid[]) AS wanted (id)
"""  # noqa: S608 - joins our own constants


def terms_of(
    variants: Sequence[ProductVariant], *, customer: User | None
) -> dict[UUID, tuple[int, list[PriceBreak]]]:
    """Return units available and price breaks of variants that are for sale: one query."""
    ids = [variant.id for variant in variants]
    with connection.cursor() as cursor:
        cursor.execute(_TERMS, {"variants": ids, "customer": customer.pk if customer else None})
        found = {row[0]: (int(row[1]), breaks_of(row[2])) for row in cursor.fetchall()}
    digital = {variant.id for variant in variants if variant.is_digital}
    return {
        variant_id: (MAXIMUM_QUANTITY if variant_id in digital else units, breaks)
        for variant_id, (units, breaks) in found.items()
    }


def priced_cart_of(*, owner: Owner) -> PricedCart:
    """Return the owner's cart as it is now: two queries, three with coupons; writes nothing."""
    cart = open_cart_of(owner=owner)
    if cart is None:
        return empty_cart()
    return priced_cart(cart=cart, token="" if owner.customer else owner.token)


def empty_cart() -> PricedCart:
    """Return what someone sees who has not put anything in."""
    totals = compute_totals(lines=[], currency=settings.CURRENCY, tax=NO_TAX)
    return PricedCart(cart=None, currency=settings.CURRENCY, totals=totals)


def priced_cart(*, cart: Cart, token: str = "") -> PricedCart:
    """Return ``cart`` with lines and totals at present prices: one query, two with coupons.

    Shipping and tax are left out: they depend on an address.
    """
    lines = [
        CartLine(
            id=item.id,
            variant=item.variant,
            quantity=item.quantity,
            available=_available(item),
            price_seen=item.unit_price_seen,
            image=item.image,
            breaks=item.breaks,
        )
        for item in items_of(cart_id=cart.id)
    ]
    offers = offers_for(lines, codes=cart.coupons, currency=cart.currency, customer=cart.customer)
    return PricedCart(
        cart=cart,
        currency=cart.currency,
        totals=totals_of(lines, currency=cart.currency, discounts=discounts_of(offers)),
        lines=lines,
        token=token,
        offers=offers,
    )


def offers_for(
    lines: Sequence[CartLine], *, codes: Sequence[str], currency: str, customer: User | None
) -> list[Offer]:
    """Return what coupons give for ``lines`` now: one query, none without codes."""
    return pricing_selectors.offers_for(
        codes,
        goods=[Goods(line.variant.id, line.variant.product_id, line.line_total) for line in lines],
        currency=currency,
        buyer=Buyer(customer),
        now=timezone.now(),
    )


def worth_of(offers: Sequence[Offer], totals: Totals) -> list[CouponWorth]:
    """Return what each offer took off the price in ``totals``, which it is part of."""
    worth = iter(totals.discounts)
    return [
        CouponWorth(offer, next(worth) if offer.discount else Decimal(0), totals.currency)
        for offer in offers
    ]


def weight_of(lines: Sequence[CartLine]) -> int:
    """Return what the units that must be shipped weigh together, in grams."""
    return sum(
        line.quantity * line.variant.weight_grams for line in lines if not line.variant.is_digital
    )


def totals_of(
    lines: Sequence[CartLine],
    *,
    currency: str,
    tax: TaxTable = NO_TAX,
    shipping: ShippingCharge | None = None,
    discounts: Sequence[Discount] = (),
) -> Totals:
    """Return the totals of ``lines``, keyed by their variants."""
    priced = [
        PricedLine(
            key=line.variant.id,
            unit_price=line.unit_price,
            quantity=line.quantity,
            tax_class=line.variant.product.tax_class,
        )
        for line in lines
    ]
    return compute_totals(
        lines=priced, currency=currency, tax=tax, shipping=shipping, discounts=discounts
    )


def owner_who_writes(*, owner: Owner) -> Owner:
    """Return ``owner``, or a guest with a new token when they hold none that we gave out."""
    if owner.customer or is_known_token(token=owner.token):
        return owner
    return Owner(token=new_token())
