"""The copies that lists sort and filter by."""

from decimal import Decimal

import pytest

from catalog import selectors
from catalog.services import listing
from catalog.tests.factories import ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def test_lists_the_price_of_the_cheapest_variant() -> None:
    product = ProductFactory.create(variant__price=Decimal("12.00"))
    VariantFactory.create(product=product, price=Decimal("7.50"), compare_at_price=Decimal(9))

    product.refresh_from_db()

    assert (product.price, product.compare_at_price) == (Decimal("7.50"), Decimal(9))


def test_keeps_the_last_price_when_no_variant_is_left() -> None:
    product = ProductFactory.create(variant__price=Decimal("12.00"))
    product.variants.get().delete()

    listing.refresh_products(product_ids=[product.pk])

    product.refresh_from_db()
    assert (product.price, product.in_stock) == (Decimal("12.00"), False)


def test_has_digital_variants_always_in_stock() -> None:
    product = ProductFactory.create(variant__is_digital=True)

    assert product.in_stock
    assert product.stock_quantity == 0


def test_offers_the_first_variant_of_a_product_by_position() -> None:
    product = ProductFactory.create(variant__position=2)
    first = VariantFactory.create(product=product, position=1)

    assert set(selectors.purchasable_variants([], [product.pk])) == {first.pk}


def test_offers_nothing_of_an_inactive_product() -> None:
    product = ProductFactory.create(is_active=False)

    assert selectors.purchasable_variants([product.variants.get().pk]) == {}
    assert selectors.purchasable_variants([], [product.pk]) == {}
