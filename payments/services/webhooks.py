"""What providers tell by webhook: stored once and answered at once, applied by a job."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS, connections
from django.db import transaction as database
from django.db.models import F, Model
from django.utils import timezone
from psycopg.types.json import Jsonb

from core import jobs
from core.models import new_id
from core.queries import with_asynchronous_commit
from payments.gateways import UnknownProvider, gateway_of
from payments.gateways.base import Envelope, Gateway, InvalidWebhook, Succeeded
from payments.models import CHARGED_TWICE, PaymentTransaction, WebhookEvent
from payments.services.results import apply_result, changed_by

RECEIVE_WEBHOOK_ERRORS: Final = (InvalidWebhook, UnknownProvider)
_LONGEST_ERROR: Final = 500
NUL: Final = rb"\u0000"
# Stores an event as applied, unless it is news to the transaction that it is about. With the
# ORM, the whole request takes three times the processor time: 1.31 ms, not 0.45 (2026-11-28).
_STORE_UNLESS_NEWS: Final = """
    INSERT INTO {events} ({id}, {provider}, {event_id}, {kind}, {payload}, {received_at},
                          {applied_at})
    SELECT %(id)s, %(provider)s::varchar, %(event_id)s, %(kind)s, %(payload)s, %(now)s, %(now)s
    WHERE NOT EXISTS (
        SELECT FROM {transactions} AS ours
        WHERE ours.{key} = %(key)s AND ours.{its_provider} = %(provider)s::varchar
          AND ((ours.{status} = ANY(%(changed)s) AND ours.{error_code} <> %(charged_twice)s)
               OR (%(tells_fee)s AND ours.{fee} IS NULL)))
    ON CONFLICT DO NOTHING"""


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
        WebhookEvent.objects.bulk_create([event], ignore_conflicts=True)
        if WebhookEvent.objects.filter(pk=event.pk).exists():
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
    if notice:
        ours = PaymentTransaction.objects.filter(pk=notice.key, provider=event.provider)
        if ours.exists():
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
    result = notice.result if notice else None
    parameters: dict[str, Any] = {
        "id": new_id(),
        "provider": gateway.code,
        "event_id": envelope.event_id,
        "kind": envelope.kind,
        "payload": Jsonb(envelope.event, orjson.dumps),
        "now": timezone.now(),
        "key": notice.key if notice else None,
        "changed": [status.value for status in changed_by(result)] if result else [],
        "charged_twice": CHARGED_TWICE,
        "tells_fee": isinstance(result, Succeeded) and result.fee is not None,
    }
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(with_asynchronous_commit(_store_unless_news()), parameters)
        return bool(cursor.rowcount)


@cache
def _store_unless_news() -> str:
    events = _names(WebhookEvent)
    ours = _names(PaymentTransaction)
    names = {name: ours[name] for name in ("status", "error_code", "fee")}
    names |= {"transactions": ours["table"], "key": ours["id"], "its_provider": ours["provider"]}
    return _STORE_UNLESS_NEWS.format(events=events.pop("table"), **(events | names))


def _names(model: type[Model]) -> dict[str, str]:
    """Return the model's table, and its columns by the names of their fields."""
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    return {name: quote(text) for name, text in {**columns, "table": model._meta.db_table}.items()}


def _defer(event_id: UUID) -> None:
    jobs.configure_task("payments.tasks.apply_webhook", queue="payments").defer(
        event_id=str(event_id)
    )
