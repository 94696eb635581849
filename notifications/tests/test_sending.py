"""E-mails are written once for each occasion and sent by a job, over a real mail server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from accounts.tests.factories import UserFactory
from core import events
from core.models import DomainEvent
from notifications import services, tasks
from notifications.emails import Email
from notifications.models import EmailStatus, OutgoingEmail
from notifications.tests.mail import MailServer
from orders.models import Order, Return
from orders.services import (
    RequestReturn,
    ReturnStep,
    approve_return,
    cancel_order,
    deliver_order,
    mark_refunded,
    receive_return,
    reject_return,
    request_return,
)
from orders.tests.factories import pay, place, place_as_guest, ship

pytestmark = pytest.mark.django_db

EMAIL = Email("Größe & Preis", "Text – schön", "<p>Schön</p>")


def written(occasion: str = "test:1") -> OutgoingEmail:
    return services.write_email(occasion=occasion, recipient="ada@example.com", email=EMAIL)


def test_a_message_reaches_the_mail_server_in_both_forms(sink: MailServer) -> None:
    email = written()

    tasks.send_email(str(email.pk))

    message = sink.messages[0]
    parts = [part.get_content_type() for part in message.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]
    assert (message["To"], str(email.pk) in message["Message-ID"]) == ("ada@example.com", True)
    email.refresh_from_db()
    assert (email.status, email.attempts, bool(email.sent_at)) == (EmailStatus.SENT, 1, True)


def test_a_sent_message_is_not_sent_again_by_its_job(sink: MailServer) -> None:
    email = written()

    tasks.send_email(str(email.pk))
    tasks.send_email(str(email.pk))

    assert len(sink.messages) == 1


def test_a_message_can_be_sent_again_on_purpose(sink: MailServer) -> None:
    email = written()
    tasks.send_email(str(email.pk))

    services.send_again(email_id=email.pk)
    tasks.send_email(str(email.pk))

    assert len(sink.messages) == 2
    assert ProcrastinateJob.objects.filter(task_name=tasks.send_email.name).count() == 2


def test_a_refused_message_stays_queued_and_says_why(sink: MailServer) -> None:
    email = services.write_email(occasion="x:1", recipient="a@refused.example", email=EMAIL)

    with pytest.raises(OSError, match="no such mailbox"):
        tasks.send_email(str(email.pk))

    email.refresh_from_db()
    assert (email.status, email.attempts) == (EmailStatus.QUEUED, 1)
    assert "no such mailbox" in email.last_error


def test_a_missing_mail_server_is_tried_again(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    with pytest.raises(ConnectionRefusedError):
        tasks.send_email(str(written().pk))

    assert OutgoingEmail.objects.get().last_error.startswith("ConnectionRefusedError")


def test_one_message_for_each_occasion() -> None:
    written("order.placed:1")
    written("order.placed:1")
    written("order.paid:1")

    assert OutgoingEmail.objects.count() == 2
    assert ProcrastinateJob.objects.filter(task_name=tasks.send_email.name).count() == 2


@pytest.fixture
def order() -> Order:
    return place(UserFactory.create())


def delivered(order: Order) -> Order:
    return deliver_order(order_id=ship(pay(order)).pk, by=None)


def send_back(order: Order, *steps: Callable[..., Return]) -> Order:
    """Ask for a return of an order and let staff take steps with it."""
    line = delivered(order).lines.get()
    returned = request_return(command=RequestReturn(order.pk, {line.pk: 1}))
    for step in steps:
        step(step=ReturnStep(order.pk, returned.pk))
    return order


def deliver_all() -> None:
    """Hand every event to every handler of this app, twice: delivery may repeat."""
    for event in [*DomainEvent.objects.order_by("occurred_at", "id")] * 2:
        for handler in events._handlers.get(event.name, {}):
            if handler.startswith("notifications."):
                events.deliver(event_id=event.pk, handler=handler)


@pytest.mark.parametrize(
    ("act", "occasion"),
    [
        (lambda order: order, "order.placed"),
        (pay, "order.paid"),
        (lambda order: ship(pay(order)), "order.shipped"),
        (delivered, "order.delivered"),
        (lambda order: cancel_order(order_id=order.pk, by=None), "order.cancelled"),
        (lambda order: mark_refunded(order_id=pay(order).pk), "order.refunded"),
        (lambda order: send_back(order, approve_return), "order.return_approved"),
        (lambda order: send_back(order, reject_return), "order.return_rejected"),
        (lambda order: send_back(order, approve_return, receive_return), "order.return_received"),
    ],
    ids=[
        *("placed", "paid", "shipped", "delivered", "cancelled", "refunded"),
        *("return approved", "return rejected", "return received"),
    ],
)
def test_customers_are_told_once_of_what_happens_to_their_order(
    order: Order, act: Callable[[Order], Order], occasion: str
) -> None:
    act(order)
    deliver_all()

    told = OutgoingEmail.objects.filter(occasion__startswith=f"{occasion}:")
    assert [email.recipient for email in told] == [order.email]


def test_guests_are_told_at_the_address_they_left() -> None:
    place_as_guest(email="guest@example.com")
    deliver_all()

    assert OutgoingEmail.objects.get().recipient == "guest@example.com"
