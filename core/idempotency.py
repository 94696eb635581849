"""Remembering what was answered to an ``Idempotency-Key``, so that a repeated request acts once.

The record is inserted and committed before the work starts. Work that is one transaction
locks it while it runs and stores its answer with it: a crash leaves all or nothing, and a
repeated request learns from the lock that the first is still running. Work that must leave its
transaction (a payment) claims the record for a minute instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

import orjson
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from core.compiled import CompiledQuery
from core.errors import DomainError
from core.models import IdempotencyRecord
from core.queries import with_asynchronous_commit

CLAIM = timedelta(seconds=60)


class IdempotencyInProgress(DomainError):
    """The first request with this key is still being worked on."""

    code = "idempotency_in_progress"
    title = "The first request with this Idempotency-Key is still running."
    remedy = "Wait a second and repeat the same request with the same key."


class IdempotencyKeyReused(DomainError):
    """The key was used for something else."""

    code = "idempotency_key_reused"
    status = 422
    title = "This Idempotency-Key was used with another request."


@dataclass(frozen=True)
class Call:
    """What identifies a request: caller, route and key, and the digest of what it asks."""

    caller: str
    route: str
    key: str
    fingerprint: str


@dataclass(frozen=True)
class Answer:
    """A finished answer: status, JSON text and the headers worth repeating."""

    status: int
    body: str
    headers: dict[str, str]


def open_record(call: Call, *, now: datetime | None = None) -> tuple[IdempotencyRecord, bool]:
    """Insert the record of ``call``, or find it; tell whether it is new.

    Raises IdempotencyKeyReused when the key belongs to another request.
    """
    moment = now or timezone.now()
    record = IdempotencyRecord(
        caller=call.caller,
        route=call.route,
        key=call.key,
        fingerprint=call.fingerprint,
        claimed_until=moment + CLAIM,
        created_at=moment,
    )
    if _insert(record):
        return record, True
    same = IdempotencyRecord.objects.filter(caller=call.caller, route=call.route, key=call.key)
    found = same.first()
    if found is None:  # the first request has failed and was forgotten this very moment
        raise IdempotencyInProgress
    if found.fingerprint != call.fingerprint:
        raise IdempotencyKeyReused
    return found, False


_INSERT = """
    INSERT INTO core_idempotencyrecord
        (id, caller, route, key, fingerprint, claimed_until, created_at, body, headers)
    VALUES (%s, %s, %s, %s, %s, %s, %s, '', '{}')
    ON CONFLICT (caller, route, key) DO NOTHING"""


def _insert(record: IdempotencyRecord) -> bool:
    """Insert the record in one statement, unless its key is known; tell whether it was not.

    It need not wait for the disk: the work that follows does, and is lost with it or not at all.
    """
    named = ("id", "caller", "route", "key", "fingerprint", "claimed_until", "created_at")
    with connection.cursor() as cursor:
        cursor.execute(with_asynchronous_commit(_INSERT), [getattr(record, name) for name in named])
        return bool(cursor.rowcount)


def answer_of(record: IdempotencyRecord) -> Answer | None:
    """Return the remembered answer, or None while there is none."""
    if record.status is None:
        return None
    return Answer(record.status, record.body, record.headers)


_LOCKED = CompiledQuery(
    lambda key: IdempotencyRecord.objects.select_for_update(nowait=True).filter(pk=key), UUID
)


@contextmanager
def holding(record: IdempotencyRecord) -> Iterator[IdempotencyRecord]:
    """Run the block in one transaction that holds ``record``; yields it as it is now.

    Raises IdempotencyInProgress when another request holds it.
    """
    with transaction.atomic():
        try:
            locked = _LOCKED.get(record.pk)
        except (OperationalError, IdempotencyRecord.DoesNotExist) as error:
            raise IdempotencyInProgress from error
        yield locked


def claim(record: IdempotencyRecord, *, now: datetime | None = None) -> None:
    """Take over a record whose work has not finished within its claim.

    Raises IdempotencyInProgress while the claim of the first request holds.
    """
    moment = now or timezone.now()
    taken = IdempotencyRecord.objects.filter(
        Q(claimed_until__lte=moment), pk=record.pk, status=None
    ).update(claimed_until=moment + CLAIM)
    if not taken:
        raise IdempotencyInProgress


_REMEMBER = """
    UPDATE core_idempotencyrecord SET status = %s, body = %s, headers = %s
    WHERE id = %s AND status IS NULL
"""


def remember(record: IdempotencyRecord, answer: Answer) -> None:
    """Store the answer, unless there is one; a failure of ours (5xx) is forgotten instead."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        IdempotencyRecord.objects.filter(pk=record.pk, status=None).delete()
        return
    with connection.cursor() as cursor:
        headers = orjson.dumps(answer.headers).decode()
        cursor.execute(_REMEMBER, [answer.status, answer.body, headers, record.pk])
