"""Tax rates, price lists and coupons for tests."""

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from catalog.models import ProductVariant, TaxClass
from pricing.models import Coupon, CustomerGroup, ListPrice, PriceList, TaxRate


class TaxRateFactory(DjangoModelFactory[TaxRate]):
    """Germany's value added tax, contained in the prices."""

    class Meta:
        model = TaxRate

    country = "DE"
    tax_class = TaxClass.STANDARD
    name = "VAT"
    rate = Decimal("0.19")
    is_inclusive = True


class CouponFactory(DjangoModelFactory[Coupon]):
    """Ten per cent off everything, for everyone, without end."""

    class Meta:
        model = Coupon

    code = factory.Sequence(lambda n: f"TEN-{n}")
    name = "Ten per cent off"
    rate = Decimal("0.1")


class PriceListFactory(DjangoModelFactory[PriceList]):
    """A list for everybody."""

    class Meta:
        model = PriceList

    name = factory.Sequence(lambda n: f"Prices {n}")


def list_price(
    variant: ProductVariant, price: str, *, units: int = 1, members: list[User] | None = None
) -> ListPrice:
    """Price a variant from so many units on: for a new group of these members, or everybody."""
    prices = PriceListFactory.create()
    if members is not None:
        prices.group = CustomerGroup.objects.create(name=f"Group of {prices.name}")
        prices.group.members.set(members)
        prices.save(update_fields=["group"])
    return ListPrice.objects.create(
        price_list=prices, variant=variant, minimum_quantity=units, price=Decimal(price)
    )
