"""A request that is sent again acts once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from core import idempotency
from core.idempotency import Call
from core.models import DomainEvent, IdempotencyRecord

pytestmark = [pytest.mark.django_db, pytest.mark.urls("core.tests.example_api")]

EXAMPLES = "/api/v1/examples/"


def test_the_same_key_gets_the_first_answer_again(api: APIClient) -> None:
    first = api.post(EXAMPLES, {"name": "a"}, HTTP_IDEMPOTENCY_KEY="k-1")
    again = api.post(EXAMPLES, {"name": "a"}, HTTP_IDEMPOTENCY_KEY='"k-1"')

    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert again["Location"] == first["Location"]
    assert "Idempotent-Replayed" not in first
    assert DomainEvent.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(api: APIClient) -> None:
    api.post(EXAMPLES, {"name": "a"}, HTTP_IDEMPOTENCY_KEY="k-1")

    response = api.post(EXAMPLES, {"name": "b"}, HTTP_IDEMPOTENCY_KEY="k-1")

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert DomainEvent.objects.count() == 1


def test_a_refusal_is_remembered_too(api: APIClient) -> None:
    first = api.post(EXAMPLES, {"name": "a", "failure": "domain"}, HTTP_IDEMPOTENCY_KEY="k-1")
    again = api.post(EXAMPLES, {"name": "a", "failure": "domain"}, HTTP_IDEMPOTENCY_KEY="k-1")

    assert (first.status_code, again.status_code) == (409, 409)
    assert again["Content-Type"] == "application/problem+json"
    assert again["Idempotent-Replayed"] == "true"


def test_our_own_failure_is_not_remembered(api: APIClient) -> None:
    api.raise_request_exception = False

    first = api.post(EXAMPLES, {"name": "a", "failure": "bug"}, HTTP_IDEMPOTENCY_KEY="k-1")

    assert first.status_code == 500
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("key", ["", " ", "a" * 256, "ü", "a\tb"])
def test_an_ill_formed_key_is_refused(api: APIClient, key: str) -> None:
    response = api.post(EXAMPLES, {"name": "a"}, HTTP_IDEMPOTENCY_KEY=key)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_idempotency_key")
    assert not DomainEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_act_once() -> None:
    def post(_number: int) -> int:
        try:
            return APIClient().post(EXAMPLES, {"name": "a"}, HTTP_IDEMPOTENCY_KEY="k-1").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(post, range(20)))

    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert DomainEvent.objects.count() == 1


def _call() -> Call:
    return Call(caller="user:1", route="POST /x/", key="k", fingerprint="f")


def test_a_claim_is_believed_for_a_minute_and_then_taken_over() -> None:
    record, is_new = idempotency.open_record(_call())

    with pytest.raises(idempotency.IdempotencyInProgress):
        idempotency.claim(record)
    idempotency.claim(record, now=timezone.now() + timedelta(seconds=61))

    assert is_new


def test_an_answer_is_never_overwritten() -> None:
    record, _ = idempotency.open_record(_call())

    idempotency.remember(record, idempotency.Answer(201, "first", {}))
    idempotency.remember(record, idempotency.Answer(201, "second", {}))

    record.refresh_from_db()
    assert record.body == "first"
