"""The e-mail that says where to transfer the money."""

from __future__ import annotations

import pytest
from django.core import mail
from pytest_django.fixtures import Settings

from accounts.tests.factories import UserFactory
from notifications import services
from notifications.models import OutgoingEmail
from notifications.tasks import send_transfer_details
from orders.events import TransferAwaited
from orders.models import Order
from orders.tests.factories import place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _account(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.BANK_ACCOUNT_HOLDER = "Tradepost Books"
    settings.BANK_IBAN = "DE89370400440532013000"


@pytest.fixture
def order() -> Order:
    return place(UserFactory.create())


def test_it_names_account_amount_and_reference(order: Order) -> None:
    send_transfer_details(TransferAwaited(order.pk, order.total))

    message = OutgoingEmail.objects.get()
    assert message.recipient == order.email
    for text in (message.text, message.html):
        assert "DE89 3704 0044 0532 0130 00" in text
        assert f"{order.total:.2f} {order.currency}" in text
        assert order.number in text


def test_it_shows_the_code_for_euro(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(currency="EUR")
    send_transfer_details(TransferAwaited(order.pk, order.total))
    message = OutgoingEmail.objects.get()

    services.send_email(email_id=message.pk)

    parts = list(mail.outbox[0].message().walk())
    picture = next(part for part in parts if part.get_content_type() == "image/png")
    payload = picture.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.startswith(b"\x89PNG")
    assert f"cid:{picture['Content-ID'].strip('<>')}" in message.html


def test_there_is_no_code_for_other_currencies(order: Order) -> None:
    send_transfer_details(TransferAwaited(order.pk, order.total))

    assert "cid:" not in OutgoingEmail.objects.get().html


def test_a_shop_that_names_no_account_writes_nothing(order: Order, settings: Settings) -> None:
    settings.BANK_IBAN = ""

    send_transfer_details(TransferAwaited(order.pk, order.total))

    assert not OutgoingEmail.objects.exists()
