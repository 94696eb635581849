"""products/import/, imports/ and products/export/: whole catalogs in and out, with their stock."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.decorators import action
from rest_framework.exceptions import UnsupportedMediaType, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.api.access import machine, role
from core.api.filters import refuse_unknown_parameters
from core.api.schema import operation
from core.api.viewsets import ApiViewSet, ReadMixin
from core.csv_files import csv_line
from core.errors import NotFound
from core.spreadsheets import chunks_of, write_workbook
from imports.api import examples
from imports.api.serializers import (
    ImportJobSerializer,
    ImportMappingSerializer,
    ImportSummarySerializer,
    RefusalSerializer,
    SaveMappingSerializer,
    StartImportSerializer,
)
from imports.models import ImportJob, ImportMapping, ImportRefusal
from imports.selectors import jobs as selectors
from imports.selectors.exports import product_rows
from imports.services import jobs as services
from imports.services.applying import ImportOptions
from imports.services.jobs import START_IMPORT_ERRORS, NewImport
from imports.services.mappings import (
    MAPPING_NAMED_ERRORS,
    delete_mapping,
    mapping_named,
    save_mapping,
)
from imports.services.numbers import Style

_UUID = "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_MAY_IMPORT = role("catalog.add_product") | machine("catalog:write")
_MAY_EXPORT = role("catalog.change_product") | machine("catalog:write")
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _format(*kinds: str) -> OpenApiParameter:
    return OpenApiParameter("format", str, OpenApiParameter.QUERY, enum=kinds, default=kinds[0])


def _asked_format(request: Request, *kinds: str) -> str:
    kind = request.query_params.get("format", kinds[0])
    if kind not in kinds:
        raise ValidationError({"format": [f"Possible are: {', '.join(kinds)}."]}, code="invalid")
    return kind


class StartImportViewSet(ApiViewSet):
    access: ClassVar = {"create": _MAY_IMPORT}
    queryset = ImportJob.objects.none()
    serializer_class = ImportJobSerializer
    parser_classes = (MultiPartParser,)
    filter_backends = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a packed body: the file may be packed, the request may not."""
        super().initial(request, *args, **kwargs)
        coding = request.headers.get("Content-Encoding", "identity")
        if coding.lower() != "identity":
            raise UnsupportedMediaType(coding, "Send the request as it is, without a coding.")

    @operation(
        "Import products",
        request={"multipart/form-data": StartImportSerializer},
        response=ImportJobSerializer,
        status=202,
        example=examples.QUEUED,
        errors=[*START_IMPORT_ERRORS, *MAPPING_NAMED_ERRORS],
    )
    def create(self, request: Request) -> Response:
        """A CSV or XLSX file; each row makes a product, or changes the one with its SKU.

        What can be seen from the beginning of the file is refused at once. The rest is a job:
        follow `Location` until `status` is `succeeded` or `failed`. With `mode=partial` good
        rows land and the others are told; with `mode=atomic` one bad row refuses the file.
        """
        data = self.parsed(StartImportSerializer)
        mapping = data.get("mapping", {})
        if isinstance(mapping, str):
            mapping = mapping_named(name=mapping) if mapping else {}
        options = ImportOptions(
            currency=data.get("currency", settings.CURRENCY),
            mapping=mapping,
            price_rule=data.get("price_rule", ""),
            stock=data.get("stock"),
            style=Style(data.get("decimal", "")),
            mode=data["mode"],
            is_dry_run=data["dry_run"],
        )
        person = request.user if isinstance(request.user, User) else None
        job = services.start_import(new=NewImport(data["file"], data["file"].name, options, person))
        if name := data.get("save_mapping_as"):
            save_mapping(name=name, columns=options.mapping)
        headers = {"Location": f"/api/v1/imports/{job.pk}/"}
        return Response(ImportJobSerializer(job).data, status=202, headers=headers)


class ImportViewSet(ReadMixin, ApiViewSet):
    extra_parameters: ClassVar[frozenset[str]] = frozenset()
    access: ClassVar = dict.fromkeys(("list", "retrieve", "errors"), _MAY_IMPORT)
    queryset = ImportJob.objects.none()
    serializer_class = ImportSummarySerializer
    orderings: ClassVar = {"created_at": "created_at"}
    default_ordering: ClassVar = ("-created_at",)
    lookup_value_regex = _UUID

    def get_queryset(self) -> QuerySet[ImportJob]:
        return selectors.import_jobs()

    @operation(
        "List imports", response=ImportSummarySerializer(many=True), example=examples.JOB_PAGE
    )
    def list(self, request: Request) -> Response:
        """All imports, newest first."""
        return super().list(request)

    @operation("Show an import", response=ImportJobSerializer, example=examples.JOB)
    def retrieve(self, request: Request, pk: str) -> Response:
        """How far it is, and what it did."""
        return Response(ImportJobSerializer(self.get_object()).data)

    @operation(
        "List refused rows",
        response={
            (200, "application/json"): RefusalSerializer(many=True),
            (200, "text/csv"): OpenApiTypes.STR,
        },
        example=examples.REFUSAL,
        parameters=[_format("json", "csv")],
        filters=False,
    )
    @action(
        detail=True,
        queryset=ImportRefusal.objects.none(),
        serializer_class=RefusalSerializer,
        orderings={"line": "line"},
        default_ordering=("line",),
        extra_parameters=frozenset({"format"}),
    )
    def errors(self, request: Request, pk: str) -> Response | StreamingHttpResponse:
        """Every row that was not taken, by line; `?format=csv` as a file."""
        kind = _asked_format(request, "json", "csv")
        if not selectors.import_jobs().filter(pk=pk).exists():
            raise NotFound("There is no such import.")
        if kind == "csv":
            return _file(map(csv_line, selectors.refusal_values(UUID(pk))), kind, "refused-rows")
        rows = self.filter_queryset(selectors.refusals_of(UUID(pk)))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class ImportMappingViewSet(ApiViewSet):
    access: ClassVar = dict.fromkeys(("list", "create", "destroy"), _MAY_IMPORT)
    queryset = ImportMapping.objects.none()
    serializer_class = ImportMappingSerializer
    orderings: ClassVar = {"name": "name"}
    default_ordering: ClassVar = ("name",)
    lookup_value_regex = _UUID

    @operation(
        "List kept mappings",
        response=ImportMappingSerializer(many=True),
        example=examples.MAPPING_PAGE,
    )
    def list(self, request: Request) -> Response:
        """By name."""
        page = self.paginate_queryset(self.filter_queryset(selectors.mappings()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @operation(
        "Keep a mapping",
        request=SaveMappingSerializer,
        response=ImportMappingSerializer,
        status=201,
        example=examples.MAPPING,
        request_example=examples.NEW_MAPPING,
    )
    def create(self, request: Request) -> Response:
        """Under its name, in place of what was kept there."""
        fields = self.parsed(SaveMappingSerializer)
        mapping = save_mapping(**fields)
        return Response(self.get_serializer(mapping).data, status=201)

    @operation("Forget a mapping", status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        """Imports that used it keep their own copy."""
        delete_mapping(mapping_id=UUID(pk))
        return Response(status=204)


class ExportViewSet(ApiViewSet):
    access: ClassVar = {"list": _MAY_EXPORT}
    queryset = ImportJob.objects.none()
    pagination_class = None
    filter_backends = ()

    @operation(
        "Export products",
        response={(200, "text/csv"): OpenApiTypes.STR, (200, XLSX): OpenApiTypes.BINARY},
        parameters=[_format("csv", "xlsx")],
    )
    def list(self, request: Request) -> StreamingHttpResponse:
        """Every variant with its product and stock; importing the file changes nothing.

        In CSV a text that a spreadsheet would run as a formula has an apostrophe before it,
        which an import takes off again.
        """
        refuse_unknown_parameters(request, {"format"})
        kind = _asked_format(request, "csv", "xlsx")
        if kind == "xlsx":
            return _file(chunks_of(write_workbook(product_rows())), kind, "products")
        return _file(map(csv_line, product_rows()), kind, "products")


def _file(content: Any, kind: str, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        content,
        content_type=XLSX if kind == "xlsx" else CSV,
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )
