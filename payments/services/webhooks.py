"""What providers tell by webhook: stored once and answered at once, applied by a job."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from django.db import transaction as database
from django.db.models import F
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from core import rows
from core.compiled import CompiledQuery
from payments.gateways import gateway_of
from payments.gateways.base import Envelope, Gateway, InvalidWebhook
from payments.models import PaymentTransaction, WebhookEvent
from payments.services.results import apply_result, may_tell_something

_MEANT: Final = CompiledQuery(
    lambda key, provider: PaymentTransaction.objects.filter(pk=key, provider=provider), UUID, str
)
_LONGEST_ERROR: Final = 500
NUL: Final = rb"\u0000"


def receive_webhook(*, provider: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Store a provider's event, and the job that applies it, unless it is stored already.

    One that tells us nothing, most often because the answer to our own call told it before,
    needs no job: two statements. ``headers`` are looked up by names in lower case. Raises
    UnknownProvider, InvalidWebhook.
    """
    gateway = gateway_of(provider)
    if NUL in body:
        raise InvalidWebhook("PostgreSQL cannot store a NUL character.")
    envelope = gateway.open_webhook(body=body, headers=headers)
    event = WebhookEvent(
        provider=provider,
        event_id=envelope.event_id,
        kind=envelope.kind,
        payload=envelope.event,
    )
    if not _tells_something(gateway, envelope):
        event.applied_at = timezone.now()
        rows.insert_unless_known(event)
        return
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
    if notice and _MEANT.first(notice.key, event.provider):
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


def _tells_something(gateway: Gateway, envelope: Envelope) -> bool:
    """Tell whether an event has to be applied; one that cannot be read is for its job to judge.

    Nothing is locked: what is settled by now stays settled.
    """
    try:
        notice = gateway.read_event(envelope.event)
    except (ValueError, KeyError, TypeError, AttributeError):
        return True
    known = _MEANT.first(notice.key, gateway.code) if notice else None
    return bool(notice and known and may_tell_something(known, notice.result))


def _defer(event_id: UUID) -> None:
    jobs.configure_task("payments.tasks.apply_webhook", queue="payments").defer(
        event_id=str(event_id)
    )
