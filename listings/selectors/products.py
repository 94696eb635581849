"""Which products someone sees, and how they are narrowed down."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import (
    BooleanField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.expressions import RawSQL

from catalog.models import Category, Product, ProductVariant
from core.queries import any_of
from listings.selectors.lookups import by_keys

# Longer ones are not numbers that JSON readers agree on.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TEXTS = frozenset({"text", "choice"})
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")


_LISTED = Product.objects.filter(is_active=True)


def listed_products() -> QuerySet[Product]:
    """Return what the public sees: living and active."""
    return _LISTED.all()


# What was bought with it comes first, then what is popular in its category.
_RELATED = """
    SELECT id FROM (
        (SELECT other.id, row_number() OVER (
                    ORDER BY affinity.orders DESC, other.units_sold DESC, other.id) AS place
         FROM catalog_productaffinity AS affinity
         JOIN catalog_product AS other ON other.id = affinity.other_id
              AND other.deleted_at IS NULL AND other.is_active
         WHERE affinity.product_id = %(product)s ORDER BY place LIMIT %(most)s)
        UNION ALL
        (SELECT id, %(most)s + row_number() OVER (ORDER BY units_sold DESC, id DESC)
         FROM (SELECT id, units_sold FROM catalog_product
               WHERE category_id = %(category)s AND id <> %(product)s
                 AND deleted_at IS NULL AND is_active
               ORDER BY units_sold DESC, id DESC LIMIT %(most)s) AS alike)) AS related
    GROUP BY id ORDER BY min(place) LIMIT %(most)s
"""
MOST_RELATED = 100


class _Place(Func):
    """The place of a key in an array of keys."""

    template = "array_position(%(expressions)s)"
    output_field = IntegerField()


def related_products(product: Product) -> QuerySet[Product]:
    """Return the listed products that go with another, at most ``MOST_RELATED``: one query here.

    What was bought together with it comes first, most often first, then the popular ones of its
    category.
    """
    parameters: dict[str, Any] = {
        "product": product.pk,
        "category": product.category_id,
        "most": MOST_RELATED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RELATED, parameters)
        keys = [key for (key,) in cursor.fetchall()]
    place = _Place(RawSQL("%s::uuid[]", [keys]), F("pk"))
    return listed_products().filter(pk__in=any_of(keys)).annotate(place=place).order_by("place")


def in_categories(keys: Collection[str]) -> Q:
    """Return the condition for products of categories, by id or slug, or of their descendants."""
    ancestors = Category.objects.filter(
        by_keys(keys),
        tree_id=OuterRef("tree_id"),
        lft__lte=OuterRef("lft"),
        rght__gte=OuterRef("rght"),
    )
    return Q(category__in=Category.objects.filter(Exists(ancestors)).order_by().values("pk"))


def with_options(values_by_name: Mapping[str, Collection[str]]) -> Q:
    """Return the condition for products with a variant that has one of the values of each name."""
    variants = ProductVariant.objects.all()
    for name, values in values_by_name.items():
        has_one = Q()
        for value in values:
            has_one |= Q(options__contains={name: value})
        variants = variants.filter(has_one)
    return Q(pk__in=variants.values("product_id"))


class _HasPath(Func):
    """Whether a JSON path finds anything."""

    template = "(%(expressions)s::jsonpath)"
    arg_joiner = " @? "
    output_field = BooleanField()


def with_attribute(name: str, values: Sequence[str], types: Collection[str] = ()) -> Q:
    """Return the condition for products whose attribute has one of ``values``.

    A value is compared as one of ``types``, where the attribute is defined, and as text, number
    and truth where it is not; and with the members of a list. Numbers and days may be ranges:
    ``100..300``, ``100..``, ``..300``. Raises ValueError for what none of ``types`` can be.
    """
    condition = Q()
    for value in values:
        bounds = _range_of(value, types)
        if bounds is not None:
            condition |= Q(_HasPath(F("attributes"), Value(_between(name, *bounds))))
            continue
        for meant in _meanings_of_whole(value, types):
            condition |= Q(attributes__contains={name: meant})
            condition |= Q(attributes__contains={name: [meant]})
    if not condition:
        raise ValueError(", ".join(values))
    return condition


def _meanings(value: str, types: Collection[str]) -> list[Any]:
    meanings: list[Any] = []
    if not types or not _TEXTS.isdisjoint(types) or ("date" in types and _DAY.fullmatch(value)):
        meanings.append(value)
    if value in {"true", "false"} and (not types or "boolean" in types):
        meanings.append(value == "true")
    if _NUMBER.fullmatch(value) and (not types or "number" in types):
        meanings.append(_number(value))
    if not meanings:
        raise ValueError(value)
    return meanings


def _meanings_of_whole(value: str, types: Collection[str]) -> list[Any]:
    """Return what ``value`` may be; nothing where only its parts, between commas, are meant."""
    try:
        return _meanings(value, types)
    except ValueError:
        if "," in value:
            return []
        raise


def _number(value: str) -> int | float:
    return float(value) if "." in value else int(value)


def _range_of(value: str, types: Collection[str]) -> tuple[Any, Any] | None:
    """Return the bounds that ``value`` stands for, None for an open one; None if it is no range."""
    lowest, dots, highest = value.partition("..")
    ends = [end for end in (lowest, highest) if end]
    if not dots or not ends:
        return None
    if "number" in types and all(_NUMBER.fullmatch(end) for end in ends):
        return _number(lowest) if lowest else None, _number(highest) if highest else None
    if "date" in types and all(_DAY.fullmatch(end) for end in ends):
        return lowest or None, highest or None
    return None


def _between(name: str, lowest: Any, highest: Any) -> str:
    """Return the JSON path of a member with a value from ``lowest`` to ``highest``."""
    tests = [
        f"@ {sign} {json.dumps(bound)}"
        for sign, bound in ((">=", lowest), ("<=", highest))
        if bound is not None
    ]
    return f"$.{json.dumps(name)} ? ({' && '.join(tests)})"
