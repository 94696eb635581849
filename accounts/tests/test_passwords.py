from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.links import link_in
from accounts.tests.test_sign_in import bearer, sign_in
from core.models import DomainEvent

pytestmark = pytest.mark.django_db

NEW = "staple-9-teapots"
RESET = "/api/v1/auth/password/reset/"


def change(token: str, current: str, new: str) -> Any:
    body = {"current_password": current, "new_password": new}
    return bearer(token).post("/api/v1/auth/password/change/", body)


def test_a_new_password_ends_every_token_and_brings_new_ones(api: APIClient, user: User) -> None:
    old, elsewhere = sign_in(api, user).json(), sign_in(api, user).json()

    answer = change(old["access"], PASSWORD, NEW)

    assert answer.status_code == 200
    assert bearer(answer.json()["access"]).get("/api/v1/users/me/").status_code == 200
    for pair in (old, elsewhere):
        assert bearer(pair["access"]).get("/api/v1/users/me/").status_code == 401
        refreshed = api.post("/api/v1/auth/refresh/", {"refresh": pair["refresh"]})
        assert refreshed.status_code == 401
    assert sign_in(api, user).status_code == 401
    assert sign_in(api, user, NEW).status_code == 200


def test_changing_asks_for_the_current_password(api: APIClient, user: User) -> None:
    token = sign_in(api, user).json()["access"]

    answer = change(token, "wrong", NEW)

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_password")
    assert answer.json()["errors"][0]["pointer"] == "#/current_password"
    assert sign_in(api, user).status_code == 200


def test_the_current_password_cannot_be_guessed_with_a_stolen_token(
    api: APIClient, user: User
) -> None:
    token = sign_in(api, user).json()["access"]

    assert [change(token, "wrong", NEW).status_code for _ in range(6)] == [400] * 5 + [429]


def test_a_new_password_must_be_strong(api: APIClient, user: User) -> None:
    token = sign_in(api, user).json()["access"]

    answer = change(token, PASSWORD, "12345678")

    assert (answer.status_code, answer.json()["code"]) == (400, "weak_password")
    assert answer.json()["errors"][0]["pointer"] == "#/new_password"


def test_a_forgotten_password_is_set_by_the_link_in_an_email_once(
    api: APIClient, user: User, deliver_events: Callable[[], None], mailoutbox: list[EmailMessage]
) -> None:
    tokens = sign_in(api, user).json()
    assert api.post(RESET, {"email": user.email.upper()}).status_code == 202
    deliver_events()
    body = link_in(mailoutbox[0]) | {"new_password": NEW}

    assert api.post(f"{RESET}confirm/", body).status_code == 204

    again = api.post(f"{RESET}confirm/", body | {"new_password": "other-8-teapots"})
    assert (again.status_code, again.json()["code"]) == (400, "invalid_link")
    assert sign_in(api, user, NEW).status_code == 200
    assert bearer(tokens["access"]).get("/api/v1/users/me/").status_code == 401
    assert mailoutbox[0].to == [user.email]


def test_a_reset_link_is_good_for_an_hour(
    api: APIClient, user: User, deliver_events: Callable[[], None], mailoutbox: list[EmailMessage]
) -> None:
    api.post(RESET, {"email": user.email})
    deliver_events()
    body = link_in(mailoutbox[0]) | {"new_password": NEW}

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert api.post(f"{RESET}confirm/", body).status_code == 400


def test_a_weak_password_does_not_use_the_link_up(
    api: APIClient, user: User, deliver_events: Callable[[], None], mailoutbox: list[EmailMessage]
) -> None:
    api.post(RESET, {"email": user.email})
    deliver_events()
    body = link_in(mailoutbox[0])

    assert api.post(f"{RESET}confirm/", body | {"new_password": "short"}).status_code == 400
    assert api.post(f"{RESET}confirm/", body | {"new_password": NEW}).status_code == 204


def test_asking_for_a_reset_tells_nothing_about_the_address(
    api: APIClient, user: User, deliver_events: Callable[[], None], mailoutbox: list[EmailMessage]
) -> None:
    gone = UserFactory.create(is_active=False)

    answers = [api.post(RESET, {"email": e}) for e in (user.email, "no@example.com", gone.email)]
    deliver_events()

    assert {(a.status_code, a.content) for a in answers} == {(202, b"")}
    assert [message.to for message in mailoutbox] == [[user.email]]


def test_resets_are_limited_for_each_account(api: APIClient) -> None:
    statuses = [api.post(RESET, {"email": "no@example.com"}).status_code for _ in range(6)]

    assert statuses == [202] * 5 + [429]


@pytest.mark.parametrize("uid", ["", "x", "%%%", "MQ", "w" * 99, "AAAA"])
def test_refuses_links_that_were_never_ours(api: APIClient, uid: str) -> None:
    body = {"uid": uid, "token": "abc-def", "new_password": NEW}

    assert api.post(f"{RESET}confirm/", body).status_code == 400


def test_no_token_is_written_into_the_events(
    api: APIClient, user: User, deliver_events: Callable[[], None], mailoutbox: list[EmailMessage]
) -> None:
    api.post(RESET, {"email": user.email})
    deliver_events()

    token = link_in(mailoutbox[0])["token"]
    assert token not in str(list(DomainEvent.objects.values()))
    assert not Session.objects.exists()


def test_the_owner_is_told_of_a_new_password(
    api: APIClient, user: User, deliver_events: Callable[[], None], mailoutbox: list[EmailMessage]
) -> None:
    change(sign_in(api, user).json()["access"], PASSWORD, NEW)

    deliver_events()

    assert (mailoutbox[0].to, mailoutbox[0].subject) == ([user.email], "Your password was changed")
