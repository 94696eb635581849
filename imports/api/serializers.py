from __future__ import annotations

from typing import Any, ClassVar

import orjson
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.bodies import InputSerializer
from core.api.fields import TextField
from core.money import MINOR_DIGITS
from imports.models import ImportJob, ImportMapping, ImportMode, ImportRefusal, ImportStatus
from imports.selectors.jobs import refusals_of
from imports.services.numbers import Style
from inventory.services.stock import MOST_UNITS

REFUSALS_SHOWN = 100
LONGEST_MAPPING = 20_000
STATUSES = [choice for choice in ImportStatus.choices if choice[0] != ImportStatus.UPLOADED]


@extend_schema_field(OpenApiTypes.STR)
class MappingField(serializers.Field[Any, Any, Any, Any]):
    """Our field → the file's column, as an object or as its JSON; or the name of a kept one."""

    default_error_messages: ClassVar = {
        "invalid": "An object of our fields and the file's columns, or the name of a kept mapping."
    }

    def to_internal_value(self, data: Any) -> dict[str, str] | str:
        if isinstance(data, str) and len(data) <= LONGEST_MAPPING:
            if not data.lstrip().startswith(("{", "[", '"')):
                return data.strip()
            try:
                data = orjson.loads(data)
            except orjson.JSONDecodeError:
                self.fail("invalid")
        is_object = isinstance(data, dict) and all(
            isinstance(value, str) and "\x00" not in key + value for key, value in data.items()
        )
        if not is_object:
            self.fail("invalid")
        return dict(data)

    def to_representation(self, value: Any) -> Any:
        return value


class StartImportSerializer(InputSerializer[dict[str, Any]]):
    """A file of products, and how to read it."""

    file = serializers.FileField(help_text="CSV, packed by gzip or not, or XLSX.", max_length=255)
    mapping = MappingField(
        required=False,
        help_text='Our field → the file\'s column, as JSON: `{"sku": "Article", "attr.color": '
        '"Colour"}`; or the name of a kept mapping. Columns with our names need none.',
    )
    dry_run = serializers.BooleanField(default=False, help_text="Report, and write nothing.")
    mode = serializers.ChoiceField(choices=ImportMode.choices, default=ImportMode.PARTIAL.value)
    currency = serializers.ChoiceField(
        choices=sorted(MINOR_DIGITS),
        required=False,
        help_text="Of new products whose row names none; the shop's when absent.",
    )
    decimal = serializers.ChoiceField(
        choices=[Style.POINT.value, Style.COMMA.value],
        required=False,
        help_text="The decimal sign of the file; recognised when absent.",
    )
    price_rule = TextField(
        required=False,
        max_length=40,
        help_text="For new products without a price: `9.99`, or `7.99..29.99` chosen by the SKU.",
    )
    stock = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_UNITS,
        help_text="Units of new products whose row does not say.",
    )
    save_mapping_as = TextField(
        required=False, max_length=80, help_text="Keep the mapping under this name."
    )


class RefusalSerializer(serializers.ModelSerializer[ImportRefusal]):
    """A row that was not taken: the line it begins on, the column, what stood there, and why."""

    class Meta:
        model = ImportRefusal
        fields = ("line", "column", "value", "code", "detail")


class ImportErrorSerializer(serializers.Serializer[Any]):
    """Why an import failed as a whole."""

    code = serializers.CharField()
    detail = serializers.CharField()


class ImportSummarySerializer(serializers.ModelSerializer[ImportJob]):
    """An import in the list, without its refused rows."""

    status = serializers.ChoiceField(choices=STATUSES)
    dry_run = serializers.BooleanField(source="is_dry_run")
    mapping = serializers.DictField(child=serializers.CharField())
    created_by = serializers.CharField(source="created_by.email", default=None, allow_null=True)
    ignored_columns = serializers.ListField(child=serializers.CharField())
    error = serializers.SerializerMethodField(help_text="Null unless it failed.")

    class Meta:
        model = ImportJob
        fields = (
            "id",
            "status",
            "file_name",
            "mode",
            "dry_run",
            "mapping",
            "created_by",
            "rows_total",
            "rows_read",
            "created",
            "updated",
            "unchanged",
            "refused",
            "ignored_columns",
            "error",
            "created_at",
            "started_at",
            "finished_at",
        )

    @extend_schema_field(ImportErrorSerializer(allow_null=True))
    def get_error(self, job: ImportJob) -> dict[str, str] | None:
        if not job.error_code:
            return None
        return {"code": job.error_code, "detail": job.error_detail}


class ImportJobSerializer(ImportSummarySerializer):
    """An import: how far it is and what it did."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add the refused rows, which as an attribute would hide ``Serializer.errors``."""
        errors = serializers.SerializerMethodField(
            help_text=f"The first {REFUSALS_SHOWN} refused rows; all are at "
            "`imports/{id}/errors/`."
        )
        fields: dict[str, Any] = {}
        for name, field in super().get_fields().items():
            fields[name] = field
            if name == "error":
                fields["errors"] = errors
        return fields

    @extend_schema_field(RefusalSerializer(many=True))
    def get_errors(self, job: ImportJob) -> Any:
        if not job.refused:
            return []
        return RefusalSerializer(refusals_of(job.pk)[:REFUSALS_SHOWN], many=True).data


class ImportMappingSerializer(serializers.ModelSerializer[ImportMapping]):
    """Which column of a supplier's files means what."""

    columns = serializers.DictField(child=TextField(max_length=255))

    class Meta:
        model = ImportMapping
        fields = ("id", "name", "columns", "updated_at")


class SaveMappingSerializer(InputSerializer[dict[str, Any]]):
    """A mapping to keep under a name, in place of what is there."""

    name = TextField(max_length=80)
    columns = serializers.DictField(child=TextField(max_length=255), allow_empty=False)
