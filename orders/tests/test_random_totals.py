"""Two hundred random orders cost what a computation of its own, in fractions, says they cost."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any, Final

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart.tests.factories import sellable
from catalog.models import ProductVariant
from core.audit import discrepancies
from orders.tests.factories import ADDRESS
from pricing.models import Coupon, CouponKind, CustomerGroup, ListPrice, PriceList
from pricing.tests.factories import CouponFactory, TaxRateFactory
from shipping.models import ShippingMethod, ShippingZone, ZoneCountry

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ApiFor = Callable[[User], Any]
ORDERS: Final = 200
DIGITS: Final = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}
# Where prices include tax, and the rates of standard and reduced goods; FR is not taxed.
TAXES: Final = {"DE": (True, "0.19", "0.07"), "US": (False, "0.0825", "0.0333")}
PLACES: Final = {
    "DE": ADDRESS,
    "US": ADDRESS | {"country": "US", "city": "Austin", "region": "TX", "postal_code": "73301"},
    "FR": ADDRESS | {"country": "FR", "city": "Paris", "postal_code": "75001"},
}
CLASSES: Final = ("standard", "reduced", "zero")


@dataclass(frozen=True)
class Goods:
    variant: ProductVariant
    price: Decimal
    tax_class: str
    # Units from which a price holds, the price, and whether only for members.
    breaks: Sequence[tuple[int, Decimal, bool]]


def rounded(value: Fraction, currency: str) -> Fraction:
    """Round half up to the currency's minor unit; amounts are never negative."""
    scale = 10 ** DIGITS[currency]
    return Fraction(int(value * scale + Fraction(1, 2)), scale)


def goods_in(
    currency: str, luck: random.Random, everyone: PriceList, club: PriceList
) -> list[Goods]:
    made = []
    step = Decimal(1).scaleb(-DIGITS[currency])
    for tax_class in (*CLASSES, *CLASSES):
        price = luck.randint(1, 9999) * step
        variant = sellable(
            stocked=10**6,
            tax_class=tax_class,
            variant__price=price,
            variant__currency=currency,
        )
        breaks = []
        for minimum, is_club in ((3, False), (1, True)):
            if luck.random() < 0.5:
                cheaper = max(luck.randint(1, 9999) * step, step)
                ListPrice.objects.create(
                    price_list=club if is_club else everyone,
                    variant=variant,
                    minimum_quantity=minimum,
                    price=cheaper,
                )
                breaks.append((minimum, cheaper, is_club))
        made.append(Goods(variant, price, tax_class, breaks))
    return made


def coupons_in(currency: str, luck: random.Random) -> list[Coupon]:
    step = Decimal(1).scaleb(-DIGITS[currency])
    fixed = CouponFactory.create(
        kind=CouponKind.FIXED_AMOUNT,
        rate=None,
        amount=luck.randint(1, 5000) * step,
        currency=currency,
    )
    rate = Decimal(luck.randint(1, 9999)) / 10000
    free = CouponFactory.create(kind=CouponKind.FREE_SHIPPING, rate=None, currency=currency)
    return [fixed, CouponFactory.create(rate=rate, currency=currency), free]


def method_to(country: str, currency: str, luck: random.Random) -> ShippingMethod:
    zone = ShippingZone.objects.filter(zone_countries__country=country).first()
    if zone is None:
        zone = ShippingZone.objects.create(name=country)
        ZoneCountry.objects.create(zone=zone, country=country)
    price = luck.randint(0, 2000) * Decimal(1).scaleb(-DIGITS[currency])
    return ShippingMethod.objects.create(
        zone=zone,
        name=f"{country} {currency}",
        price=price,
        currency=currency,
        minimum_days=1,
        maximum_days=2,
        tax_class=luck.choice(CLASSES),
    )


@dataclass(frozen=True)
class Expected:
    """The parts of a total, summed up from what was rounded once; percentages come off first."""

    subtotal: Fraction
    discount: Fraction
    shipping: Fraction
    tax: Fraction
    total: Fraction


def expected(
    *,
    chosen: Sequence[tuple[Goods, int]],
    coupons: Sequence[Coupon],
    method: ShippingMethod,
    country: str,
    currency: str,
    is_member: bool,
) -> Expected:
    prices: dict[Any, Fraction] = {}
    for goods, quantity in chosen:
        reached = [
            price
            for minimum, price, is_club in goods.breaks
            if quantity >= minimum and (is_member or not is_club)
        ]
        prices[goods.variant.pk] = Fraction(min([goods.price, *reached])) * quantity
    left = dict(sorted(prices.items()))
    shipping = Fraction(method.price)
    for coupon in sorted(coupons, key=lambda coupon: coupon.kind != CouponKind.PERCENTAGE):
        whole = sum(left.values(), Fraction(0))
        if coupon.kind == CouponKind.FREE_SHIPPING:
            shipping = Fraction(0)
            continue
        off = Fraction(coupon.amount or 0) if coupon.amount else whole * Fraction(coupon.rate or 0)
        off = min(rounded(off, currency), whole)
        running = given = Fraction(0)
        for key, price in left.items():
            running += price
            upto = rounded(off * running / whole, currency) if whole else Fraction(0)
            left[key], given = price - (upto - given), upto
    is_inclusive, standard, reduced = TAXES.get(country, (False, "0", "0"))
    rates = {"standard": Fraction(standard), "reduced": Fraction(reduced), "zero": Fraction(0)}

    def tax_in(amount: Fraction, tax_class: str) -> Fraction:
        rate = rates[tax_class]
        return rounded(amount * rate / (1 + rate if is_inclusive else 1), currency)

    tax = sum((tax_in(left[goods.variant.pk], goods.tax_class) for goods, _ in chosen), Fraction(0))
    tax += tax_in(shipping, method.tax_class)
    subtotal = sum(prices.values(), Fraction(0))
    discount = subtotal - sum(left.values(), Fraction(0))
    total = subtotal - discount + shipping + (0 if is_inclusive else tax)
    return Expected(subtotal, discount, shipping, tax, total)


@dataclass(frozen=True)
class Shop:
    """What can be ordered by currency, how it is sent, and who orders: a member or not."""

    goods: dict[str, list[Goods]]
    coupons: dict[str, list[Coupon]]
    methods: dict[tuple[str, str], ShippingMethod]
    callers: dict[bool, Any]

    def order(self, luck: random.Random) -> tuple[Expected, Expected]:
        """Place a random order; return what it says it costs, and what it should."""
        country, currency = luck.choice(list(PLACES)), luck.choice(list(DIGITS))
        is_member = luck.random() < 0.5
        chosen = [
            (goods, luck.choice([1, 2, 3, 7, 33]))
            for goods in luck.sample(self.goods[currency], luck.randint(1, 5))
        ]
        used = luck.sample(self.coupons[currency], luck.choice([0, 0, 1, 2]))
        method = self.methods[country, currency]
        items = [{"variant": str(goods.variant.pk), "quantity": number} for goods, number in chosen]
        body = {
            "items": items,
            "shipping_address": PLACES[country],
            "shipping_method": str(method.pk),
            "coupons": [coupon.code for coupon in used],
        }
        answer = self.callers[is_member].post("/api/v1/orders/", body)
        assert answer.status_code == 201, answer.content
        parts = ("subtotal", "discount_total", "shipping_total", "tax_total", "total")
        return Expected(*(Fraction(answer.json()[name]) for name in parts)), expected(
            chosen=chosen,
            coupons=used,
            method=method,
            country=country,
            currency=currency,
            is_member=is_member,
        )


@pytest.fixture
def shop(api_for: ApiFor, settings: Settings) -> Shop:
    settings.THROTTLE_SCALE = 10**6
    luck = random.Random(7)
    member = UserFactory.create()
    group = CustomerGroup.objects.create(name="Club")
    group.members.add(member)
    everyone = PriceList.objects.create(name="Everyone")
    club = PriceList.objects.create(name="Club", group=group)
    for country, (is_inclusive, *rates) in TAXES.items():
        for tax_class, rate in zip(CLASSES, rates, strict=False):
            TaxRateFactory.create(
                country=country, tax_class=tax_class, rate=Decimal(rate), is_inclusive=is_inclusive
            )
    return Shop(
        goods={currency: goods_in(currency, luck, everyone, club) for currency in DIGITS},
        coupons={currency: coupons_in(currency, luck) for currency in DIGITS},
        methods={key: method_to(*key, luck) for key in product(PLACES, DIGITS)},
        callers={False: api_for(UserFactory.create()), True: api_for(member)},
    )


def test_every_total_equals_an_independent_computation(shop: Shop) -> None:
    luck = random.Random(20261128)

    for _ in range(ORDERS):
        said, computed = shop.order(luck)
        assert said == computed

    assert discrepancies() == []
