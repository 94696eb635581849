"""The shop's calendar: which day it is where the shop is, and when that day begins.

A day there may have 23 or 25 hours, and may begin at one o'clock.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.utils import timezone


def local(at: datetime) -> datetime:
    return timezone.localtime(at, timezone.get_default_timezone())


def day_of(at: datetime) -> date:
    return local(at).date()


def start_of(day: date) -> datetime:
    """Return the moment, in UTC, at which a day of the shop begins."""
    return moment_of(datetime.combine(day, time.min))


def moment_of(clock: datetime) -> datetime:
    """Return the moment, in UTC, at which the shop's clock shows this.

    What it shows twice in autumn is its first time; what it skips in spring counts as if it had not
    been put forward yet, so that a day without midnight begins at one o'clock.
    """
    return clock.replace(tzinfo=timezone.get_default_timezone()).astimezone(UTC)
