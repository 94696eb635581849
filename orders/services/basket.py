"""What an order is made of: the goods of a cart or of the request, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from cart import selectors as cart_selectors
from cart import services as cart_services
from cart.models import Cart, CartStatus
from cart.services import Choice, NotForSale, RequestedItem
from core.errors import DomainError, InvalidInput
from core.models import new_id
from core.money import quantize
from inventory.services import Demand
from orders.models import Order
from pricing import selectors as pricing_selectors
from pricing.coupons import Buyer, Goods, Offer, discounts_of, normalised
from pricing.totals import PricedLine, ShippingCharge, Totals, compute_totals
from shipping import selectors as shipping_selectors
from shipping import services as shipping_services
from shipping.selectors import ShippingOption


class EmptyCart(DomainError):
    """There is nothing in the cart to order."""

    code = "empty_cart"
    title = "The cart is empty."


class ShippingNeeded(InvalidInput):
    """Goods that travel need an address and a method."""

    code = "required"
    title = "Goods that are sent need this."


@dataclass(frozen=True)
class BasketLine:
    """A line of the order to be: its id, what it holds, how many units, at which price."""

    id: UUID
    choice: Choice
    unit_price: Decimal


@dataclass(frozen=True)
class Basket:
    """What is to be ordered, in one currency; ``cart`` is the locked cart it came from.

    ``offers`` is what its coupons give.
    """

    lines: Sequence[BasketLine]
    currency: str
    cart: Cart | None = None
    offers: Sequence[Offer] = ()

    @property
    def is_shipped(self) -> bool:
        """Whether anything in it travels."""
        return any(not line.choice.variant.is_digital for line in self.lines)

    @property
    def weight_grams(self) -> int:
        """What travels weighs together."""
        return sum(
            line.choice.variant.weight_grams * line.choice.quantity
            for line in self.lines
            if not line.choice.variant.is_digital
        )

    @property
    def goods(self) -> list[Goods]:
        """Its lines as coupons see them."""
        return [
            Goods(
                key=line.choice.variant.id,
                product_id=line.choice.variant.product_id,
                price=quantize(line.unit_price, self.currency) * line.choice.quantity,
            )
            for line in self.lines
        ]

    @property
    def demands(self) -> list[Demand]:
        """The stock that it needs."""
        return [
            Demand(line.id, line.choice.variant.id, line.choice.quantity)
            for line in self.lines
            if not line.choice.variant.is_digital
        ]


def basket_of_items(*, items: Sequence[RequestedItem], customer: User | None) -> Basket:
    """Return what a request lists, at a customer's prices: two queries, three with products.

    Raises UnknownItem, CurrencyMismatch.
    """
    choices = cart_services.choose_variants(items=items)
    return _basket(cart_services.with_breaks(choices=choices, customer=customer), None)


def basket_of_cart(*, cart: Cart) -> Basket:
    """Return what lies in a locked cart: one query. Raises EmptyCart, NotForSale."""
    if cart.status != CartStatus.OPEN:
        raise EmptyCart
    items = cart_selectors.items_of(cart_id=cart.id)
    gone = [item.variant for item in items if not cart_selectors.is_for_sale(item.variant)]
    if gone:
        names = ", ".join(variant.product.name for variant in gone)
        raise NotForSale(f"No longer for sale: {names}.", variants=[variant.id for variant in gone])
    return _basket([Choice(item.variant, item.quantity, item.breaks) for item in items], cart)


def _basket(choices: Sequence[Choice], cart: Cart | None) -> Basket:
    if not choices:
        raise EmptyCart
    currencies = {choice.variant.currency for choice in choices}
    if len(currencies) > 1:
        raise cart_services.CurrencyMismatch
    lines = [BasketLine(new_id(), choice, choice.unit_price) for choice in choices]
    return Basket(lines=lines, currency=currencies.pop(), cart=cart)


def with_coupons(*, basket: Basket, codes: Sequence[str], buyer: Buyer) -> Basket:
    """Return the basket with what ``codes`` and the coupons of its cart give for it.

    One query, none without coupons. Raises UnknownCoupon and CouponRefused.
    """
    typed = [normalised(code) for code in codes]
    held = basket.cart.coupons if basket.cart else []
    offers = pricing_selectors.offers_for(
        list(dict.fromkeys([*held, *typed])),
        goods=basket.goods,
        currency=basket.currency,
        buyer=buyer,
        now=timezone.now(),
    )
    cart_services.refuse_problems(offers=offers, codes=typed)
    return replace(basket, offers=offers)


def with_coupons_of(*, order: Order, basket: Basket) -> Basket:
    """Return the basket with what an order's coupons give for it: one query.

    That they have expired since is nothing against them. Raises CouponRefused.
    """
    offers = pricing_selectors.offers_of_order(
        order.pk, goods=basket.goods, currency=basket.currency
    )
    cart_services.refuse_problems(offers=offers, codes=[])
    return replace(basket, offers=offers)


def choose_shipping(
    *, basket: Basket, method_id: UUID | None, address: Mapping[str, str] | None
) -> ShippingOption | None:
    """Return the chosen method with its price for the basket; None when nothing travels.

    One query; two for what is fetched, which needs no address. Raises ShippingNeeded,
    CountryNotServed, ShippingUnavailable.
    """
    if not basket.is_shipped:
        return None
    country = (address or {}).get("country", "")
    if not country and method_id:
        country = shipping_selectors.pickup_country(method_id)
    if not country:
        raise ShippingNeeded(pointer="#/shipping_address")
    if method_id is None:
        raise ShippingNeeded(pointer="#/shipping_method")
    subtotal = _totals(basket, country="", region="", option=None).subtotal
    return shipping_services.quote_method(
        method_id=method_id,
        country=country,
        postal_code=(address or {}).get("postal_code", ""),
        goods=shipping_services.Goods(basket.currency, subtotal, basket.weight_grams),
    )


def taxed_at(
    *, addresses: Sequence[Mapping[str, str] | None], option: ShippingOption | None
) -> tuple[str, str]:
    """Return country and region where an order is taxed: of the first address there is.

    Without one it is where the goods are fetched.
    """
    place = next((one for one in addresses if one), None)
    if place:
        return place.get("country", ""), place.get("region", "")
    location = option.method.pickup_location if option else None
    return (str(location.country), "") if location else ("", "")


def price_basket(
    *, basket: Basket, country: str, region: str, option: ShippingOption | None
) -> Totals:
    """Return what the basket costs with its coupons, sent to a place: one query."""
    return _totals(basket, country=country, region=region, option=option)


def _totals(basket: Basket, *, country: str, region: str, option: ShippingOption | None) -> Totals:
    tax = (
        pricing_selectors.tax_table(country=country, region=region)
        if country
        else cart_selectors.NO_TAX
    )
    return compute_totals(
        lines=[
            PricedLine(
                key=line.choice.variant.id,
                unit_price=line.unit_price,
                quantity=line.choice.quantity,
                tax_class=line.choice.variant.product.tax_class,
            )
            for line in basket.lines
        ],
        currency=basket.currency,
        tax=tax,
        shipping=ShippingCharge(option.price, option.method.tax_class) if option else None,
        discounts=discounts_of(basket.offers),
    )
