import pytest

from accounts.tests.factories import UserFactory
from notifications.emails import order_placed
from notifications.models import OutgoingEmail
from notifications.services import anonymise_emails, send_email, write_email
from orders import selectors
from orders.models import Order
from orders.tests.factories import place

pytestmark = pytest.mark.django_db


def write(order: Order) -> OutgoingEmail:
    content = order_placed(selectors.order_page(order.pk))
    return write_email(occasion=f"order.placed:{order.pk}", recipient=order.email, email=content)


def test_emails_to_someone_who_left_are_deleted_and_those_to_others_kept() -> None:
    leaving, staying = UserFactory.create(), UserFactory.create()
    write(place(leaving))
    kept = write(place(staying))

    assert anonymise_emails(user_id=leaving.pk) == 1
    assert OutgoingEmail.objects.get() == kept


def test_an_email_that_was_deleted_is_not_sent(mailoutbox: list[object]) -> None:
    email = write(place(UserFactory.create()))
    key = email.pk
    email.delete()

    send_email(email_id=key)

    assert mailoutbox == []
