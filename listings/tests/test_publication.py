"""Products that come into the shop and leave it by themselves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import StaffFactory
from catalog import selectors, services
from catalog.models import Product
from catalog.services.bulk import BulkEdit
from catalog.services.publication import publish_due
from catalog.tests.factories import ProductFactory
from listings.selectors import catalog_version

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


def later(**delta: float) -> datetime:
    return timezone.now() + timedelta(**delta)


def sees(api: APIClient, product: Product) -> bool:
    """Tell whether the public sees a product, which has to be so everywhere or nowhere."""
    name = product.name
    found = [
        api.get(f"{PRODUCTS}{product.slug}/").status_code == 200,
        api.get(PRODUCTS).json()["count"] == 1,
        api.get(PRODUCTS, {"search": name}).json()["count"] == 1,
        bool(api.get(PRODUCTS, {"facets": "true"}).json()["facets"]["category"]),
        bool(api.get(f"{PRODUCTS}suggest/", {"q": name}).json()["products"]),
        bool(selectors.purchasable_variants([product.variants.get().pk])),
    ]
    assert len(set(found)) == 1, found
    return found[0]


@pytest.mark.django_db(transaction=True)
def test_comes_and_goes_everywhere_at_its_times(api: APIClient) -> None:
    product = ProductFactory.create(name="Dune")
    services.update_product(
        product_id=product.pk,
        changes={"publish_at": later(hours=1), "unpublish_at": later(hours=3)},
    )
    assert not sees(api, product)

    assert publish_due(now=later(minutes=59)) == 0
    assert not sees(api, product)

    assert publish_due(now=later(hours=2)) == 1
    assert sees(api, product)

    assert publish_due(now=later(hours=4)) == 1
    assert not sees(api, product)
    assert publish_due(now=later(hours=4)) == 0


@pytest.mark.django_db(transaction=True)
def test_changes_the_version_only_when_something_is_due() -> None:
    product = ProductFactory.create()
    services.update_product(product_id=product.pk, changes={"unpublish_at": later(hours=1)})
    before = catalog_version()

    publish_due(now=timezone.now())
    assert catalog_version() == before
    publish_due(now=later(hours=2))
    assert catalog_version() != before


def test_is_off_when_both_times_passed_while_no_job_ran() -> None:
    product = ProductFactory.create()
    changes: Any = {"publish_at": later(hours=1), "unpublish_at": later(hours=2)}
    services.update_product(product_id=product.pk, changes=changes)

    publish_due(now=later(days=1))

    product.refresh_from_db()
    assert (product.is_active, product.publish_at, product.unpublish_at) == (False, None, None)


def test_locks_what_is_due_in_the_order_of_its_keys() -> None:
    for product in ProductFactory.create_batch(2):
        services.update_product(product_id=product.pk, changes={"unpublish_at": later(hours=1)})

    with CaptureQueriesContext(connection) as queries:
        publish_due(now=later(hours=2))

    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    first, *updates = statements
    assert "ORDER BY 1 ASC FOR NO KEY UPDATE" in first  # of which the first column is the key
    assert all(sql.startswith("UPDATE") for sql in updates)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_is_carried_out_once_by_jobs_and_staff_at_once() -> None:
    products = ProductFactory.create_batch(5)
    for product in products:
        services.update_product(product_id=product.pk, changes={"publish_at": later(hours=1)})

    def act(number: int) -> int:
        try:
            if number % 2:
                keys = [product.pk for product in reversed(products)]
                edit = BulkEdit(price=Decimal(number))
                return services.edit_products(product_ids=keys, edit=edit) * 0
            return publish_due(now=later(hours=2))
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(act, range(1, 7)))

    assert sum(done) == 5
    assert set(Product.objects.values_list("is_active", "publish_at")) == {(True, None)}
    assert len(set(Product.objects.values_list("price", flat=True))) == 1


def test_is_set_by_staff_and_shown_to_them(manager: APIClient, api_for: Any) -> None:
    at = later(days=1).replace(microsecond=0)
    sent = {"name": "Dune", "price": "9.90", "publish_at": at.isoformat(), "is_active": True}

    made = manager.post(PRODUCTS, sent)

    shown = made.json()
    assert (made.status_code, shown["is_active"]) == (201, False)
    assert shown["publish_at"] == f"{at:%Y-%m-%dT%H:%M:%S}Z"
    staff = api_for(StaffFactory.create(role="Catalog manager"))
    assert staff.get(f"{PRODUCTS}{shown['id']}/").json()["publish_at"] == shown["publish_at"]


def test_counts_at_once_when_its_time_has_passed(manager: APIClient) -> None:
    product = ProductFactory.create(is_active=False)
    address = f"{PRODUCTS}{product.pk}/"

    shown = manager.patch(address, {"publish_at": "2020-01-01T00:00:00Z"}).json()
    assert (shown["is_active"], shown["publish_at"]) == (True, None)

    hidden = manager.patch(address, {"unpublish_at": "2020-01-01T00:00:00Z"}).json()
    assert (hidden["is_active"], hidden["unpublish_at"]) == (False, None)


@pytest.mark.parametrize("how", ["api", "action"])
def test_is_forgotten_when_someone_shows_the_product_now(manager: APIClient, how: str) -> None:
    product = ProductFactory.create()
    services.update_product(product_id=product.pk, changes={"publish_at": later(days=1)})

    if how == "api":
        manager.patch(f"{PRODUCTS}{product.pk}/", {"is_active": True})
    else:
        services.set_active(product_ids=[product.pk], is_active=True)

    product.refresh_from_db()
    assert (product.is_active, product.publish_at) == (True, None)


def test_refuses_to_end_before_it_begins(manager: APIClient) -> None:
    product = ProductFactory.create()
    times = {"publish_at": "2999-01-02T00:00:00Z", "unpublish_at": "2999-01-01T00:00:00Z"}

    response = manager.patch(f"{PRODUCTS}{product.pk}/", times)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_schedule")
    product.refresh_from_db()
    assert (product.is_active, product.publish_at) == (True, None)


@pytest.mark.parametrize(
    "value", [5, "tomorrow", "0000-00-00", [], True, "9999-12-31T23:59:59-23:59"]
)
def test_refuses_what_is_no_time(manager: APIClient, value: Any) -> None:
    product = ProductFactory.create()

    assert manager.patch(f"{PRODUCTS}{product.pk}/", {"publish_at": value}).status_code == 400


def test_is_kept_consistent_by_the_database() -> None:
    product = ProductFactory.create()

    with pytest.raises(IntegrityError, match="product_to_be_published_is_inactive"):
        Product.objects.filter(pk=product.pk).update(publish_at=later(days=1))


def test_is_set_on_the_page_of_a_product(client: Client) -> None:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    data = {
        "name": "Dune",
        "slug": "dune",
        "category": str(ProductFactory.create().category_id),
        "attributes": "{}",
        "tax_class": "standard",
        "is_active": "on",
        "publish_at_0": "2999-01-01",
        "publish_at_1": "12:00",
        "first_price": "5",
        "first_currency": "USD",
    }

    refused = client.post(
        reverse("admin:catalog_product_add"), {**data, "publish_at_0": "2001-01-01"}
    )
    client.post(reverse("admin:catalog_product_add"), data)

    product = Product.objects.get(slug="dune")
    assert b"This time has passed." in refused.content
    assert (product.is_active, product.price) == (False, Decimal(5))
    assert f"{product.publish_at:%Y-%m-%d %H}" == "2999-01-01 12"
    listed = client.get(reverse("admin:catalog_product_changelist"), {"scheduled": "publish"})
    assert b"Dune" in listed.content
