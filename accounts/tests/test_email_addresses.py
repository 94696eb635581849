from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.links import link_in

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"
VERIFY = "/api/v1/auth/email/verify/"
ApiFor = Callable[[User], APIClient]
Deliver = Callable[[], None]
Outbox = list[EmailMessage]


def test_registering_sends_a_link_that_verifies_the_address_once(
    api: APIClient, deliver_events: Deliver, mailoutbox: Outbox
) -> None:
    api.post("/api/v1/auth/register/", {"email": "ada@example.com", "password": PASSWORD})
    deliver_events()
    body = link_in(mailoutbox[0])

    assert api.post(VERIFY, body).status_code == 204
    assert User.objects.get().is_email_verified
    assert api.post(VERIFY, body).status_code == 400


def test_the_letter_has_a_text_and_an_html_form(
    api: APIClient, deliver_events: Deliver, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    name = "<b>Ada</b>"
    api.post(
        "/api/v1/auth/register/",
        {"email": "ada@example.com", "password": PASSWORD, "first_name": name},
    )
    deliver_events()

    html = mailoutbox[0].alternatives[0][0]
    assert "Hello <b>Ada</b>," in str(mailoutbox[0].body)
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;," in str(html)
    assert link_in(mailoutbox[0])["token"] in str(html)


def test_a_verification_link_is_good_for_an_hour(
    api: APIClient, api_for: ApiFor, deliver_events: Deliver, mailoutbox: Outbox
) -> None:
    user = UserFactory.create(is_email_verified=False)
    assert api_for(user).post(f"{VERIFY}resend/").status_code == 202
    deliver_events()

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert api.post(VERIFY, link_in(mailoutbox[0])).status_code == 400


def test_sends_the_link_again_five_times_an_hour(api_for: ApiFor) -> None:
    client = api_for(UserFactory.create(is_email_verified=False))

    statuses = [client.post(f"{VERIFY}resend/").status_code for _ in range(6)]

    assert statuses == [202] * 5 + [429]


def test_there_is_nothing_to_send_once_verified(api_for: ApiFor, user: User) -> None:
    answer = api_for(user).post(f"{VERIFY}resend/")

    assert (answer.status_code, answer.json()["code"]) == (409, "email_already_verified")


def test_a_new_address_counts_once_confirmed_and_the_old_one_is_told(
    api_for: ApiFor, user: User, deliver_events: Deliver, mailoutbox: Outbox
) -> None:
    client, old = api_for(user), user.email
    change = {"email": "New@Example.com", "current_password": PASSWORD}

    answer = client.patch(ME, change)
    deliver_events()

    assert (answer.status_code, answer.json()["email"]) == (200, old)
    assert answer.json()["pending_email"] == "new@example.com"
    assert [message.to for message in mailoutbox] == [["new@example.com"], [old]]
    assert client.post(VERIFY, link_in(mailoutbox[0])).status_code == 204
    now = client.get(ME).json()
    assert (now["email"], now["pending_email"]) == ("new@example.com", None)
    assert now["is_email_verified"] is True


@pytest.mark.parametrize(
    ("password", "code"), [({}, "required"), ({"current_password": "wrong"}, "wrong_password")]
)
def test_changing_the_address_asks_for_the_password(
    api_for: ApiFor, user: User, password: dict[str, str], code: str
) -> None:
    answer = api_for(user).patch(ME, {"email": "new@example.com"} | password)

    assert answer.status_code == 400
    assert answer.json()["errors"][0] | {"detail": ""} == {
        "pointer": "#/current_password",
        "code": code,
        "detail": "",
    }
    user.refresh_from_db()
    assert user.pending_email == ""


def test_the_address_of_another_account_is_refused(api_for: ApiFor, user: User) -> None:
    taken = UserFactory.create().email.upper()

    answer = api_for(user).patch(ME, {"email": taken, "current_password": PASSWORD})

    assert (answer.status_code, answer.json()["code"]) == (400, "email_taken")


def test_an_address_taken_meanwhile_is_refused_on_confirming(
    api_for: ApiFor, user: User, deliver_events: Deliver, mailoutbox: Outbox
) -> None:
    client = api_for(user)
    client.patch(ME, {"email": "new@example.com", "current_password": PASSWORD})
    deliver_events()
    UserFactory.create(email="new@example.com")

    answer = client.post(VERIFY, link_in(mailoutbox[0]))

    assert (answer.status_code, answer.json()["code"]) == (400, "email_taken")


def test_the_link_of_an_older_change_is_void(
    api_for: ApiFor, user: User, deliver_events: Deliver, mailoutbox: Outbox
) -> None:
    client = api_for(user)
    client.patch(ME, {"email": "first@example.com", "current_password": PASSWORD})
    deliver_events()
    client.patch(ME, {"email": "second@example.com", "current_password": PASSWORD})

    assert client.post(VERIFY, link_in(mailoutbox[0])).status_code == 400
