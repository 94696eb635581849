"""Setting the stock of many products at once in the backoffice."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse_lazy

from accounts.tests.factories import StaffFactory
from catalog.models import Product
from catalog.tests.factories import ProductFactory, VariantFactory
from inventory import selectors
from inventory.models import StockMovement
from inventory.tests.factories import LocationFactory

pytestmark = pytest.mark.django_db

LIST = reverse_lazy("admin:catalog_product_changelist")


@pytest.fixture
def staff(client: Client) -> Client:
    LocationFactory.create()
    client.force_login(StaffFactory.create(role="Catalog manager"))
    return client


def send(client: Client, *products: Product, **data: str) -> Any:
    chosen = [str(product.pk) for product in products]
    data = {"apply": "yes", **data}
    return client.post(LIST, {"action": "edit_together", "_selected_action": chosen, **data})


def units(product: Product) -> list[int]:
    variants = selectors.variant_ids_of(product.pk)
    available = selectors.available(variants)
    return [available[key] for key in variants]


def test_sets_the_units_of_each_variant_that_is_kept_in_stock(staff: Client) -> None:
    one, other = ProductFactory.create(), ProductFactory.create()
    VariantFactory.create(product=one, position=1, is_digital=True)

    assert send(staff, one, other, stock="7", price="5").status_code == 302

    one.refresh_from_db()
    assert (units(one), units(other)) == ([7, 0], [7])
    assert (one.in_stock, one.price) == (True, Decimal(5))
    assert set(StockMovement.objects.values_list("delta", "reason")) == {(7, "adjusted")}


def test_leaves_stock_and_prices_as_they_were_when_something_is_refused(staff: Client) -> None:
    product = ProductFactory.create()

    page = send(staff, product, stock="7", price="1.001")

    assert "More decimals than USD has." in page.content.decode()
    assert units(product) == [0]
    assert not StockMovement.objects.exists()


def test_leaves_the_stock_alone_unless_it_is_asked_for(staff: Client) -> None:
    product = ProductFactory.create()

    send(staff, product, is_active="no")

    product.refresh_from_db()
    assert (product.is_active, StockMovement.objects.count()) == (False, 0)
