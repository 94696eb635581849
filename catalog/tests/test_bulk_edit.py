"""Changing many products at once, all or none."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse_lazy

from accounts.tests.factories import StaffFactory
from catalog import services
from catalog.models import Product, ProductVariant
from catalog.services.bulk import BulkEdit, TooManyProducts
from catalog.services.errors import InvalidPrice
from catalog.tests.factories import CategoryFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db

LIST = reverse_lazy("admin:catalog_product_changelist")


def edit(*products: Product, **changes: Any) -> int:
    keys = [product.pk for product in products]
    return services.edit_products(product_ids=keys, edit=BulkEdit(**changes))


def prices(product: Product) -> list[Decimal]:
    variants = ProductVariant.objects.filter(product=product).order_by("price")
    return list(variants.values_list("price", flat=True))


def test_sets_category_activity_and_the_price_of_all_variants() -> None:
    one, other = ProductFactory.create(), ProductFactory.create()
    VariantFactory.create(product=one, price=Decimal(30))
    category = CategoryFactory.create()

    assert edit(one, other, price=Decimal(5), category=category, is_active=False) == 2

    assert [*prices(one), *prices(other)] == [5, 5, 5]
    for product in (one, other):
        product.refresh_from_db()
        assert (product.category, product.is_active, product.price) == (category, False, 5)


def test_changes_prices_by_a_percentage_to_the_minor_unit_of_each_currency() -> None:
    dollars = ProductFactory.create(variant__price=Decimal("9.99"))
    yen = ProductFactory.create(variant__price=Decimal(1), variant__currency="JPY")

    edit(dollars, yen, percent=Decimal(-15))

    assert [*prices(dollars), *prices(yen)] == [Decimal("8.49"), 1]


def test_drops_a_compare_at_price_that_is_no_longer_above_the_price() -> None:
    product = ProductFactory.create(
        variant__price=Decimal(10), variant__compare_at_price=Decimal(12)
    )

    edit(product, percent=Decimal(5))
    assert product.variants.get().compare_at_price == 12
    edit(product, percent=Decimal(50))
    assert product.variants.get().compare_at_price is None


def test_changes_nothing_when_one_price_is_refused() -> None:
    dollars = ProductFactory.create(variant__price=Decimal(10))
    yen = ProductFactory.create(variant__price=Decimal(1000), variant__currency="JPY")

    with pytest.raises(InvalidPrice):
        edit(dollars, yen, price=Decimal("5.50"), is_active=False)

    assert [*prices(dollars), *prices(yen)] == [10, 1000]
    assert Product.objects.filter(is_active=True).count() == 2


def test_leaves_the_deleted_alone() -> None:
    product = ProductFactory.create(variant__price=Decimal(10))
    services.delete_product(product_id=product.pk)

    assert edit(product, price=Decimal(5)) == 0
    assert ProductVariant.all_objects.get().price == 10


def test_refuses_more_than_it_can_do_in_one_transaction() -> None:
    many = [CategoryFactory.build().pk for _ in range(501)]

    with pytest.raises(TooManyProducts):
        services.edit_products(product_ids=many, edit=BulkEdit(is_active=True))


def test_locks_variants_before_products_in_the_order_of_their_keys() -> None:
    products = ProductFactory.create_batch(2)

    with CaptureQueriesContext(connection) as queries:
        edit(*products, price=Decimal(5))

    first, second = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]][:2]
    assert 'ORDER BY "catalog_productvariant"."id" ASC FOR NO KEY UPDATE' in first
    assert 'FROM "catalog_product"' in second
    assert "ORDER BY 1 ASC FOR NO KEY UPDATE" in second  # of which the first column is the key


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    return client


def send(client: Client, *products: Product, **data: str) -> Any:
    chosen = [str(product.pk) for product in products]
    return client.post(LIST, {"action": "edit_together", "_selected_action": chosen, **data})


def test_asks_staff_what_to_change_and_changes_it(staff: Client) -> None:
    one, other = ProductFactory.create(), ProductFactory.create(is_active=False)

    page = send(staff, one, other).content.decode()
    assert page.count('name="_selected_action"') == 2
    assert edit_untouched(one)

    answer = send(staff, one, other, apply="yes", price="7.50", is_active="yes")
    assert answer.status_code == 302
    assert (prices(one), prices(other)) == ([Decimal("7.5")], [Decimal("7.5")])
    assert Product.objects.filter(is_active=True).count() == 2


def edit_untouched(product: Product) -> bool:
    """Tell whether a product still has the price that tests begin with."""
    return prices(product) == [Decimal("9.90")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"price": "5", "percent": "10"}, "not both"),
        ({"price": "1.001"}, "More decimals than USD has."),
        ({"percent": "-100"}, "greater than or equal to -99"),
    ],
)
def test_tells_staff_what_is_refused(staff: Client, data: dict[str, str], reason: str) -> None:
    product = ProductFactory.create()

    page = send(staff, product, apply="yes", **data)

    assert reason in page.content.decode()
    assert edit_untouched(product)


def test_is_for_those_who_may_change_products(client: Client) -> None:
    client.force_login(StaffFactory.create(role="Support"))
    product = ProductFactory.create()

    send(client, product, apply="yes", price="5")

    assert edit_untouched(product)
