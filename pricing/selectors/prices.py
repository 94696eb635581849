"""Prices of price lists: for groups of customers, and for larger quantities."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

from django.db import connection

from pricing.totals import PriceBreak


def breaks_sql(*, variant: str, customer: str) -> str:
    """Return SQL for the price breaks of a variant, as an array of (quantity, price).

    ``variant`` and ``customer`` are SQL for the ids of both; without a customer only the lists
    for everybody count. Part of the queries that carts are read with, so that prices of lists
    cost them no query more.
    """
    return f"""
        ARRAY(
            SELECT ARRAY[listed.minimum_quantity, listed.price]
            FROM pricing_listprice AS listed
            JOIN pricing_pricelist AS list ON list.id = listed.price_list_id
            WHERE listed.variant_id = {variant} AND list.is_active AND list.deleted_at IS NULL
              AND (list.group_id IS NULL OR EXISTS (
                  SELECT FROM pricing_customergroup_members AS member
                  JOIN pricing_customergroup AS "group" ON "group".id = member.customergroup_id
                  WHERE "group".id = list.group_id AND "group".deleted_at IS NULL
                    AND member.user_id = {customer}
              ))
        )
    """  # noqa: S608 - joins our own constants


_BREAKS = f"""
    SELECT wanted.id, {breaks_sql(variant="wanted.id", customer="%s::uuid")}
    FROM unnest(%s::uuid[]) AS wanted (id)
"""  # noqa: S608 - joins our own constants


def breaks_for(
    variant_ids: Collection[UUID], *, customer_id: UUID | None
) -> dict[UUID, list[PriceBreak]]:
    """Return the price breaks of each variant for a customer (None: a guest): one query."""
    with connection.cursor() as cursor:
        cursor.execute(_BREAKS, [customer_id, list(variant_ids)])
        return {variant_id: breaks_of(rows) for variant_id, rows in cursor.fetchall()}


def breaks_of(rows: Sequence[Sequence[Decimal]]) -> list[PriceBreak]:
    """Return the breaks that a column of ``breaks_sql`` holds."""
    return [PriceBreak(int(quantity), price) for quantity, price in rows]
