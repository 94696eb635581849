"""Postal codes, regions and telephone numbers in the forms that people write."""

from __future__ import annotations

import pytest

from accounts import phone_numbers, postal
from accounts.postal import InvalidAddress, official_postal_code
from accounts.regions import region_of


@pytest.mark.parametrize(
    ("country", "typed", "official"),
    [
        ("GB", "SW1A  1AA", "SW1A 1AA"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("GB", "M25BQ", "M2 5BQ"),
        ("NL", "1012AB", "1012 AB"),
        ("NL", "NL-1012 ab", "1012 AB"),
        ("PL", "PL 00001", "00-001"),
        ("PL", "00-001", "00-001"),
        ("LT", "LT-01100", "01100"),
        ("LV", "1010", "LV-1010"),
        ("LV", "LV1010", "LV-1010"),
        ("DE", "D-10117", "10117"),
        ("DE", "10 117", "10117"),
        ("DE", "DE-10117", "10117"),
        ("DE", "１０１１７", "10117"),
        ("DE", "\ufeff10117\u200b", "10117"),
        ("AT", "A-1010", "1010"),
        ("CA", "M5V-2T6", "M5V 2T6"),
        ("CA", "m5v2t6", "M5V 2T6"),
        ("JP", "〒100-0001", "100-0001"),
        ("JP", "1000001", "100-0001"),
        ("US", "98101", "98101"),
        ("US", "98101 1234", "98101-1234"),
        ("US", "981011234", "98101-1234"),
        ("BR", "40301110", "40301-110"),
        ("PT", "2725079", "2725-079"),
        ("CZ", "10000", "100 00"),
        ("GR", "15124", "151 24"),
        ("IE", "a65f4e2", "A65 F4E2"),
        ("AE", "", ""),
        ("DE", "ABC", None),
        ("DE", "1011", None),
        ("DE", "101177", None),
        ("US", "1011", None),
        ("GB", "SW1A 1A", None),
        ("DE", "1" * 400, None),
        ("DE", "10117\nÜ", None),
    ],
)
def test_a_postal_code_gets_its_official_form(
    country: str, typed: str, official: str | None
) -> None:
    assert official_postal_code(country=country, typed=typed) == official
    if official:
        assert official_postal_code(country=country, typed=official) == official


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("US", "WA"),
        ("US", "wa"),
        ("US", "US-WA"),
        ("US", "Washington"),
        ("US", " WASHINGTON "),
        ("US", "Wash."),
        ("CA", "Québec"),
        ("CA", "quebec"),
        ("CA", "QC"),
        ("JP", "東京都"),
        ("JP", "Tokyo"),
        ("ES", "Sevilla"),
    ],
)
def test_a_region_is_understood_by_code_and_name(country: str, typed: str) -> None:
    found = region_of(country=country, region=typed)

    assert found
    assert (country, found.code) in {("US", "WA"), ("CA", "QC"), ("JP", "13"), ("ES", "SE")}


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "code"),
    [
        ("US", "", "98101", "WA"),
        ("US", "nowhere", "98101-1234", "WA"),
        ("US", "Oregon", "98101", "OR"),
        ("CA", "", "M5V 2T6", "ON"),
        ("US", "", "", None),
        ("US", "New .", "", None),
        ("DE", "Berlin", "10117", None),
        ("XX", "Anywhere", "1", None),
    ],
)
def test_the_postal_code_decides_where_no_region_is_known(
    country: str, region: str, postal_code: str, code: str | None
) -> None:
    found = region_of(country=country, region=region, postal_code=postal_code)

    assert (found.code if found else None) == code


def test_a_region_is_asked_for_where_the_postal_code_does_not_tell_it() -> None:
    hong_kong = {"line1": "1 Queen's Road", "city": "", "region": "", "postal_code": ""}

    with pytest.raises(InvalidAddress) as refused:
        postal.checked(country="HK", fields=hong_kong)

    assert refused.value.pointer == "#/region"
    assert postal.checked(country="HK", fields=hong_kong | {"region": "Kowloon"})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+49 30 901820 ext. 12", "+4930901820;ext=12"),
        ("+1 (650) 253-0000 x123", "+16502530000;ext=123"),
        ("+4930901820;ext=12", "+4930901820;ext=12"),
        ("+49 30 901820", "+4930901820"),
    ],
)
def test_a_telephone_extension_is_kept(typed: str, kept: str) -> None:
    assert phone_numbers.normalise(typed) == kept
