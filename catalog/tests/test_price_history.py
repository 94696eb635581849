"""What variants cost before: written down whoever changes a price, and told beside a reduction."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import StaffFactory
from catalog import services
from catalog.models import PriceChange, Product, ProductVariant
from catalog.tests.factories import ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


def change_price(variant: ProductVariant, price: str, **more: Any) -> None:
    changes: Any = {"price": Decimal(price), **more}
    services.change_variant(variant=variant, changes=changes)


def days_pass(days: float) -> None:
    """Let what has happened so far have happened earlier."""
    PriceChange.objects.update(at=F("at") - timedelta(days=days))


def prices(product: Product) -> list[Decimal]:
    changes = PriceChange.objects.filter(variant__product=product).order_by("id")
    return list(changes.values_list("price", flat=True))


def lowest(api: APIClient, product: Product) -> str | None:
    page = api.get(f"{PRODUCTS}{product.pk}/").json()
    assert page["variants"][0]["lowest_price_30_days"] == page["lowest_price_30_days"]
    found: str | None = page["lowest_price_30_days"]
    return found


def test_begins_with_the_first_price_and_has_every_change() -> None:
    product = ProductFactory.create(variant__price=Decimal(20))
    variant = product.variants.get()

    change_price(variant, "15")
    change_price(variant, "15", name="the same price")
    services.update_product(
        product_id=product.pk, changes={}, variant_changes={"price": Decimal(9)}
    )

    assert prices(product) == [20, 15, 9]


def test_names_the_lowest_price_of_the_thirty_days_before_a_reduction(api: APIClient) -> None:
    product = ProductFactory.create(variant__price=Decimal(10))
    variant = product.variants.get()
    days_pass(60)
    change_price(variant, "30")  # 10 ended here, more than 30 days before the reduction
    days_pass(31)
    change_price(variant, "25")
    days_pass(5)
    change_price(variant, "40")
    days_pass(5)
    change_price(variant, "20")

    assert lowest(api, product) == "25.00"
    days_pass(90)  # the reduction goes on
    assert lowest(api, product) == "25.00"


def test_counts_a_price_that_was_still_in_force_when_the_thirty_days_began(api: APIClient) -> None:
    product = ProductFactory.create(variant__price=Decimal(10))
    variant = product.variants.get()
    days_pass(10)
    change_price(variant, "30")
    days_pass(25)
    change_price(variant, "20")

    assert lowest(api, product) == "10.00"


def test_names_none_without_a_reduction(api: APIClient) -> None:
    product = ProductFactory.create(variant__price=Decimal(20))
    assert lowest(api, product) is None

    change_price(product.variants.get(), "25")
    assert lowest(api, product) is None


def test_names_it_beside_a_compare_at_price_even_after_a_rise(api: APIClient) -> None:
    product = ProductFactory.create(variant__price=Decimal(10))

    change_price(product.variants.get(), "12", compare_at_price=Decimal(20))

    assert lowest(api, product) == "10.00"


def test_compares_no_two_currencies(api: APIClient) -> None:
    product = ProductFactory.create(variant__price=Decimal(20))

    change_price(product.variants.get(), "15", currency="EUR")

    assert lowest(api, product) is None


def test_of_a_product_is_that_of_the_variant_whose_price_it_shows(api: APIClient) -> None:
    product = ProductFactory.create(variant__price=Decimal(30))
    cheap = VariantFactory.create(product=product, price=Decimal(20), position=1)
    change_price(cheap, "15")

    page = api.get(f"{PRODUCTS}{product.pk}/").json()

    assert page["lowest_price_30_days"] == "20.00"
    assert [variant["lowest_price_30_days"] for variant in page["variants"]] == [None, "20.00"]


def test_costs_a_page_no_query(api: APIClient, django_assert_max_num_queries: Any) -> None:
    product = ProductFactory.create()
    for price in range(1, 20):
        change_price(product.variants.get(), str(price))

    with django_assert_max_num_queries(5):
        api.get(f"{PRODUCTS}{product.pk}/")


def test_is_shown_to_staff(client: Client) -> None:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    product = ProductFactory.create(variant__sku="E-1", variant__price=Decimal(20))
    change_price(product.variants.get(), "17.25")

    page = client.get(reverse("admin:catalog_product_change", args=[product.pk])).content.decode()

    assert "E-1 · 17.25 USD" in page
    assert page.index("E-1 · 17.25 USD") < page.index("E-1 · 20.00 USD")
