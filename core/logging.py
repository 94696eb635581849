"""Logs: one JSON object a line, with the request's id and without secrets."""

from __future__ import annotations

import json
import logging
import logging.config
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from core.tracing import request_id

_SECRET_NAMES: Final = re.compile(
    r"password|passwd|secret|token|authorization|api_?key|cookie|card|cvc", re.IGNORECASE
)
_SECRET_TEXT: Final = re.compile(
    # PostgreSQL quotes the whole row in the DETAIL of an error.
    r"\b(?:bearer|api-key)\s+\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|(?<=\bDETAIL:)[^\n]+",
    re.IGNORECASE,
)
HIDDEN: Final = "[hidden]"
ACCESS_LOG: Final = "tradepost.access"
OF_A_REQUEST: Final = ("method", "path", "status", "milliseconds")


@lru_cache(maxsize=1000)
def _is_secret(name: str) -> bool:
    return bool(_SECRET_NAMES.search(name))


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank what is named like a secret and what looks like a token."""
    for name, value in event.items():
        if _is_secret(name):
            event[name] = HIDDEN
        elif isinstance(value, str):
            event[name] = _SECRET_TEXT.sub(HIDDEN, value)
    return event


def add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the id of the request or job that is being worked on."""
    if current := request_id.get():
        event["request_id"] = current
    return event


def _json(event: EventDict, *, default: Callable[[Any], Any], **_options: Any) -> str:
    try:
        return orjson.dumps(event, default=default, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # a number of more than 64 bits, half of a surrogate pair
        return json.dumps(event, default=default)


class JsonLines(structlog.stdlib.ProcessorFormatter):
    """Lines as JSON: those of the access log, one for each request, without structlog's detour."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name != ACCESS_LOG or record.levelno != logging.INFO:
            return super().format(record)
        line = {
            "event": record.msg,
            "level": "info",
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC),
            **{name: getattr(record, name) for name in OF_A_REQUEST},
            "request_id": request_id.get(),
        }
        line["path"] = _SECRET_TEXT.sub(HIDDEN, line["path"])
        return _json(line, default=str)


def _spare_what_no_line_tells() -> None:
    """Find out neither where in the code nor in which thread: see Logging HOWTO, Optimization."""
    logging._srcfile = None
    logging.logThreads = logging.logMultiprocessing = False


def configure(options: dict[str, Any]) -> None:
    """Set up logging; called by Django with the setting ``LOGGING``: ``level`` and ``format``."""
    _spare_what_no_line_tells()
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        add_request_id,
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    is_json = options["format"] == "json"
    render: Processor = (
        structlog.processors.JSONRenderer(serializer=_json)
        if is_json
        else structlog.dev.ConsoleRenderer()
    )
    formatter = {
        "()": JsonLines if is_json else structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"structured": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            # It tells every job it knows, defers, starts and ends: several lines a second of noise.
            "loggers": {"procrastinate": {"level": "WARNING"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
        }
    )
