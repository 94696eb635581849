import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIRequestFactory

from accounts.api.authentication import ApiKeyAuthentication
from accounts.models import ApiKey, Scope
from accounts.roles import Role
from accounts.services import api_keys
from accounts.services.api_keys import InvalidApiKey, NewKey
from accounts.tests.factories import StaffFactory
from core.api.access import machine
from core.rate_limits import RateLimited

pytestmark = pytest.mark.django_db


def make(**more: Any) -> tuple[ApiKey, str]:
    new = NewKey(name="till", scopes=[Scope.CATALOG_WRITE], **more)
    return api_keys.create_api_key(new=new, created_by=None)


def authenticate(text: str, scheme: str = "Api-Key") -> Any:
    request: Any = APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"{scheme} {text}")
    found = ApiKeyAuthentication().authenticate(request)
    if found:
        request.user, request.auth = found
    return request


def test_opens_what_its_scopes_say() -> None:
    request = authenticate(make()[1])

    assert machine("catalog:write").allows(request)
    assert not machine("orders:read").allows(request)
    assert not request.user.is_authenticated


def test_keeps_only_the_hash_of_the_secret() -> None:
    key, text = make()

    secret = text.split(".")[1]
    assert secret not in str(ApiKey.objects.values().get())
    assert len(secret) >= 43
    assert text.startswith(f"{key.prefix}.")


@pytest.mark.parametrize("text", ["", ".", "x", "x.y", "{prefix}", "{prefix}.", "{prefix}.wrong"])
def test_refuses_what_is_no_key(text: str) -> None:
    key, _ = make()

    with pytest.raises(InvalidApiKey):
        authenticate(text.format(prefix=key.prefix))


def test_refuses_a_key_past_its_time() -> None:
    _, text = make(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(InvalidApiKey):
        authenticate(text)


def test_refuses_a_revoked_key() -> None:
    key, text = make()
    api_keys.revoke_api_key(key=key, now=timezone.now())

    with pytest.raises(InvalidApiKey):
        authenticate(text)


def test_each_key_has_its_own_limit() -> None:
    _, text = make(rate_per_minute=2)
    _, other = make(rate_per_minute=2)

    authenticate(text)
    authenticate(text)
    with pytest.raises(RateLimited):
        authenticate(text)
    assert authenticate(other).auth.name == "till"


def test_its_use_is_noted_once_a_minute(django_assert_num_queries: Any) -> None:
    key, text = make()
    authenticate(text)
    key.refresh_from_db()
    assert key.last_used_at is not None

    counts_in_postgresql = not settings.REDIS_URL
    with django_assert_num_queries(1 + counts_in_postgresql):  # the key, its limit
        authenticate(text)


def test_leaves_other_schemes_to_others() -> None:
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION="Bearer x")

    assert ApiKeyAuthentication().authenticate(request) is None


def test_is_made_in_the_admin_and_shown_once(client: Client) -> None:
    client.force_login(StaffFactory.create(role=Role.ADMINISTRATOR))
    form = {"name": "till", "scopes": ["catalog:write", "sales:write"], "rate_per_minute": "60"}

    answer = client.post("/admin/accounts/apikey/add/", form, follow=True)

    text = re.search(rb"Api-Key ([0-9a-f]{12}\.[\w-]{43})", answer.content)
    assert text is not None
    assert authenticate(text[1].decode()).auth.scopes == ["catalog:write", "sales:write"]
    assert b"Api-Key" not in client.get("/admin/accounts/apikey/").content


def test_is_revoked_in_the_admin(client: Client) -> None:
    client.force_login(StaffFactory.create(role=Role.ADMINISTRATOR))
    key, text = make()

    client.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [str(key.pk)]})

    with pytest.raises(InvalidApiKey):
        authenticate(text)


def test_is_nothing_for_other_staff(client: Client) -> None:
    client.force_login(StaffFactory.create(role=Role.ORDER_MANAGER))

    assert client.get("/admin/accounts/apikey/").status_code == 403
