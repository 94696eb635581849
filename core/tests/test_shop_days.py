"""The shop's days, in zones at both ends of the day and when the clock is put forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from core.api.filters import ShopTimeField
from core.shop_days import day_of, local, start_of


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        ("UTC", date(2026, 3, 29), "2026-03-29T00:00", 24),
        ("Europe/Berlin", date(2026, 3, 28), "2026-03-27T23:00", 24),
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00", 23),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-24T22:00", 25),
        ("Pacific/Kiritimati", date(2026, 3, 29), "2026-03-28T10:00", 24),
        ("America/Havana", date(2026, 3, 8), "2026-03-08T05:00", 23),  # midnight is skipped
    ],
)
def test_a_day_begins_and_lasts_as_the_shops_clock_says(
    settings: Settings, zone: str, day: date, begins: str, hours: int
) -> None:
    settings.TIME_ZONE = zone

    start, end = start_of(day), start_of(day + timedelta(days=1))

    assert (start, end - start) == (utc(begins), timedelta(hours=hours))
    assert day_of(start) == day_of(end - timedelta(seconds=1)) == day


def test_a_moment_is_on_different_days_in_different_shops(settings: Settings) -> None:
    at = utc("2026-12-31T23:30")

    for zone, day in (
        ("UTC", "2026-12-31"),
        ("Europe/Berlin", "2027-01-01"),
        ("Pacific/Kiritimati", "2027-01-01"),
        ("America/Los_Angeles", "2026-12-31"),
    ):
        settings.TIME_ZONE = zone
        assert str(day_of(at)) == day
        assert local(at) == at


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("2026-03-29", "2026-03-28T23:00"),
        ("2026-03-29T02:30", "2026-03-29T01:30"),  # no clock in Berlin showed this
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # they showed it twice
        ("2026-03-29T00:00:00Z", "2026-03-29T00:00"),
        ("2026-03-29T00:00:00+05:00", "2026-03-28T19:00"),
    ],
)
def test_a_filter_takes_a_day_for_the_shops(settings: Settings, sent: str, meant: str) -> None:
    settings.TIME_ZONE = "Europe/Berlin"

    assert ShopTimeField().clean(sent) == utc(meant)


@pytest.mark.parametrize("sent", ["yesterday", "2026-02-30", "0001-01-01", "2026-13-01T00:00Z"])
def test_a_filter_refuses_what_is_no_moment(settings: Settings, sent: str) -> None:
    settings.TIME_ZONE = "Europe/Berlin"

    with pytest.raises(ValidationError):
        ShopTimeField().clean(sent)
