"""users/me/export/: everything that the shop holds on a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import orjson
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes

from accounts.api.requests import UserRequest
from core.api.access import signed_in
from core.api.schema import operation
from core.api.viewsets import ApiViewSet
from core.privacy import export_personal_data
from core.rate_limits import Limit, RateLimited


class ExportView(ApiViewSet):
    request: UserRequest
    access: ClassVar = {"retrieve": signed_in}
    activities: ClassVar = {"retrieve": "account.exported"}
    limits: ClassVar = {"retrieve": [Limit("personal-data-export", 10, 3600)]}
    tagged_actions: ClassVar = frozenset()

    @operation(
        "Export my data",
        operation_id="exportMyData",
        response=OpenApiTypes.OBJECT,
        errors=[RateLimited],
    )
    def retrieve(self, request: UserRequest) -> StreamingHttpResponse:
        """Return everything held on you as one JSON document: a list for each kind of data."""
        return StreamingHttpResponse(
            _document(request.user.pk, timezone.now()),
            content_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="personal-data.json"'},
        )


def _document(user_id: UUID, now: datetime) -> Iterator[bytes]:
    yield b'{"generated_at": ' + _json(now)
    for name, rows in export_personal_data(user_id):
        yield b",\n" + _json(name) + b": "
        separator = b"["
        for row in rows:
            yield separator + _json(row)
            separator = b",\n"
        yield b"[]" if separator == b"[" else b"]"
    yield b"}\n"


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z, default=str)
