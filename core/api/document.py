"""The OpenAPI document over HTTP: made once a process, then only sent."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, ClassVar, Final

from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from rest_framework.exceptions import NotAcceptable, ValidationError
from rest_framework.request import Request

from core.api.access import anyone
from core.api.conditional import etag_of
from core.api.filters import refuse_unknown_parameters
from core.api.renderers import JSONRenderer
from core.api.viewsets import ApiViewSet
from core.rate_limits import Limit

SECONDS: Final = 300
_JSON, _YAML = "json", "yaml"
# What may be accepted, the best first.
_FORMATS: Final = {
    "application/vnd.oai.openapi": _YAML,
    "application/vnd.oai.openapi+json": _JSON,
    "application/json": _JSON,
    "application/yaml": _YAML,
    "application/x-yaml": _YAML,
    "text/yaml": _YAML,
}
_USUAL: Final = {_JSON: "application/json", _YAML: "application/yaml"}


@dataclass(frozen=True)
class _Rendition:
    """The document in one format, as it is and packed."""

    plain: bytes
    packed: bytes
    tag: str

    def body(self, *, is_packed: bool) -> bytes:
        return self.packed if is_packed else self.plain

    def etag(self, *, is_packed: bool) -> str:
        return f'{self.tag[:-1]}-gzip"' if is_packed else self.tag


_making = Lock()


def document() -> dict[str, Any]:
    """Return the OpenAPI document; whoever asks while it is made waits for it."""
    with _making:
        return _made()


@cache
def _made() -> dict[str, Any]:
    generator: Any = SchemaGenerator  # drf-spectacular tells no types of it
    made: dict[str, Any] = generator().get_schema(request=None, public=True)
    return made


def _rendition(kind: str) -> _Rendition:
    with _making:
        return _rendered(kind)


@cache
def _rendered(kind: str) -> _Rendition:
    renderer = OpenApiJsonRenderer() if kind == _JSON else OpenApiYamlRenderer()
    plain = renderer.render(_made(), renderer_context={})
    return _Rendition(plain, gzip.compress(plain, mtime=0), etag_of(plain))


class DocumentViewSet(ApiViewSet):
    """The description of this interface."""

    access: ClassVar = {"retrieve": anyone}
    limits: ClassVar = {"retrieve": [Limit("schema", count=60, seconds=60)]}
    public_max_age: ClassVar = SECONDS
    authentication_classes = ()
    schema = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: FBT001, FBT002 - DRF's signature
        """Leave the choice to ``retrieve``; problems are JSON whatever was asked for."""
        return JSONRenderer(), JSONRenderer.media_type

    def retrieve(self, request: Request) -> HttpResponse:
        """The document as YAML, or as JSON by ``?format=json`` or ``Accept``."""
        refuse_unknown_parameters(request, set())
        media_type, kind = _asked(request)
        is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
        rendition = _rendition(kind)
        etag = rendition.etag(is_packed=is_packed)
        response = HttpResponse(
            rendition.body(is_packed=is_packed),
            content_type=f"{media_type}; charset=utf-8",
            headers={"ETag": etag, "Content-Disposition": f'inline; filename="tradepost.{kind}"'},
        )
        if is_packed:
            response["Content-Encoding"] = "gzip"
        patch_vary_headers(response, ["Accept", "Accept-Encoding"])
        return get_conditional_response(request._request, etag=etag, response=response) or response


def _asked(request: Request) -> tuple[str, str]:
    """Return media type and format that the caller wants."""
    if kind := request.query_params.get("format", ""):
        if kind not in _USUAL:
            raise ValidationError({"format": ["Either json or yaml."]}, code="invalid")
        return _USUAL[kind], kind
    media_type = request._request.get_preferred_type(list(_FORMATS))
    if media_type is None:
        raise NotAcceptable
    return media_type, _FORMATS[media_type]
