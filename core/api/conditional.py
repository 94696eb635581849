"""ETag, If-None-Match and If-Match."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from django.http import HttpResponse
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
    """Return the entity tag of a body: half of a hash that processors have instructions for."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def tag_after_rendering(request: Request, response: Response) -> None:
    """Give ``response`` its ETag once it is rendered, or make it a 304 if the caller has it."""

    def tag(rendered: HttpResponse) -> HttpResponse | None:
        etag = etag_of(rendered.content)
        rendered["ETag"] = etag
        return get_conditional_response(request._request, etag=etag, response=rendered)

    response.add_post_render_callback(tag)


class ConditionalMixin:
    """For viewsets whose single objects can be read and changed conditionally."""

    # Actions whose answer to GET carries an ETag.
    tagged_actions: ClassVar[frozenset[str]] = frozenset({"retrieve"})

    def represent(self, instance: Any) -> Any:
        """Return what a GET of ``instance`` answers."""
        return self.get_serializer(instance).data  # type: ignore[attr-defined]  # GenericViewSet has it

    def require_match(self, request: Request, instance: Any) -> None:
        """Raise PreconditionFailed unless ``If-Match`` names the present state of ``instance``.

        Call it inside the transaction that changes the object, with its row locked.
        """
        header = request.headers.get("If-Match")
        if header is None or header.strip() == "*":
            return
        if etag_of(JSONRenderer().render(self.represent(instance))) not in parse_etags(header):
            raise PreconditionFailed
