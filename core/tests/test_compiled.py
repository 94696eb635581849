"""Queries that are compiled once, and rows that are written without building a query."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import QuerySet, Value
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from core import rows
from core.compiled import CompiledQuery
from core.models import DomainEvent, IdempotencyRecord, new_id

pytestmark = pytest.mark.django_db


def record(key: str = "k", **values: object) -> IdempotencyRecord:
    return IdempotencyRecord(
        caller="50% off",
        route="POST /",
        key=key,
        fingerprint="f",
        claimed_until=timezone.now(),
        **values,
    )


def test_finds_what_its_query_set_finds() -> None:
    first, second = record("a", status=None), record("b", status=201)
    IdempotencyRecord.objects.bulk_create([first, second])

    def of_key(key: str) -> QuerySet[IdempotencyRecord]:
        return IdempotencyRecord.objects.filter(caller="50% off", key=key).annotate(
            mark=Value("it's 100%")
        )

    query = CompiledQuery(of_key, str)

    found = query.get("b")
    assert (found.pk, found.status, found.headers) == (second.pk, 201, second.headers)
    assert vars(found)["mark"] == "it's 100%"
    assert query.first("nothing") is None
    assert [found.pk for found in query.all("a")] == [first.pk]
    with pytest.raises(IdempotencyRecord.DoesNotExist):
        query.get("nothing")


def test_takes_each_parameter_where_it_belongs() -> None:
    rows.insert(record("a"))
    query = CompiledQuery(
        lambda key, moment: IdempotencyRecord.objects.filter(created_at__lte=moment, key=key),
        str,
        type(timezone.now()),
    )

    assert query.first("a", timezone.now()) is not None
    assert query.first("a", timezone.now() - timedelta(days=1)) is None


def test_refuses_a_lookup_that_changes_its_parameter() -> None:
    query = CompiledQuery(lambda key: IdempotencyRecord.objects.filter(key__contains=key), str)

    with pytest.raises(ValueError, match="changes its parameter"):
        query.all("a")


def test_locks_the_row(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    row = record()
    rows.insert(row)
    query = CompiledQuery(
        lambda key: IdempotencyRecord.objects.select_for_update().filter(pk=key), UUID
    )

    for _ in range(2):
        with transaction.atomic(), django_assert_num_queries(1) as captured:
            assert query.get(row.pk) == row
        assert captured[0]["sql"].endswith("FOR UPDATE")


def test_inserts_and_changes_one_row() -> None:
    row = record()
    rows.insert(row)
    assert not row._state.adding

    row.status, row.body, row.headers = 201, "{}", {"Location": "/"}
    rows.update(row, "status", "headers")

    found = IdempotencyRecord.objects.get(pk=row.pk)
    assert (found.status, found.body, found.headers) == (201, "", {"Location": "/"})


def test_inserts_times_that_the_model_sets_itself() -> None:
    event = DomainEvent(id=new_id(), name="x", payload={"a": [1]}, request_id="")

    rows.insert(event)

    found = DomainEvent.objects.get(pk=event.pk)
    assert (found.payload, found.occurred_at) == ({"a": [1]}, event.occurred_at)
