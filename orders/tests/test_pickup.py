"""Orders that are fetched."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from cart.tests.factories import sellable
from inventory.models import Location
from inventory.tests.factories import LocationFactory
from orders.models import Order
from orders.tests.factories import ADDRESS, shipping_method
from pricing.tests.factories import TaxRateFactory
from shipping.models import ShippingMethod
from shipping.tests.factories import ShippingMethodFactory, ZoneFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Location:
    return LocationFactory.create(name="Shop in Berlin", country="DE")


@pytest.fixture
def fetch(shop: Location) -> ShippingMethod:
    zone = ZoneFactory.create(countries=["DE"])
    return ShippingMethodFactory.create(zone=zone, pickup_location=shop, price=Decimal(0))


def order(method: ShippingMethod, **more: Any) -> Any:
    items = [{"variant": str(sellable(variant__price=Decimal("11.90")).pk), "quantity": 1}]
    body = {"items": items, "email": "ada@example.com", "shipping_method": str(method.pk), **more}
    return APIClient().post("/api/v1/orders/", body)


def test_needs_no_address_and_is_taxed_where_it_is_fetched(fetch: ShippingMethod) -> None:
    TaxRateFactory.create()

    answer = order(fetch)

    assert answer.status_code == 201
    body = answer.json()
    assert (body["shipping_address"], body["shipping_total"]) == (None, "0.00")
    assert (body["tax_total"], body["total"]) == ("1.90", "11.90")


def test_a_billing_address_says_where_it_is_taxed(fetch: ShippingMethod) -> None:
    TaxRateFactory.create()
    TaxRateFactory.create(country="FR", rate=Decimal("0.2"))
    french = {**ADDRESS, "country": "FR", "postal_code": "75001", "city": "Paris"}

    assert order(fetch, billing_address=french).json()["tax_total"] == "1.98"


def test_what_is_delivered_needs_an_address() -> None:
    answer = order(shipping_method())

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/shipping_address"
    assert not Order.objects.exists()


def test_a_closed_location_hands_nothing_out(fetch: ShippingMethod, shop: Location) -> None:
    shop.is_active = False
    shop.save(update_fields=["is_active"])

    assert order(fetch).json()["code"] == "shipping_unavailable"
    assert not Order.objects.exists()
