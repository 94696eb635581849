"""The identities of stock, and that breaking them shows."""

from __future__ import annotations

import pytest

from catalog.tests.factories import VariantFactory
from core.audit import identities
from inventory.models import Reservation, StockItem
from inventory.tests.factories import promise, stock

pytestmark = pytest.mark.django_db


def broken() -> list[str]:
    return [
        identity.statement
        for identity in identities()
        if identity.app == "inventory" and list(identity.check())
    ]


def test_sound_stock_passes() -> None:
    tea = VariantFactory.create()
    stock(tea, 5)
    promise((tea, 2))

    assert broken() == []


def test_tells_when_stock_and_ledger_differ() -> None:
    stock(VariantFactory.create(), 5)
    StockItem.objects.update(on_hand=6)

    assert broken() == ["stock on hand is the sum of its movements"]


def test_tells_when_promises_and_reservations_differ() -> None:
    tea = VariantFactory.create()
    stock(tea, 5)
    promise((tea, 2))
    Reservation.objects.update(released=1)

    assert broken() == ["reserved stock is the sum of open reservations"]
