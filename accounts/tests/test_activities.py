import csv
import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import tasks
from accounts.models import Activity, User
from accounts.services import activities
from accounts.tests.factories import PASSWORD, AddressFactory, UserFactory
from accounts.tests.test_sign_in import bearer, sign_in
from core.tests.waiting import wait_until

URL = "/api/v1/users/me/activities/"
ApiFor = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    activities._writer.waiting.clear()


@pytest.fixture
def past(user: User) -> User:
    for days, action in ((400, "account.registered"), (10, "account.signed_in"), (1, "=cmd|x")):
        moment = timezone.now() - timedelta(days=days)
        Activity.objects.create(user=user, action=action, occurred_at=moment, user_agent="-1+1")
    return user


@pytest.mark.django_db
def test_notes_who_did_what_from_where(api: APIClient, user: User) -> None:
    api.credentials(HTTP_USER_AGENT="Testfox/1.0")
    client = bearer(sign_in(api, user).json()["access"])
    address = AddressFactory.create(user=user)
    client.patch(f"/api/v1/users/me/addresses/{address.pk}/", {"line2": "x"})
    activities.flush_activities()

    rows = client.get(URL).json()["results"]

    assert [(row["action"], row["target"]) for row in rows] == [
        ("address.changed", f"address {address.pk}"),
        ("account.signed_in", ""),
    ]
    assert (rows[1]["address"], rows[1]["user_agent"]) == ("127.0.0.1", "Testfox/1.0")
    assert set(rows[0]) == {"id", "action", "target", "address", "user_agent", "time"}


@pytest.mark.django_db
def test_what_was_refused_is_not_noted(api: APIClient, user: User) -> None:
    sign_in(api, user, "wrong")
    api.post("/api/v1/auth/register/", {"email": "x"})

    assert activities.flush_activities() == 0


@pytest.mark.django_db
def test_noting_costs_the_request_no_query(
    api_for: ApiFor, past: User, django_assert_num_queries: Any
) -> None:
    client = api_for(past)

    with django_assert_num_queries(3):  # the caller, the count, the page
        client.get(URL)


@pytest.mark.django_db
def test_no_password_and_no_token_is_noted(api: APIClient, user: User) -> None:
    tokens = sign_in(api, user).json()
    change = {"current_password": PASSWORD, "new_password": "staple-9-teapots"}
    bearer(tokens["access"]).post("/api/v1/auth/password/change/", change)
    activities.flush_activities()

    noted = str(list(Activity.objects.values()))
    assert "account.password_changed" in noted
    for secret in (PASSWORD, "staple-9-teapots", tokens["access"], tokens["refresh"]):
        assert secret not in noted


@pytest.mark.django_db
def test_filters_by_kind_and_time(api_for: ApiFor, past: User) -> None:
    client = api_for(past)
    week_ago = (timezone.now() - timedelta(days=7)).isoformat()

    def found(**query: str) -> list[str]:
        return [row["action"] for row in client.get(URL, query).json()["results"]]

    assert found(action="account.signed_in") == ["account.signed_in"]
    assert found(time_after=week_ago) == ["=cmd|x"]
    assert found(time_before=week_ago) == ["account.signed_in", "account.registered"]
    assert found(ordering="time")[0] == "account.registered"
    assert client.get(URL, {"time_after": "yesterday"}).status_code == 400


@pytest.mark.django_db
def test_exports_csv_in_which_no_formula_starts(api_for: ApiFor, past: User) -> None:
    answer: Any = api_for(past).get(f"{URL}export/", {"format": "csv"})

    rows = list(csv.DictReader(StringIO(answer.getvalue().decode())))
    assert answer["Content-Type"].startswith("text/csv")
    assert next(row["action"] for row in rows) == "'=cmd|x"
    assert {row["user_agent"] for row in rows} == {"'-1+1"}


@pytest.mark.django_db
def test_exports_json_as_it_is(api_for: ApiFor, past: User) -> None:
    answer: Any = api_for(past).get(f"{URL}export/", {"format": "json"})

    rows = json.loads(answer.getvalue())
    assert [row["action"] for row in rows] == ["=cmd|x", "account.signed_in", "account.registered"]
    empty: Any = api_for(UserFactory.create()).get(f"{URL}export/", {"format": "json"})
    assert json.loads(empty.getvalue()) == []
    assert api_for(past).get(f"{URL}export/", {"format": "xml"}).status_code == 400


@pytest.mark.django_db
def test_shows_nobody_elses(api: APIClient, api_for: ApiFor, past: User) -> None:
    assert api_for(UserFactory.create()).get(URL).json()["count"] == 0
    assert api.get(URL).status_code == 401
    assert api.get(f"{URL}export/").status_code == 401


@pytest.mark.django_db
def test_forgets_what_is_older_than_a_year(past: User) -> None:
    tasks.purge(0)

    assert Activity.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_thread_writes_what_waits_and_gives_its_connection_up(
    user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ACTIVITY_FLUSH_SECONDS = 0.01
    monkeypatch.setattr(activities, "IDLE_SECONDS", 0.05)
    activities.note_activity(
        entry=activities.ActivityEntry(
            user_id=user.pk, action="test.noted", occurred_at=timezone.now()
        )
    )

    wait_until(Activity.objects.exists)
    assert not activities._writer.waiting
    wait_until(lambda: _other_sessions() == 0)


def _other_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])
