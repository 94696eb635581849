"""What is not listed, and what concerns the shop alone, is for those who may write it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson
import pytest
from rest_framework.test import APIClient

from accounts.models import Scope, User
from accounts.services.api_keys import NewKey, create_api_key
from accounts.tests.factories import StaffFactory, UserFactory
from catalog.models import Product
from catalog.tests.factories import ProductFactory, VendorFactory

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"
SECRET = "4.20"
CALLERS = [
    "anonymous",
    "expired token",
    "customer",
    "Order manager",
    "Support",
    "another seller",
    "key sales:write",
    "its seller",
    "Catalog manager",
    "Administrator",
    "key catalog:write",
]
KEEPERS = {"its seller", "Catalog manager", "Administrator", "key catalog:write"}


@pytest.fixture
def seller() -> User:
    return StaffFactory.create(role="Seller")


@pytest.fixture
def product(seller: User) -> Product:
    vendor = VendorFactory.create(sellers=[seller])
    return ProductFactory.create(vendor=vendor, variant__cost_price=Decimal(SECRET))


@pytest.fixture
def client_of(api_for: Callable[[User], APIClient], seller: User) -> Callable[[str], APIClient]:
    def client_of(caller: str) -> APIClient:
        client = APIClient()
        if caller == "expired token":
            client.credentials(HTTP_AUTHORIZATION="Bearer expired")
        elif caller.startswith("key "):
            scope = Scope(caller.removeprefix("key "))
            _key, text = create_api_key(new=NewKey(caller, [scope]), created_by=None)
            client.credentials(HTTP_AUTHORIZATION=f"Api-Key {text}")
        elif caller != "anonymous":
            people = {"its seller": lambda: seller, "customer": UserFactory.create}
            role = "Seller" if caller == "another seller" else caller
            client = api_for(people.get(caller, lambda: StaffFactory.create(role=role))())
        return client

    return client_of


def reads_of(product: Product) -> list[str]:
    address, variant = f"{PRODUCTS}{product.slug}/", product.variants.get()
    image = product.images.create(image="products/a.png")
    return [
        address,
        f"{PRODUCTS}{product.pk}/",
        f"{address}variants/",
        f"{address}variants/{variant.pk}/",
        f"{address}images/{image.pk}/",
    ]


@pytest.mark.parametrize("caller", CALLERS)
def test_what_is_inactive_is_seen_by_those_who_keep_it(
    client_of: Callable[[str], APIClient], product: Product, caller: str
) -> None:
    Product.objects.filter(pk=product.pk).update(is_active=False)
    client = client_of(caller)

    answers = [client.get(address) for address in reads_of(product)]

    assert {answer.status_code for answer in answers} == {200 if caller in KEEPERS else 404}


@pytest.mark.parametrize("caller", CALLERS)
def test_costs_and_tax_classes_are_read_by_those_who_write_them(
    client_of: Callable[[str], APIClient], product: Product, caller: str
) -> None:
    client, (page, _, variants, variant, _) = client_of(caller), reads_of(product)

    answers = [client.get(address) for address in (page, variants, variant)]

    told = [secrets(orjson.loads(answer.content)) for answer in answers]
    is_keeper = caller in KEEPERS
    costs, taxed = [("cost_price", SECRET)], [("tax_class", "standard")]
    assert told == ([[*costs, *taxed], costs, costs] if is_keeper else [[], [], []])
    shared = {"public" in answer["Cache-Control"] for answer in answers}
    assert shared == {not is_keeper}


def secrets(document: Any) -> list[tuple[str, Any]]:
    """Return the members of a document, at any depth, that concern the shop alone."""
    if isinstance(document, list):
        return [found for part in document for found in secrets(part)]
    if not isinstance(document, dict):
        return []
    own = [(name, document[name]) for name in ("cost_price", "tax_class") if name in document]
    return [*(found for part in document.values() for found in secrets(part)), *own]


@pytest.mark.parametrize("caller", CALLERS)
def test_the_inactive_are_listed_to_those_who_keep_them(
    client_of: Callable[[str], APIClient], product: Product, caller: str
) -> None:
    Product.objects.filter(pk=product.pk).update(is_active=False)
    ProductFactory.create()
    client = client_of(caller)

    answer = client.get(f"{PRODUCTS}?is_active=false")

    is_seller = caller in KEEPERS or caller == "another seller"
    assert answer.status_code == (200 if is_seller else 400)
    if is_seller:
        found = [row["id"] for row in answer.json()["results"]]
        assert found == ([str(product.pk)] if caller in KEEPERS else [])
        assert "no-store" in answer["Cache-Control"]


def test_what_a_keeper_was_answered_is_given_to_nobody_else(
    client_of: Callable[[str], APIClient], product: Product
) -> None:
    keeper, stranger = client_of("Catalog manager"), client_of("anonymous")
    address = f"{PRODUCTS}{product.slug}/"
    tag = keeper.get(address)["ETag"]

    answer = stranger.get(address, HTTP_IF_NONE_MATCH=tag)

    assert answer.status_code == 200
    assert secrets(answer.json()) == []
    assert keeper.get(address, HTTP_IF_NONE_MATCH=tag).status_code == 304
    assert stranger.get(f"{address}?fields=tax_class").status_code == 400
    assert keeper.get(f"{address}?fields=tax_class").json() == {"tax_class": "standard"}


@pytest.mark.parametrize("caller", sorted(KEEPERS))
def test_who_switches_a_product_off_reads_it_and_switches_it_on(
    client_of: Callable[[str], APIClient], product: Product, caller: str
) -> None:
    client, address = client_of(caller), f"{PRODUCTS}{product.slug}/"
    body = {"is_active": False, "cost_price": "5.00", "tax_class": "reduced"}

    off = client.patch(address, body, HTTP_IF_MATCH=client.get(address)["ETag"])
    read = client.get(address)
    on = client.patch(address, {"is_active": True}, HTTP_IF_MATCH=read["ETag"])

    assert [answer.status_code for answer in (off, read, on)] == [200, 200, 200]
    assert off.json() == read.json()
    assert secrets(read.json()) == [("cost_price", "5.00"), ("tax_class", "reduced")]


@pytest.mark.parametrize("query", ["is_active=", "is_active=x", "is_active=true&is_active=false"])
def test_an_activity_that_is_none_is_refused(
    client_of: Callable[[str], APIClient], query: str
) -> None:
    answer = client_of("Catalog manager").get(f"{PRODUCTS}?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/is_active"


def test_the_inactive_are_searched_and_filtered_as_others(
    client_of: Callable[[str], APIClient], product: Product
) -> None:
    Product.objects.filter(pk=product.pk).update(is_active=False, name="Emma")
    other = ProductFactory.create(name="Emma", is_active=False)
    client = client_of("Catalog manager")

    found = client.get(f"{PRODUCTS}?is_active=false&search=Emma&category={other.category.slug}")
    counted = client.get(f"{PRODUCTS}?is_active=false&facets=true")

    assert [row["id"] for row in found.json()["results"]] == [str(other.pk)]
    assert (counted.json()["count"], counted.json()["facets"]["approximate"]) == (2, False)
    assert client.get(f"{PRODUCTS}?is_active=true").json()["count"] == 0
