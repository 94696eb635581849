"""Zones and methods in the backoffice."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import StaffFactory
from shipping.models import RateKind, ShippingMethod, ShippingZone
from shipping.rates import InvalidTiers, check_tiers
from shipping.tests.factories import ShippingMethodFactory, ZoneFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def backoffice(client: Client) -> Client:
    client.force_login(StaffFactory.create(role="Administrator"))
    return client


def method(**more: Any) -> dict[str, Any]:
    return {
        "name": "Parcel",
        "is_active": "on",
        "position": 1,
        "kind": "by_weight",
        "price": "0",
        "currency": "USD",
        "free_above": "",
        "maximum_weight_grams": "",
        "tax_class": "standard",
        "minimum_days": 2,
        "maximum_days": 4,
        "tiers": '[{"from": 0, "price": "3.50"}]',
        **more,
    }


def zone_form(methods: list[dict[str, Any]], countries: list[str]) -> dict[str, Any]:
    form: dict[str, Any] = {"name": "Europe"}
    for prefix, rows in (
        ("zone_countries", [{"country": c} for c in countries]),
        ("methods", methods),
    ):
        form |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
        for number, row in enumerate(rows):
            form |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return form


def test_sets_up_a_zone_with_countries_and_methods(backoffice: Client) -> None:
    url = reverse("admin:shipping_shippingzone_add")

    backoffice.post(url, zone_form([method()], ["DE", "FR"]))

    zone = ShippingZone.objects.get()
    assert sorted(zone.zone_countries.values_list("country", flat=True)) == ["DE", "FR"]
    assert zone.methods.get().name == "Parcel"


@pytest.mark.parametrize("tiers", ["[]", '[{"from": 5}]', '[{"from": "x", "price": 1}]', "7"])
def test_refuses_tiers_that_give_no_price(backoffice: Client, tiers: str) -> None:
    url = reverse("admin:shipping_shippingzone_add")

    response = backoffice.post(url, zone_form([method(tiers=tiers)], ["DE"]))

    assert response.status_code == 200
    assert not ShippingMethod.objects.exists()


@pytest.mark.parametrize("currency", ["XQZ", "us", "", "$$$"])
def test_refuses_what_is_no_currency(backoffice: Client, currency: str) -> None:
    url = reverse("admin:shipping_shippingzone_add")

    response = backoffice.post(url, zone_form([method(currency=currency)], ["DE"]))

    assert response.status_code == 200
    assert not ShippingMethod.objects.exists()


def test_keeps_what_the_public_api_can_read(backoffice: Client, api: APIClient) -> None:
    url = reverse("admin:shipping_shippingzone_add")
    flat = method(kind="flat", tiers="null", currency="usd", name="Letter")

    assert backoffice.post(url, zone_form([method(), flat], ["DE"])).status_code == 302

    kept = ShippingMethod.objects.get(name="Letter")
    assert (kept.currency, kept.tiers) == ("USD", [])
    assert api.get("/api/v1/shipping-methods/", {"country": "DE"}).status_code == 200


UNREADABLE_TIERS: list[object] = [None, 7, {}, ["x"], [[]], [{"from": 1}], "x"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("currency", "usd"),
        ("currency", ""),
        *(("tiers", tiers) for tiers in UNREADABLE_TIERS),
    ],
)
def test_the_database_takes_nothing_that_no_price_can_be_read_from(
    column: str, value: object
) -> None:
    ShippingMethodFactory.create()

    with pytest.raises(IntegrityError), transaction.atomic():
        ShippingMethod.objects.update(**{column: value})


def test_a_country_of_another_zone_is_refused(backoffice: Client) -> None:
    ZoneFactory.create(countries=["DE"])

    backoffice.post(reverse("admin:shipping_shippingzone_add"), zone_form([], ["DE"]))

    assert ShippingZone.objects.count() == 1


@pytest.mark.parametrize("page", ["shippingzone", "shippingmethod"])
def test_lists_show(backoffice: Client, page: str) -> None:
    row = ShippingMethodFactory.create()
    key = row.pk if page == "shippingmethod" else row.zone_id

    listing = backoffice.get(reverse(f"admin:shipping_{page}_changelist"), {"q": "a"})
    one = backoffice.get(reverse(f"admin:shipping_{page}_change", args=[key]))

    assert (listing.status_code, one.status_code) == (200, 200)


@pytest.mark.parametrize(
    "tiers",
    [
        [],
        "text",
        [{"from": 1}],
        [{"from": 2, "price": 1}, {"from": 1, "price": 2}],
        [{"from": 1, "price": 1}, {"from": 1, "price": 2}],
        [{"from": -1, "price": 1}],
        [{"from": 0, "price": "NaN"}],
        [{"from": 0, "price": "x"}],
        [5],
    ],
)
def test_tiers_ascend_and_are_numbers(tiers: Any) -> None:
    with pytest.raises(InvalidTiers):
        check_tiers(RateKind.BY_PRICE, tiers)


def test_a_flat_rate_has_no_tiers() -> None:
    check_tiers(RateKind.FLAT, [])
    with pytest.raises(InvalidTiers):
        check_tiers(RateKind.FLAT, [{"from": 0, "price": 1}])
