"""cart/quote/ and cart/shipping-methods/: what a cart would cost, sent somewhere."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from cart.models import Cart
from cart.tests.factories import fill_cart, sellable
from catalog.models import ProductVariant
from pricing.models import TaxRate
from shipping.models import ShippingMethod, ShippingZone, ZoneCountry

pytestmark = pytest.mark.django_db

ApiFor = Callable[[User], APIClient]


@pytest.fixture
def tea() -> ProductVariant:
    return sellable(variant__price=Decimal("9.90"))


@pytest.fixture
def standard() -> ShippingMethod:
    zone = ShippingZone.objects.create(name="Germany")
    ZoneCountry.objects.create(zone=zone, country="DE")
    TaxRate.objects.create(country="DE", tax_class="standard", name="VAT", rate=Decimal("0.19"))
    return ShippingMethod.objects.create(
        zone=zone,
        name="Standard",
        price=Decimal("4.90"),
        free_above=Decimal(50),
        minimum_days=1,
        maximum_days=3,
    )


def quote(api: APIClient, tea: ProductVariant, quantity: int = 2, **more: Any) -> Any:
    items = [{"variant": str(tea.pk), "quantity": quantity}]
    return api.post("/api/v1/cart/quote/", {"items": items, **more})


def test_prices_what_is_wanted_and_stores_nothing(api: APIClient, tea: ProductVariant) -> None:
    body = quote(api, tea).json()

    assert (body["subtotal"], body["total"], body["item_count"]) == ("19.80", "19.80", 2)
    assert (body["shipping_total"], body["tax_total"]) == (None, None)
    assert body["items"][0]["available"] == 10
    assert not Cart.objects.exists()


def test_knows_tax_with_the_country_and_delivery_with_the_method(
    api: APIClient, tea: ProductVariant, standard: ShippingMethod
) -> None:
    taxed = quote(api, tea, country="DE").json()
    sent = quote(api, tea, country="DE", shipping_method=str(standard.pk)).json()

    assert (taxed["shipping_total"], taxed["tax_total"], taxed["total"]) == (None, "3.76", "23.56")
    assert (sent["shipping_total"], sent["tax_total"], sent["total"]) == ("4.90", "4.69", "29.39")


def test_takes_a_method_by_what_the_goods_cost(
    api: APIClient, tea: ProductVariant, standard: ShippingMethod
) -> None:
    body = quote(api, tea, 6, country="DE", shipping_method=str(standard.pk)).json()

    assert body["shipping_total"] == "0.00"


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"country": "Germany"}, "#/country"),
        ({"items": [{"quantity": 1}]}, "#/items/0/product"),
    ],
)
def test_refuses_what_cannot_be_priced(
    api: APIClient, tea: ProductVariant, more: dict[str, Any], pointer: str
) -> None:
    answer = quote(api, tea, **more)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_refuses_a_method_that_does_not_reach_the_country(
    api: APIClient, tea: ProductVariant, standard: ShippingMethod
) -> None:
    nowhere = quote(api, tea, shipping_method=str(standard.pk))
    elsewhere = quote(api, tea, country="AQ", shipping_method=str(standard.pk))

    assert (nowhere.status_code, nowhere.json()["code"]) == (400, "required")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (400, "country_not_served")
    assert elsewhere.json()["errors"][0]["pointer"] == "#/country"


def test_offers_the_methods_for_what_is_in_the_cart(
    api_for: ApiFor, tea: ProductVariant, standard: ShippingMethod
) -> None:
    customer = UserFactory.create()
    fill_cart(customer, (tea, 2))

    answer = api_for(customer).get("/api/v1/cart/shipping-methods/?country=DE&postal_code=10117")

    assert answer.json()["results"] == [
        {
            "id": str(standard.pk),
            "name": "Standard",
            "price": "4.90",
            "currency": "USD",
            "pickup_location": None,
            "minimum_days": 1,
            "maximum_days": 3,
        }
    ]


@pytest.mark.parametrize(
    ("query", "status"), [("", 400), ("?country=DE&colour=red", 400), ("?country=AQ", 400)]
)
def test_asks_where_to(api: APIClient, standard: ShippingMethod, query: str, status: int) -> None:
    assert api.get(f"/api/v1/cart/shipping-methods/{query}").status_code == status


def test_digital_goods_are_not_sent(api_for: ApiFor, standard: ShippingMethod) -> None:
    customer = UserFactory.create()
    fill_cart(customer, (sellable(stocked=0, variant__is_digital=True), 1))

    answer = api_for(customer).get("/api/v1/cart/shipping-methods/?country=DE")

    assert answer.json() == {"count": 0, "next": None, "previous": None, "results": []}
