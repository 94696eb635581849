"""What providers tell by webhook: stored once and answered at once, applied by a job."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection
from django.db import transaction as database
from django.db.models import F
from django.utils import timezone
from psycopg.types.json import Jsonb

from core import jobs, rows
from core.compiled import CompiledQuery
from core.models import new_id
from core.queries import unhurried
from payments.gateways import UnknownProvider, gateway_of
from payments.gateways.base import Envelope, Gateway, InvalidWebhook, Notice, Succeeded
from payments.models import CHARGED_TWICE, PaymentTransaction, TransactionStatus, WebhookEvent
from payments.services.results import apply_result, changed_by

_TRANSACTION: Final = CompiledQuery(
    lambda key, provider: PaymentTransaction.objects.filter(pk=key, provider=provider), UUID, str
)
RECEIVE_WEBHOOK_ERRORS: Final = (InvalidWebhook, UnknownProvider)
_LONGEST_ERROR: Final = 500
NUL: Final = rb"\u0000"
# Stores an event as applied, unless it is news to the transaction that it is about.
_STORE_UNLESS_NEWS: Final = """
    INSERT INTO payments_webhookevent
           (id, provider, event_id, kind, payload, received_at, applied_at)
    SELECT %(id)s, %(provider)s::varchar, %(event_id)s, %(kind)s, %(payload)s, %(now)s, %(now)s
    WHERE NOT EXISTS (
        SELECT FROM payments_paymenttransaction
        WHERE id = %(key)s AND provider = %(provider)s::varchar AND ({is_news}))
    ON CONFLICT DO NOTHING"""
_CHANGES: Final = "status IN ({statuses}) AND error_code <> '{charged_twice}'"


def receive_webhook(*, provider: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Store a provider's event, and the job that applies it, unless it is stored already.

    One that tells us nothing, most often because the answer to our own call told it before,
    needs no job: one statement. ``headers`` are looked up by names in lower case.
    """
    gateway = gateway_of(provider)
    if NUL in body:
        raise InvalidWebhook("PostgreSQL cannot store a NUL character.")
    envelope = gateway.open_webhook(body=body, headers=headers)
    if _is_stored_as_no_news(envelope, gateway):
        return
    event = WebhookEvent(
        provider=provider,
        event_id=envelope.event_id,
        kind=envelope.kind,
        payload=envelope.event,
    )
    with database.atomic():
        if rows.insert_unless_known(event):
            _defer(event.pk)


def run_again(*, event_ids: Collection[UUID]) -> int:
    """Write the jobs that apply events which are not applied yet; return how many those are.

    A dead letter becomes an ordinary event again, whose failures are counted anew.
    """
    with database.atomic():
        waiting = WebhookEvent.objects.filter(pk__in=event_ids, applied_at=None)
        keys = list(waiting.select_for_update().order_by("pk").values_list("pk", flat=True))
        WebhookEvent.objects.filter(pk__in=keys).update(given_up_at=None, failures=0)
        for key in keys:
            _defer(key)
    return len(keys)


@database.atomic
def apply_webhook(*, event_id: UUID) -> None:
    """Apply a stored event, once. Events about charges that are not ours tell us nothing."""
    event = WebhookEvent.objects.select_for_update().get(pk=event_id)
    if event.applied_at:
        return
    notice = gateway_of(event.provider).read_event(event.payload)
    if notice and _TRANSACTION.first(notice.key, event.provider):
        apply_result(transaction_id=notice.key, result=notice.result)
    event.applied_at, event.given_up_at, event.error = timezone.now(), None, ""
    event.save(update_fields=["applied_at", "given_up_at", "error"])


def note_failure(*, event_id: UUID, error: Exception, is_last: bool) -> None:
    """Count that applying an event failed; after the last try it is a dead letter."""
    text = f"{type(error).__name__}: {error}".replace("\x00", "")[:_LONGEST_ERROR]
    WebhookEvent.objects.filter(pk=event_id, applied_at=None).update(
        failures=F("failures") + 1,
        error=text,
        given_up_at=timezone.now() if is_last else None,
    )


def _is_stored_as_no_news(envelope: Envelope, gateway: Gateway) -> bool:
    """Store an event as applied if it tells us nothing; whether it can be read its job judges.

    Nothing is locked: what is settled by now stays settled. What tells nothing may be lost.
    """
    try:
        notice = gateway.read_event(envelope.event)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            unhurried(_store_unless_news(notice)), _parameters(envelope, gateway, notice)
        )
        return bool(cursor.rowcount)


def _store_unless_news(notice: Notice | None) -> str:
    """Return the statement for what ``notice`` tells."""
    changed = changed_by(notice.result) if notice else frozenset[TransactionStatus]()
    fee = notice.result.fee if notice and isinstance(notice.result, Succeeded) else None
    return _statement(changed, tells_fee=fee is not None)


@cache
def _statement(changed: frozenset[TransactionStatus], *, tells_fee: bool) -> str:
    statuses = ", ".join(f"'{status.value}'" for status in sorted(changed)) or "NULL"
    is_news = _CHANGES.format(statuses=statuses, charged_twice=CHARGED_TWICE)
    return _STORE_UNLESS_NEWS.format(is_news=f"{is_news} OR fee IS NULL" if tells_fee else is_news)


def _parameters(envelope: Envelope, gateway: Gateway, notice: Notice | None) -> dict[str, Any]:
    return {
        "id": new_id(),
        "provider": gateway.code,
        "event_id": envelope.event_id,
        "kind": envelope.kind,
        "payload": Jsonb(envelope.event, orjson.dumps),
        "now": timezone.now(),
        "key": notice.key if notice else None,
    }


def _defer(event_id: UUID) -> None:
    jobs.configure_task("payments.tasks.apply_webhook", queue="payments").defer(
        event_id=str(event_id)
    )
