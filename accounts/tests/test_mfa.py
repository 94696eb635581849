import base64
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Role
from accounts.services import mfa
from accounts.tests.factories import PASSWORD, StaffFactory, UserFactory
from accounts.tests.races import at_once
from accounts.tests.test_sign_in import bearer, sign_in

pytestmark = pytest.mark.django_db

TOTP = "/api/v1/auth/mfa/totp/"
VERIFY = "/api/v1/auth/mfa/verify/"
ApiFor = Callable[[User], APIClient]


def code_of(secret: str) -> str:
    return f"{totp(base64.b32decode(secret)):06d}"


def switch_on(user: User) -> tuple[str, list[str]]:
    """Return the secret and the recovery codes of a user with a second factor."""
    secret = mfa.enrol(user=user, current_password=PASSWORD).secret
    return secret, mfa.confirm(user=user, code=code_of(secret))


def verify(mfa_token: str, code: str) -> Any:
    return APIClient().post(VERIFY, {"mfa_token": mfa_token, "code": code})


def test_is_set_up_by_password_and_code(api_for: ApiFor, user: User) -> None:
    client = api_for(user)
    enrolment = client.post(TOTP, {"current_password": PASSWORD}).json()

    answer = client.post(f"{TOTP}confirm/", {"code": code_of(enrolment["secret"])})

    assert answer.status_code == 200
    assert len(set(answer.json()["recovery_codes"])) == 10
    link = urlsplit(enrolment["otpauth_url"])
    assert (link.scheme, link.netloc) == ("otpauth", "totp")
    assert parse_qs(link.query)["secret"] == [enrolment["secret"]]


def test_signing_in_then_takes_two_steps(api: APIClient, user: User) -> None:
    secret, _ = switch_on(user)

    first = sign_in(api, user)
    assert (first.status_code, first.json()["code"]) == (401, "mfa_required")
    second = verify(first.json()["mfa_token"], code_of(secret))

    assert second.status_code == 200
    assert set(second.json()) == {"user", "access", "refresh"}
    assert bearer(second.json()["access"]).get("/api/v1/users/me/").status_code == 200


def test_the_token_between_the_steps_opens_nothing_else(api: APIClient, user: User) -> None:
    switch_on(user)
    token = sign_in(api, user).json()["mfa_token"]

    assert bearer(token).get("/api/v1/users/me/").status_code == 401
    assert api.post("/api/v1/auth/refresh/", {"refresh": token}).status_code == 401


def test_each_code_works_once(api: APIClient, user: User) -> None:
    secret, recovery = switch_on(user)
    token = sign_in(api, user).json()["mfa_token"]
    code = code_of(secret)

    assert [verify(token, code).status_code for _ in range(2)] == [200, 401]
    assert [verify(token, recovery[0].upper()).status_code for _ in range(2)] == [200, 401]
    assert verify(token, recovery[1]).status_code == 200


def test_codes_cannot_be_guessed(api: APIClient, user: User) -> None:
    secret, _ = switch_on(user)
    token = sign_in(api, user).json()["mfa_token"]

    assert [verify(token, "000000").status_code for _ in range(6)] == [401] * 5 + [429]
    assert verify(token, code_of(secret)).status_code == 429


def test_the_second_step_is_open_for_five_minutes(api: APIClient, user: User) -> None:
    secret, _ = switch_on(user)
    token = sign_in(api, user).json()["mfa_token"]

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        answer = verify(token, code_of(secret))

    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_token_invalid")
    assert verify("nonsense", "123456").json()["code"] == "mfa_token_invalid"


def test_a_wrong_code_switches_nothing_on(api_for: ApiFor, api: APIClient, user: User) -> None:
    client = api_for(user)
    assert client.post(f"{TOTP}confirm/", {"code": "123456"}).status_code == 409
    client.post(TOTP, {"current_password": PASSWORD})

    answer = client.post(f"{TOTP}confirm/", {"code": "abc"})

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_code")
    assert sign_in(api, user).status_code == 200


def test_setting_up_and_switching_off_ask_for_the_password(
    api_for: ApiFor, api: APIClient, user: User
) -> None:
    client = api_for(user)
    wrong = {"current_password": "wrong"}
    assert client.post(TOTP, wrong).status_code == 400
    switch_on(user)

    assert client.delete(TOTP, wrong).status_code == 400
    assert client.post(TOTP, {"current_password": PASSWORD}).status_code == 409
    assert client.delete(TOTP, {"current_password": PASSWORD}).status_code == 204
    assert sign_in(api, user).status_code == 200
    assert not TOTPDevice.objects.exists()


def test_staff_without_it_may_do_nothing_special_where_it_is_obligatory(
    api_for: ApiFor, settings: Settings
) -> None:
    settings.STAFF_MFA_REQUIRED = True
    staff = StaffFactory.create(role=Role.SUPPORT)
    client = api_for(staff)

    assert client.get("/api/v1/users/").status_code == 403
    assert client.get("/api/v1/users/me/").status_code == 200
    switch_on(staff)
    assert client.get("/api/v1/users/").status_code == 200
    assert client.delete(TOTP, {"current_password": PASSWORD}).status_code == 409


def test_the_admin_asks_for_the_code(client: Client) -> None:
    staff = StaffFactory.create(role=Role.SUPPORT)
    secret, _ = switch_on(staff)
    form = {"username": staff.email, "password": PASSWORD}

    assert b'name="code"' in client.get("/admin/login/").content
    assert client.post("/admin/login/", form).status_code == 200
    assert client.post("/admin/login/", form | {"code": "000000"}).status_code == 200
    answer = client.post("/admin/login/", form | {"code": code_of(secret)})

    assert answer.status_code == 302


def test_the_admin_keeps_staff_out_that_lacks_it_where_it_is_obligatory(
    client: Client, settings: Settings
) -> None:
    settings.STAFF_MFA_REQUIRED = True
    staff = StaffFactory.create(role=Role.SUPPORT)

    answer = client.post("/admin/login/", {"username": staff.email, "password": PASSWORD})

    assert b"Staff needs a second factor" in answer.content


def test_staff_switches_it_off_for_someone_who_lost_it(client: Client, api: APIClient) -> None:
    client.force_login(StaffFactory.create(role=Role.ADMINISTRATOR))
    user = UserFactory.create()
    switch_on(user)

    action = {"action": "reset_second_factor", "_selected_action": [str(user.pk)]}
    client.post("/admin/accounts/user/", action)

    assert sign_in(api, user).status_code == 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_five_uses_of_one_recovery_code_one_succeeds() -> None:
    user = UserFactory.create()
    _, recovery = switch_on(user)
    token = sign_in(APIClient(), user).json()["mfa_token"]

    statuses = at_once(5, lambda: int(verify(token, recovery[0]).status_code))

    assert Counter(statuses) == {200: 1, 401: 4}
