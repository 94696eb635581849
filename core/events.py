"""Domain events: written in the transaction that made them so, handled by background jobs.

An app announces in its ``events.py``, a higher app handles in its ``tasks.py``::

    @dataclass(frozen=True)
    class OrderPlaced(Event):
        name = "order.placed"
        order_id: UUID

    @handles(OrderPlaced)
    def send_confirmation(event: OrderPlaced) -> None: ...
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, TypeVar, get_type_hints
from uuid import UUID

import orjson
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from core.models import DomainEvent, new_id
from core.tracing import request_id

_READERS: dict[Any, Callable[[Any], Any]] = {
    UUID: UUID,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    tuple[UUID, ...]: lambda keys: tuple(UUID(key) for key in keys),
    tuple[int, ...]: tuple,
}


@dataclass(frozen=True)
class Event:
    """Base of all events: of UUID, str, int, bool, Decimal, datetime, tuples of UUID or int."""

    name: ClassVar[str]

    def payload(self) -> dict[str, Any]:
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Event:
        types = get_type_hints(cls)
        return cls(**{key: _READERS.get(types[key], lambda v: v)(v) for key, v in payload.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, UUID | Decimal | datetime):
        return DjangoJSONEncoder().default(value)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


E = TypeVar("E", bound=Event)
Handler = Callable[[Any], None]

_handlers: dict[str, dict[str, Handler]] = defaultdict(dict)
_types: dict[str, type[Event]] = {}


def handles(event_type: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register the decorated function as a handler of ``event_type``.

    It runs in a background job, inside a transaction, once for each event: when it raises,
    nothing of it remains and the job tries again.
    """

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        _types[event_type.name] = event_type
        _handlers[event_type.name][f"{handler.__module__}.{handler.__qualname__}"] = handler
        return handler

    return register


# By procrastinate's own function for deferring jobs: event and jobs are one statement.
_EMIT = """
    WITH event AS (
        INSERT INTO core_domainevent (id, name, payload, request_id, occurred_at)
        VALUES (%(id)s, %(name)s, %(payload)s, %(request_id)s, %(now)s)
        RETURNING id)
    SELECT procrastinate_defer_jobs_v1(array_agg(
               ('events', 'core.tasks.deliver', 0, NULL, NULL,
                jsonb_build_object('event_id', event.id, 'handler', handler),
                NULL)::procrastinate_job_to_defer_v1 ORDER BY place))
    FROM event, unnest(%(handlers)s::text[]) WITH ORDINALITY AS waiting (handler, place)
    HAVING count(*) > 0
"""


def emit(event: Event) -> None:
    """Write ``event`` and its jobs in the current transaction; a rollback takes both back."""
    parameters: dict[str, Any] = {
        "id": new_id(),
        "name": event.name,
        "payload": Jsonb(event.payload(), orjson.dumps),
        "request_id": request_id.get(),
        "now": timezone.now(),
        "handlers": list(_handlers.get(event.name, ())),
    }
    with connection.cursor() as cursor:
        cursor.execute(_EMIT, parameters)


_DELIVER = """
    INSERT INTO core_eventdelivery (event_id, handler, delivered_at) VALUES (%s, %s, %s)
    ON CONFLICT DO NOTHING
"""


@transaction.atomic
def deliver(*, event_id: UUID, handler: str) -> None:
    """Let ``handler`` do its work for the event, unless it has done so before.

    A handler that no longer exists in the code has nothing left to do.
    """
    event = DomainEvent.objects.get(pk=event_id)
    function = _handlers[event.name].get(handler)
    with connection.cursor() as cursor:
        cursor.execute(_DELIVER, [event_id, handler, timezone.now()])
        is_first = bool(cursor.rowcount)
    if function is not None and is_first:
        function(_types[event.name].from_payload(event.payload))
