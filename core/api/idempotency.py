"""The ``Idempotency-Key`` header on actions that create an order, payment, refund or sale."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from core import idempotency
from core.api.callers import CART_HEADER, caller_of
from core.api.problems import CONTENT_TYPE
from core.api.renderers import JSONRenderer
from core.errors import InvalidInput
from core.idempotency import Answer, Call
from core.models import IdempotencyRecord

HEADER = "Idempotency-Key"
_WELL_FORMED = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
_REPEATED_HEADERS = ("Location", CART_HEADER)

Action = Callable[..., Response]


class InvalidIdempotencyKey(InvalidInput):
    code = "invalid_idempotency_key"
    title = "Idempotency-Key must be 1 to 255 printable ASCII characters."


def idempotent(*, atomic: bool = True) -> Callable[[Action], Callable[..., HttpResponse]]:
    """Let a repeated key get the first answer again instead of acting twice.

    ``atomic``: the action's work and its remembered answer are one transaction. Give False
    to an action that calls the outside world between its transactions.
    """

    def decorate(action: Action) -> Callable[..., HttpResponse]:
        @functools.wraps(action)
        def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            if HEADER not in request.headers:
                return action(view, request, *args, **kwargs)
            work = functools.partial(action, view, request, *args, **kwargs)
            record, is_new = idempotency.open_record(_call(request))
            if answer := idempotency.answer_of(record):
                return _replay(answer)
            if atomic:
                return _run_holding(view, record, work)
            if not is_new:
                idempotency.claim(record)
            return _run_claimed(view, record, work)

        return run

    return decorate


def _run_holding(
    view: Any, record: IdempotencyRecord, work: Callable[[], Response]
) -> HttpResponse:
    try:
        with idempotency.holding(record) as locked:
            if answer := idempotency.answer_of(locked):
                return _replay(answer)
            response = work()
            idempotency.remember(record, _answer(response))
            return response
    except idempotency.IdempotencyInProgress:
        raise
    except Exception as error:  # noqa: BLE001 - DRF turns it into the answer, which is remembered
        return _refuse(view, record, error)


def _run_claimed(
    view: Any, record: IdempotencyRecord, work: Callable[[], Response]
) -> HttpResponse:
    try:
        response = work()
    except Exception as error:  # noqa: BLE001 - DRF turns it into the answer, which is remembered
        return _refuse(view, record, error)
    idempotency.remember(record, _answer(response))
    return response


def _refuse(view: Any, record: IdempotencyRecord, error: Exception) -> HttpResponse:
    response: Response = view.handle_exception(error)
    idempotency.remember(record, _answer(response))
    return response


def _call(request: Request) -> Call:
    body = orjson.dumps(request.data, default=str, option=orjson.OPT_SORT_KEYS)
    return Call(
        caller=caller_of(request),
        route=f"{request.method} {request.path}"[:120],
        key=_key(request.headers[HEADER]),
        fingerprint=hashlib.sha256(body).hexdigest(),
    )


def _key(header: str) -> str:
    key = header.strip()
    if len(key) > 1 and key.startswith('"') and key.endswith('"'):
        key = key[1:-1]
    if not _WELL_FORMED.fullmatch(key):
        raise InvalidIdempotencyKey
    return key


def _answer(response: Response) -> Answer:
    headers = {name: response[name] for name in _REPEATED_HEADERS if name in response}
    return Answer(response.status_code, JSONRenderer().render(response.data).decode(), headers)


def _replay(answer: Answer) -> HttpResponse:
    is_problem = answer.status >= HTTPStatus.BAD_REQUEST
    return HttpResponse(
        answer.body,
        status=answer.status,
        content_type=CONTENT_TYPE if is_problem else "application/json",
        headers={**answer.headers, "Idempotent-Replayed": "true"},
    )
