"""ETag, If-None-Match and If-Match."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.renderers import JSONRenderer
from core.errors import DomainError


class PreconditionFailed(DomainError):
    """Someone else wrote first."""

    code = "precondition_failed"
    status = 412
    title = "It has changed since you read it."

    def __init__(self) -> None:
        super().__init__("It has changed since you read it. Read it again and repeat your change.")


def etag_of(content: bytes) -> str:
    """The entity tag of a body: half of a hash that processors have instructions for."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def names_a_state(request: Request) -> bool:
    """Whether ``If-Match`` is sent and asks for more than that the thing exists."""
    return request.headers.get("If-Match", "*").strip() != "*"


def is_named_by_if_match(request: Request, representation: Any) -> bool:
    """Whether ``If-Match`` is absent, ``*``, or names what is represented now.

    It may list several tags; a weak one (``W/"…"``) never matches (RFC 9110, section 13.1.1).
    """
    if not names_a_state(request):
        return True
    tag = etag_of(JSONRenderer().render(representation))
    return tag in parse_etags(request.headers["If-Match"])


def tag_after_rendering(request: Request, response: HttpResponseBase) -> None:
    """Give ``response`` its ETag once it is rendered, or make it a 304 if the caller has it."""

    def tag(rendered: HttpResponse) -> HttpResponse | None:
        etag = etag_of(rendered.content)
        rendered["ETag"] = etag
        return get_conditional_response(request._request, etag=etag, response=rendered)

    if isinstance(response, Response):  # a file has no tag
        response.add_post_render_callback(tag)
