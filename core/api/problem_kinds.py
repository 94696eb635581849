"""The one registry of error codes: what each means, and what its reader does next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from core.errors import DomainError


@dataclass(frozen=True)
class Kind:
    """An error that an answer tells; ``status`` is 0 for the code of a part of a request."""

    code: str
    status: int
    title: str
    meaning: str = ""
    own_remedy: str = ""

    @property
    def remedy(self) -> str:
        return self.own_remedy or _REMEDIES.get(self.status, _REMEDIES[400])


_REMEDIES: Final = {
    400: "Correct the parts that `errors` points at, and send the request again.",
    401: "Sign in again, or get a new access token by `auth/refresh/`, and repeat the request.",
    402: "Ask the customer for another way to pay. The order waits, and nothing was charged.",
    403: "Ask an administrator for a role, or for a key with the scope, that the operation names.",
    404: "Check the address. What belongs to someone else is answered as if it were not there.",
    405: "Use a method that the header `Allow` names.",
    406: "Accept `application/json`, or leave `Accept` out.",
    409: "Read the object again. The same request is refused until its state is another one.",
    412: "Read the object again, apply your change to it, and send its new `ETag` in `If-Match`.",
    413: "Send less at once.",
    414: "Shorten the address: send fewer or shorter parameters.",
    415: "Send the media type that the operation describes; most take `application/json`.",
    422: "Make a new key for each new request; use one again only to repeat the same request.",
    429: "Wait as many seconds as the header `Retry-After` says.",
    431: "Send fewer or shorter headers.",
    500: "Try again later. If it comes back, report the `request_id` to whoever runs the shop.",
    502: "Wait as many seconds as the header `Retry-After` says, and repeat the request.",
    503: "Wait as many seconds as the header `Retry-After` says, and repeat the request.",
    504: "Repeat the request; with an `Idempotency-Key` nothing can happen twice.",
}

# Errors of the interface itself: no service raises them.
_OF_THE_INTERFACE: Final = (
    Kind("parse_error", 400, "The body cannot be read.", "It is not valid JSON, or no UTF-8."),
    Kind("invalid", 400, "The request is not valid.", "Parts of it have the wrong form or value."),
    Kind("not_authenticated", 401, "Sign in to do this."),
    Kind("authentication_failed", 401, "The credentials are not valid."),
    Kind("token_invalid", 401, "The access token is invalid."),
    Kind("token_expired", 401, "The access token has expired.", "It lives 15 minutes."),
    Kind("session_ended", 401, "The session has ended; sign in again."),
    Kind("permission_denied", 403, "You are not allowed to do this."),
    Kind("not_found", 404, "Not found."),
    Kind("method_not_allowed", 405, "This method is not allowed here."),
    Kind("not_acceptable", 406, "None of the accepted media types can be served."),
    Kind("conflict", 409, DomainError.title),
    Kind("too_large", 413, "The request is too large."),
    Kind("uri_too_long", 414, "The address is too long."),
    Kind("unsupported_media_type", 415, "This media type is not supported here."),
    Kind("headers_too_large", 431, "The headers are too large."),
    Kind("server_error", 500, "Something went wrong on our side."),
    Kind("bad_gateway", 502, "The shop does not answer.", "It is being started or replaced."),
    Kind("unavailable", 503, "The shop cannot answer just now.", "Its database is away."),
    Kind("gateway_timeout", 504, "The shop took too long to answer."),
)

# Codes of parts of a request, in `errors[].code`.
_OF_PARTS: Final = (
    Kind("required", 0, "This has to be sent."),
    Kind("null", 0, "This may not be null."),
    Kind("blank", 0, "This may not be empty."),
    Kind("empty", 0, "This list or file may not be empty."),
    Kind("invalid", 0, "This has the wrong type or form."),
    Kind("invalid_choice", 0, "This is none of the possible values."),
    Kind("does_not_exist", 0, "There is nothing with this id or slug."),
    Kind("max_length", 0, "This is longer than is taken."),
    Kind("min_length", 0, "This is shorter than is taken."),
    Kind("max_value", 0, "This is larger than is taken."),
    Kind("min_value", 0, "This is smaller than is taken."),
    Kind("max_digits", 0, "This number has too many digits."),
    Kind("max_decimal_places", 0, "This number has too many decimal places."),
    Kind("max_whole_digits", 0, "This number has too many digits before the point."),
    Kind("max_string_length", 0, "This number is written with too many signs."),
    Kind("not_a_list", 0, "This has to be a list."),
    Kind("not_a_dict", 0, "This has to be an object."),
    Kind("repeated", 0, "This is named twice."),
    Kind("duplicate", 0, "This is named twice."),
    Kind("unknown_field", 0, "There is no such member here.", "`detail` names the nearest one."),
    Kind("unknown_parameter", 0, "There is no such parameter.", "`detail` names what there is."),
    Kind("unknown_fields", 0, "`fields` names something that the answer does not have."),
    Kind("unknown_expand", 0, "`expand` names something that cannot be embedded."),
    Kind("unknown_ordering", 0, "`ordering` names something that the list is not ordered by."),
    Kind("invalid_cursor", 0, "This is not a cursor of this list.", "Start with an empty one."),
)


@cache
def kinds() -> dict[str, list[Kind]]:
    """Return what each code stands for; it may be told with several statuses."""
    found: dict[str, list[Kind]] = {}
    for kind in (*_OF_THE_INTERFACE, *map(_of_service, _errors(DomainError)), *_OF_PARTS):
        told = found.setdefault(kind.code, [])
        if all((kind.status, kind.title) != (other.status, other.title) for other in told):
            told.append(kind)
    return dict(sorted(found.items()))


def _errors(error: type[DomainError]) -> Iterator[type[DomainError]]:
    for narrower in error.__subclasses__():
        yield narrower
        yield from _errors(narrower)


def _of_service(error: type[DomainError]) -> Kind:
    meaning = " ".join((error.__dict__.get("__doc__") or "").split()).replace("``", "`")
    return Kind(error.code, error.status, error.title, meaning, error.remedy)
