"""How many products each further filter would leave: counted by PostgreSQL in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection
from django.db.models import QuerySet

from catalog.models import Product
from catalog.selectors.attributes import KnownAttribute
from core.money import minor_unit, quantize
from listings.selectors.documents import Query

# Of more products, so many are counted, and the answer says that it is approximate.
COUNTED_HITS = 10_000
MOST_ROWS = 100  # categories, brands
MOST_ATTRIBUTES = 20
MOST_VALUES = 20  # of one attribute
LONGEST_VALUE = 120

# Price bands begin at 1, 2 and 5 of each power of ten, whatever is in the shop: they stay where
# they are when a product comes or goes.
_BOUNDS = [
    Decimal(digit).scaleb(exponent).normalize() for exponent in range(-2, 13) for digit in (1, 2, 5)
]

_CATEGORIES = """
    SELECT coalesce(json_agg(json_build_object(
        'id', id, 'name', name, 'slug', slug, 'parent', parent_id, 'level', level,
        'count', products) ORDER BY products DESC, tree_id, lft), '[]')
    FROM (
        SELECT node.*, filed.products FROM (
            SELECT node.id, sum(direct.products)::int AS products
            FROM (SELECT category_id, count(*) AS products FROM {hits} GROUP BY 1) AS direct
            JOIN catalog_category AS own ON own.id = direct.category_id
            JOIN catalog_category AS node ON node.tree_id = own.tree_id
                 AND node.lft <= own.lft AND node.rght >= own.rght
            GROUP BY node.id) AS filed
        JOIN catalog_category AS node ON node.id = filed.id AND node.deleted_at IS NULL
        ORDER BY filed.products DESC, node.tree_id, node.lft LIMIT {rows}) AS category"""
_BRANDS = """
    SELECT coalesce(json_agg(json_build_object(
        'id', id, 'name', name, 'slug', slug, 'count', products)
        ORDER BY products DESC, name, id), '[]')
    FROM (
        SELECT brand.id, brand.name, brand.slug, direct.products
        FROM (SELECT brand_id, count(*) AS products FROM {hits} GROUP BY 1) AS direct
        JOIN catalog_brand AS brand ON brand.id = direct.brand_id
        ORDER BY direct.products DESC, brand.name, brand.id LIMIT {rows}) AS brand"""
_PRICES = """
    SELECT coalesce(json_agg(json_build_array(currency, band, products)
                             ORDER BY currency, band), '[]')
    FROM (SELECT currency, width_bucket(price, ARRAY[{bounds}]::numeric[]) AS band,
                 count(*) AS products
          FROM {hits} GROUP BY 1, 2) AS price"""

# Each value once for each product; of lists their members. What is different for every product,
# like an ISBN, narrows nothing down: it is left out before anything is sorted.
_ATTRIBUTES = """
    SELECT coalesce(json_agg(json_build_array(name, value, products)
                             ORDER BY total DESC, name, products DESC, value), '[]')
    FROM (
        WITH counted AS MATERIALIZED (
            SELECT name, value, count(*) AS products
            FROM ({values}) AS found
            WHERE length(value::text) <= {longest} AND value::text NOT LIKE '"http%%'
            GROUP BY name, value),
        chosen AS (
            SELECT name, sum(products) AS total FROM counted GROUP BY name
            HAVING count(*) <= {most} OR max(products) > 1
            ORDER BY total DESC, name LIMIT {attributes})
        SELECT chosen.name, chosen.total, best.value, best.products
        FROM chosen, LATERAL (
            SELECT value, products FROM counted WHERE counted.name = chosen.name
            ORDER BY products DESC, value LIMIT {most}) AS best) AS attribute"""
_VALUES = """
    SELECT entry.key AS name, entry.value
    FROM {hits} AS hit, jsonb_each(hit.attributes) AS entry
    WHERE {chosen} AND jsonb_typeof(entry.value) IN ('string', 'number', 'boolean')
    UNION ALL
    SELECT entry.key, member.value
    FROM {hits} AS hit, jsonb_each(hit.attributes) AS entry, LATERAL (
        SELECT DISTINCT value FROM jsonb_array_elements(
            CASE jsonb_typeof(entry.value) WHEN 'array' THEN entry.value ELSE '[]' END)) AS member
    WHERE {chosen} AND jsonb_typeof(entry.value) = 'array'
      AND jsonb_typeof(member.value) IN ('string', 'number', 'boolean')"""

# Each option once for each product that has a variant with it.
_OPTIONS = """
    SELECT DISTINCT hit.id, entry.key AS name, entry.value
    FROM {hits} AS hit
    JOIN catalog_productvariant AS variant ON variant.product_id = hit.id
         AND variant.deleted_at IS NULL AND NOT (variant.options = '{{}}'),
         LATERAL jsonb_each(variant.options) AS entry
    WHERE {chosen}"""

_FIRST = "SELECT {columns} FROM ({rows}) AS found LIMIT {most}"
COLUMNS = ("category_id", "brand_id", "price", "currency", "attributes")
ATTRIBUTE, OPTION = "attr.", "option."


@dataclass(frozen=True)
class _Hits:
    """The products that one facet is counted over, as a part of a WITH clause."""

    name: str
    sql: str
    parameters: tuple[Any, ...]


def count_facets(
    found: Query,
    widened: Mapping[str, QuerySet[Product]],
    known: Mapping[str, KnownAttribute],
) -> dict[str, Any]:
    """Return the facets of ``found``, a query with ``COLUMNS``: one query, however many there are.

    A facet that has a filter of its own is counted over ``widened``, the products that pass all
    other filters; its key is ``category``, ``brand``, ``price``, ``attr.<name>`` or
    ``option.<name>``. Of more than
    ``COUNTED_HITS`` products the first are counted, and ``approximate`` is true. A category
    counts what is below it. The bounds of a price band both belong to it. ``known`` tells what
    attributes are, and which of them are not to be filtered by.
    """
    everything = _hits("hits", found)
    own = {
        key: _hits(f"hits_{place}", counted(rows))
        for place, (key, rows) in enumerate(widened.items())
    }
    parts = [everything, *own.values()]
    hidden = [name for name, attribute in known.items() if not attribute.is_filterable]
    values, chosen = _counted_values(_VALUES, ATTRIBUTE, everything, own, hidden)
    options, chosen_options = _counted_values(_OPTIONS, OPTION, everything, own, [])
    sql = f"""
        WITH {", ".join(part.sql for part in parts)}
        SELECT ({_CATEGORIES.format(hits=own.get("category", everything).name, rows=MOST_ROWS)}),
               ({_BRANDS.format(hits=own.get("brand", everything).name, rows=MOST_ROWS)}),
               ({_bands(own.get("price", everything))}),
               ({_attributes(values)}),
               ({_attributes(options)}),
               greatest({", ".join(f"(SELECT count(*) FROM {part.name})" for part in parts)})
    """  # noqa: S608 - our own constants and the statements of query sets
    parameters = [value for part in parts for value in part.parameters]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, *chosen, *chosen_options])
        *documents, most = cursor.fetchone()
    categories, brands, prices, attributes, by_option = map(_loaded, documents)
    return {
        "category": categories,
        "brand": brands,
        "price": [_band(*row) for row in prices],
        "attributes": _by_name(attributes, known),
        "options": [
            {"name": option["name"], "values": option["values"]}
            for option in _by_name(by_option, {})
        ],
        "approximate": most > COUNTED_HITS,
    }


def counted(products: QuerySet[Any]) -> Query:
    """Return the query of the ``COLUMNS`` of products."""
    rows = products.order_by().values_list("id", *COLUMNS)
    return Query(*rows.query.sql_with_params())


def _hits(name: str, rows: Query) -> _Hits:
    first = _FIRST.format(columns=", ".join(("id", *COLUMNS)), rows=rows.sql, most=COUNTED_HITS + 1)
    return _Hits(name, f"{name} AS MATERIALIZED ({first})", rows.parameters)


def _bands(hits: _Hits) -> str:
    return _PRICES.format(hits=hits.name, bounds=", ".join(f"{bound:f}" for bound in _BOUNDS))


def _counted_values(
    statement: str,
    prefix: str,
    everything: _Hits,
    own: Mapping[str, _Hits],
    hidden: Sequence[str],
) -> tuple[str, list[Any]]:
    """Return the statement of all names and values to count, and its parameters."""
    widened = {
        key.removeprefix(prefix): hits for key, hits in own.items() if key.startswith(prefix)
    }
    conditions = statement.count("{chosen}")
    others = [*widened, *hidden]
    statements = [statement.format(hits=everything.name, chosen="entry.key <> ALL (%s::text[])")]
    parameters: list[Any] = [others] * conditions
    for name, hits in widened.items():
        statements.append(statement.format(hits=hits.name, chosen="entry.key = %s"))
        parameters += [name] * conditions
    return " UNION ALL ".join(statements), parameters


def _attributes(values: str) -> str:
    return _ATTRIBUTES.format(
        values=values,
        longest=LONGEST_VALUE,
        most=MOST_VALUES,
        attributes=MOST_ATTRIBUTES,
    )


def _loaded(document: Any) -> list[Any]:
    rows: list[Any] = document if isinstance(document, list) else orjson.loads(document)
    return rows


def _band(currency: str, place: int, count: int) -> dict[str, Any]:
    """Return the band of prices that ``width_bucket`` numbers so; the last one has no end."""
    lowest = _BOUNDS[place - 1] if place else Decimal(0)
    highest = _BOUNDS[place] - minor_unit(currency) if place < len(_BOUNDS) else None
    return {
        "min": f"{quantize(lowest, currency):f}",
        "max": None if highest is None else f"{quantize(highest, currency):f}",
        "currency": currency,
        "count": count,
    }


def _by_name(rows: list[Any], known: Mapping[str, KnownAttribute]) -> list[dict[str, Any]]:
    attributes: dict[str, list[dict[str, Any]]] = {}
    for name, value, count in rows:
        attributes.setdefault(name, []).append({"value": value, "count": count})
    return [
        {
            "name": name,
            "label": known[name].label if name in known else name,
            "types": sorted(known[name].types) if name in known else [],
            "values": values,
        }
        for name, values in attributes.items()
    ]
