"""Those who keep the stock are told what runs low."""

from __future__ import annotations

import pytest

from accounts.tests.factories import StaffFactory, UserFactory
from catalog.models import ProductVariant
from catalog.tests.factories import ProductFactory
from core import events
from core.models import DomainEvent
from inventory import services
from inventory.models import StockItem
from inventory.tests.factories import stock
from notifications.models import OutgoingEmail

pytestmark = pytest.mark.django_db


def low(units: int = 2) -> ProductVariant:
    variant: ProductVariant = ProductFactory.create().variants.get()
    StockItem.objects.filter(pk=stock(variant, units).pk).update(reorder_point=4)
    return variant


def deliver() -> None:
    for event in DomainEvent.objects.filter(name="stock.low").order_by("id"):
        events.deliver(event_id=event.pk, handler="notifications.tasks.send_stock_low")


def announce() -> None:
    services.announce_low_stock()
    deliver()


def test_writes_once_to_each_who_may_change_stock() -> None:
    keeper = StaffFactory.create(role="Catalog manager")
    StaffFactory.create(role="Support")
    StaffFactory.create(role="Catalog manager", is_active=False)
    UserFactory.create()
    tea, pen = low(), low(3)

    announce()
    announce()

    email = OutgoingEmail.objects.get()
    assert email.recipient == keeper.email
    assert email.subject.endswith("and 1 more")
    for text in (email.text, email.html):
        assert tea.sku in text
        assert pen.sku in text
        assert "2 available" in text


def test_writes_again_when_it_was_filled_up_in_between() -> None:
    StaffFactory.create(role="Catalog manager")
    tea = low()
    for change in (0, 5, -5):
        if change:
            stock(tea, change)
        announce()

    assert OutgoingEmail.objects.count() == 2


def test_what_was_filled_up_before_the_message_is_written_needs_none() -> None:
    StaffFactory.create(role="Catalog manager")
    tea = low()
    services.announce_low_stock()
    stock(tea, 10)
    services.announce_low_stock()

    deliver()

    assert not OutgoingEmail.objects.exists()
