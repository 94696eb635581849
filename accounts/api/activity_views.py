"""users/me/activities/: what this account did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import orjson
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.api.examples import ACTIVITY
from accounts.api.filters import ActivityFilter
from accounts.api.requests import UserRequest
from accounts.api.serializers import ActivitySerializer
from accounts.models import Activity
from core.api.access import signed_in
from core.api.schema import operation
from core.api.viewsets import ApiViewSet
from core.csv_files import csv_line

COLUMNS = ("id", "action", "target", "address", "user_agent", "time")
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
FORMAT = OpenApiParameter(
    "format", str, OpenApiParameter.QUERY, enum=sorted(CONTENT_TYPES), default="csv"
)


class ActivityViewSet(mixins.ListModelMixin, ApiViewSet):
    """What the signed-in person's account did."""

    request: UserRequest
    access: ClassVar = dict.fromkeys(("list", "export"), signed_in)
    activities: ClassVar = {"export": "account.activities_exported"}
    queryset = Activity.objects.none()
    serializer_class = ActivitySerializer
    filterset_class = ActivityFilter
    orderings: ClassVar = {"time": "occurred_at"}
    default_ordering: ClassVar = ("-occurred_at",)

    def get_queryset(self) -> QuerySet[Activity]:
        return selectors.activities_of(self.request.user)

    @operation("List my activities", response=ActivitySerializer(many=True), example=[ACTIVITY])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return what this account did, newest first."""
        return super().list(request, *args, **kwargs)

    @operation(
        "Export my activities",
        response={(200, "text/csv"): OpenApiTypes.STR, (200, "application/json"): OpenApiTypes.STR},
        parameters=[FORMAT],
    )
    def export(self, request: Request) -> StreamingHttpResponse:
        """Return all of them as a file, CSV or JSON; the filters of the list apply."""
        kind = request.query_params.get("format", "csv")
        if kind not in CONTENT_TYPES:
            raise ValidationError({"format": ["Possible are: csv, json."]}, code="invalid")
        activities = self.filter_queryset(self.get_queryset()).iterator(chunk_size=1000)
        rows = (dict(ActivitySerializer(activity).data) for activity in activities)
        lines = _as_csv(rows) if kind == "csv" else _as_json(rows)
        return StreamingHttpResponse(
            lines,
            content_type=CONTENT_TYPES[kind],
            headers={"Content-Disposition": f'attachment; filename="activities.{kind}"'},
        )


def _as_csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield csv_line(COLUMNS)
    for row in rows:
        yield csv_line([row[column] for column in COLUMNS])


def _as_json(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    separator = b"[\n"
    for row in rows:
        yield separator + orjson.dumps(row, option=orjson.OPT_UTC_Z, default=str)
        separator = b",\n"
    yield b"\n]\n" if separator == b",\n" else b"[]\n"
