"""Prices of price lists: for groups of customers, and for larger quantities."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import DecimalField, Exists, F, Func, OuterRef, Q

from pricing.models import CustomerGroup, ListPrice
from pricing.totals import PriceBreak


def price_breaks(*, variant: str, customer: str | UUID | None) -> ArraySubquery:
    """Return the price breaks of a variant, as an array of (quantity, price), for ``annotate``.

    ``variant`` is the path from the annotated rows to the variant's key; so is ``customer``, or
    the key itself. Without a customer only the lists for everybody count. As part of the
    queries that baskets are read with, prices of lists cost them no query more.
    """
    listed = ListPrice.objects.filter(
        variant=OuterRef(variant), price_list__is_active=True, price_list__deleted_at=None
    )
    for_everybody = Q(price_list__group=None)
    if customer is None:
        listed = listed.filter(for_everybody)
    else:
        member = OuterRef(OuterRef(customer)) if isinstance(customer, str) else customer
        groups = CustomerGroup.objects.filter(pk=OuterRef("price_list__group"), members=member)
        listed = listed.filter(for_everybody | Exists(groups))
    pair = Func(
        F("minimum_quantity"),
        F("price"),
        template="ARRAY[%(expressions)s]",
        output_field=ArrayField(DecimalField()),
    )
    return ArraySubquery(listed.values_list(pair))


def breaks_of(pairs: Sequence[Sequence[Decimal]]) -> list[PriceBreak]:
    return [PriceBreak(int(quantity), price) for quantity, price in pairs]
