"""A SKU is one whatever its case and form; options and attributes are values by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from rest_framework.test import APIClient

from catalog import services
from catalog.models import Product, ProductVariant
from catalog.selectors.variants import variants_by_sku
from catalog.services.errors import SkuTaken
from catalog.tests.factories import ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("spelling", ["abc-É", "ABC-e\u0301", "\uff21bc-é", "Abc-É"])
def test_takes_no_sku_that_differs_in_case_or_form_alone(spelling: str) -> None:
    VariantFactory.create(sku="abc-é")
    other = VariantFactory.create()

    with pytest.raises(SkuTaken):
        services.change_variant(variant=other, changes={"sku": spelling})

    assert set(variants_by_sku([spelling, "none"])) == {spelling}


def test_lets_a_variant_change_the_case_of_its_own_sku(manager: APIClient) -> None:
    product = ProductFactory.create(variant__sku="abc")

    answer = manager.patch(f"/api/v1/products/{product.slug}/", {"sku": "ABC"}, format="json")

    assert answer.status_code == 200
    assert ProductVariant.objects.get().sku == "ABC"


@pytest.mark.parametrize(
    "options", ["Blue", 5, None, [], ["Blue"], {"size": 5}, {"a": {}}, {"a": []}, {"a": ["x"]}]
)
def test_keeps_options_that_are_texts_by_name(options: Any) -> None:
    variant = VariantFactory.create()

    with pytest.raises(IntegrityError), transaction.atomic():
        ProductVariant.objects.filter(pk=variant.pk).update(options=options)


@pytest.mark.parametrize("attributes", ["Blue", 5, [], [{"a": 1}]])
def test_keeps_attributes_that_are_values_by_name(attributes: Any) -> None:
    product = ProductFactory.create()

    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(attributes=attributes)


def test_repairs_what_earlier_versions_took() -> None:
    names = {
        "catalog_product": ["product_attributes_are_members"],
        "catalog_productvariant": ["variant_options_are_texts_by_name"],
    }
    with connection.cursor() as cursor:
        for table, constraints in names.items():
            for name in constraints:
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute("DROP INDEX variant_sku_is_unique_in_any_form")
    product = ProductFactory.create(attributes=[], variant__options="Blue", variant__sku="abc")
    VariantFactory.create(product=product, options={"size": 5, "none": None}, sku="ABC")

    migration = import_module("catalog.migrations.0023_shapes_and_skus")
    with connection.cursor() as cursor:
        for statement in (migration.SKUS, migration.OPTIONS, migration.ATTRIBUTES):
            cursor.execute(statement)

    product.refresh_from_db()
    first, second = product.variants.order_by("created_at", "id")
    assert product.attributes == {}
    assert (first.sku, first.options) == ("abc", {"value": "Blue"})
    assert second.sku == f"ABC-{second.pk.hex[-8:]}"
    assert second.options == {"size": "5"}
