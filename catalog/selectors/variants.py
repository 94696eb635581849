"""Variants that can be bought."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import F, Model, Value

from catalog.models import Product, ProductVariant
from catalog.models.products import sku_key


def purchasable_variants(
    variant_ids: Collection[UUID], first_of: Collection[UUID] = ()
) -> dict[UUID, ProductVariant]:
    """Return those of ``variant_ids`` that can be bought, with their product: one query.

    So too the first variant of each product in ``first_of``. A variant can be bought while it
    and its product are alive and the product is active; whether there is stock is another
    question. Written by hand, since it is asked at every step of a purchase and compiling it
    takes longer than running it.
    """
    ids = list(variant_ids)
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        if len(ids) == 1 and not first_of:
            cursor.execute(_PURCHASABLE_ONE, ids)
        else:
            cursor.execute(_PURCHASABLE_MANY, [ids, list(first_of)])
        variants = [_variant_of(row) for row in cursor.fetchall()]
    return {variant.pk: variant for variant in variants}


def _columns(model: type[Model], table: str) -> str:
    return ", ".join(f'{table}."{name}"' for name in _names(model))


@cache
def _names(model: type[Model]) -> list[str]:
    """Return the columns of a model in the order in which ``from_db`` takes them."""
    return [field.attname for field in model._meta.concrete_fields if field.attname not in _HEAVY]


# Of no use for buying, and large.
_HEAVY = {"description", "attributes", "options", "search_document"}
_STATEMENT = """
    SELECT {variant}, {product}, variant.options
    FROM catalog_productvariant AS variant
    JOIN catalog_product AS product ON product.id = variant.product_id
    WHERE variant.deleted_at IS NULL AND product.deleted_at IS NULL AND product.is_active
"""
_PURCHASABLE = _STATEMENT.format(
    variant=_columns(ProductVariant, "variant"), product=_columns(Product, "product")
)
# Of one variant PostgreSQL keeps the plan; for an array it makes one at each call.
_PURCHASABLE_ONE = f"{_PURCHASABLE} AND variant.id = %s"
_AMONG = """ AND variant.id = ANY(%s::uuid[] || ARRAY(
        SELECT DISTINCT ON (product_id) id FROM catalog_productvariant
        WHERE product_id = ANY(%s::uuid[]) AND deleted_at IS NULL
        ORDER BY product_id, position, id))
"""
_PURCHASABLE_MANY = _PURCHASABLE + _AMONG


def _variant_of(row: Sequence[Any]) -> ProductVariant:
    mine, others = _names(ProductVariant), _names(Product)
    variant = ProductVariant.from_db("default", mine, row[: len(mine)])
    variant.product = Product.from_db("default", others, row[len(mine) : -1])
    variant.options = orjson.loads(row[-1])
    return variant


def variants_by_sku(skus: Collection[str]) -> dict[str, ProductVariant]:
    """Return the living variants by those of ``skus`` that name them, in any case and form."""
    named = ProductVariant.objects.annotate(key=sku_key(F("sku")))
    found = named.filter(key__in=[sku_key(Value(sku)) for sku in skus])
    variants = {_key_of(variant.sku): variant for variant in found}
    return {sku: variants[_key_of(sku)] for sku in skus if _key_of(sku) in variants}


def _key_of(sku: str) -> str:
    return unicodedata.normalize("NFKC", sku).upper()
