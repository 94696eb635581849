"""Which tax rates hold where."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from catalog.models import TaxClass
from core.audit import identities
from pricing.selectors import tax_table
from pricing.tests.factories import TaxRateFactory

pytestmark = pytest.mark.django_db


def test_holds_the_countrys_rates_by_class() -> None:
    TaxRateFactory.create()
    TaxRateFactory.create(tax_class=TaxClass.REDUCED, rate=Decimal("0.07"))
    TaxRateFactory.create(country="FR", rate=Decimal("0.20"))

    table = tax_table(country="DE")

    assert table.rates == {"standard": Decimal("0.19"), "reduced": Decimal("0.07")}
    assert table.is_inclusive


@pytest.mark.parametrize(("region", "rate"), [("", "0.05"), ("TX", "0.05"), ("ca", "0.0725")])
def test_prefers_the_regions_own_rate(region: str, rate: str) -> None:
    TaxRateFactory.create(country="US", region="CA", rate=Decimal("0.0725"), is_inclusive=False)
    TaxRateFactory.create(country="US", rate=Decimal("0.05"), is_inclusive=False)

    assert tax_table(country="US", region=region).rate_of("standard") == Decimal(rate)


def test_without_a_rate_nothing_is_taxed() -> None:
    table = tax_table(country="US", region="OR")

    assert (table.rates, table.is_inclusive) == ({}, False)
    assert table.rate_of("standard") == 0


def test_a_deleted_rate_holds_no_more() -> None:
    TaxRateFactory.create().delete()

    assert tax_table(country="DE").rates == {}


def test_costs_one_query() -> None:
    TaxRateFactory.create()

    with CaptureQueriesContext(connection) as queries:
        tax_table(country="DE", region="Berlin")

    assert len(queries) == 1


def test_a_class_has_one_rate_in_a_place() -> None:
    TaxRateFactory.create()

    with pytest.raises(IntegrityError, match="one_tax_rate_per_place_and_class"):
        TaxRateFactory.create()


@pytest.mark.parametrize("rate", ["-0.01", "1"])
def test_a_rate_is_a_fraction(rate: str) -> None:
    with pytest.raises(IntegrityError, match="tax_rate_is_a_fraction"):
        TaxRateFactory.create(rate=Decimal(rate))


@pytest.mark.parametrize(
    ("other", "broken"),
    [
        ({"is_inclusive": True}, []),
        ({"is_inclusive": False}, ["a country's tax rates are all inclusive or all exclusive"]),
        ({"is_inclusive": False, "country": "FR"}, []),
    ],
)
def test_the_audit_tells_when_a_country_mixes_ways_of_taxing(
    other: dict[str, Any], broken: list[str]
) -> None:
    TaxRateFactory.create()
    TaxRateFactory.create(tax_class=TaxClass.REDUCED, **other)

    assert [
        identity.statement
        for identity in identities()
        if identity.app == "pricing" and list(identity.check())
    ] == broken


@pytest.mark.parametrize("stored", ["WA", "Washington", "US-WA"])
@pytest.mark.parametrize("typed", ["WA", "us-wa", "Washington", "Wash.", "", "unknown"])
def test_a_region_is_taxed_however_it_is_written(stored: str, typed: str) -> None:
    TaxRateFactory.create(country="US", rate=Decimal("0.01"))
    TaxRateFactory.create(country="US", region=stored, rate=Decimal("0.065"))

    table = tax_table(country="US", region=typed, postal_code="98101")

    assert table.rate_of("standard") == Decimal("0.065")
