"""Filters and ordering that refuse what they do not know, instead of ignoring it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Model, QuerySet
from django.utils.dateparse import parse_datetime
from django_filters import ChoiceFilter, IsoDateTimeFilter
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from drf_spectacular.drainage import set_override
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from core.api.shaping import refuse_unknown
from core.shop_days import moment_of

# What every list understands besides its own filters.
COMMON_PARAMETERS = {"page", "page_size", "cursor", "ordering", "fields", "expand", "format"}


_TRUTHS = (("true", "yes"), ("false", "no"))


class TruthFilter(ChoiceFilter):
    """``true`` or ``false``, where django-filter's own takes anything else for unset."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=_TRUTHS, **kwargs)
        schema = {"type": "boolean"}
        set_override(self, "field", schema | ({"description": self.label} if self.label else {}))

    def filter(self, qs: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        return qs.filter(**{str(self.field_name): value == "true"}) if value else qs


class ShopTimeField(IsoDateTimeField):
    """RFC 3339; a day, or a time without a zone, is the shop's."""

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment; Django itself would ask the zone of the request, which is UTC."""
        if value in self.empty_values:
            return None
        invalid = InvalidValue(self.error_messages["invalid"], code="invalid")
        try:
            parsed = parse_datetime(str(value).strip())
            if parsed is None:
                raise invalid
            return parsed if parsed.tzinfo else moment_of(parsed)
        except (ValueError, OverflowError) as error:  # no day of any calendar, or of the year 1
            raise invalid from error


class ShopTimeFilter(IsoDateTimeFilter):
    """A moment; a day stands for its beginning where the shop is."""

    field_class = ShopTimeField


class FilterBackend(DjangoFilterBackend):
    """django-filter, with a 400 for parameters that the list does not offer."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        known = set(filterset_class.base_filters) if filterset_class else set()
        extra: frozenset[str] = getattr(view, "extra_parameters", frozenset())
        refuse_unknown_parameters(request, known | extra)
        rows: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return rows

    def get_filterset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> FilterSet | None:
        filterset_class = self.get_filterset_class(view, queryset)
        if filterset_class is None:
            return None
        named = frozenset(request.query_params) & frozenset(filterset_class.base_filters)
        kwargs = self.get_filterset_kwargs(request, queryset, view)
        return narrowed(filterset_class, named)(**kwargs)


@lru_cache(maxsize=512)
def narrowed(filterset_class: type[FilterSet], names: frozenset[str]) -> type[FilterSet]:
    """Return a filter set with only these filters.

    Every instance copies all its filters deeply, choices included: for the product list that
    takes longer than the rest of the request.
    """
    chosen: type[FilterSet] = type(filterset_class.__name__, (filterset_class,), {})
    chosen.base_filters = {
        name: one for name, one in filterset_class.base_filters.items() if name in names
    }
    return chosen


def refuse_unknown_parameters(request: Request, known: set[str]) -> None:
    """Raise a ValidationError for a query parameter that is neither common nor ``known``."""
    unknown = [
        name
        for name in request.query_params
        if name not in COMMON_PARAMETERS and name not in known and not _is_attribute(name, known)
    ]
    if unknown:
        possible = ", ".join(sorted(known | COMMON_PARAMETERS))
        raise ValidationError(
            {name: [f"Unknown parameter. Possible are: {possible}."] for name in unknown},
            code="unknown_parameter",
        )


def _is_attribute(name: str, known: set[str]) -> bool:
    return "attr.*" in known and name.startswith("attr.")


class OrderingBackend(BaseFilterBackend):
    """``?ordering=-price,name``: several keys; ``id`` is always last, so that pages are stable.

    A view lists ``orderings`` (public name to column) and ``default_ordering``.
    """

    parameter: ClassVar[str] = "ordering"

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        return queryset.order_by(*ordering_of(request, view))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = sorted(getattr(view, "orderings", {}))
        if not names:
            return []
        return [
            {
                "name": self.parameter,
                "required": False,
                "in": "query",
                "description": f"Keys, comma-separated, `-` for descending: {', '.join(names)}.",
                "schema": {"type": "string", "example": f"-{names[0]}"},
            }
        ]


def ordering_of(request: Request, view: Any) -> list[str]:
    """Return the columns to order by, ``id`` last."""
    orderings: Mapping[str, str] = getattr(view, "orderings", {})
    asked = [
        key.strip() for key in request.query_params.get("ordering", "").split(",") if key.strip()
    ]
    refuse_unknown("ordering", [key.removeprefix("-") for key in asked], list(orderings))
    columns = [
        f"{'-' if key.startswith('-') else ''}{orderings[key.removeprefix('-')]}" for key in asked
    ] or list(getattr(view, "default_ordering", ()))
    if not any(column.lstrip("-") in {"id", "pk"} for column in columns):
        columns.append("-id" if columns and columns[-1].startswith("-") else "id")
    return columns


def order_of(queryset: QuerySet[Model]) -> list[str]:
    return [str(column) for column in queryset.query.order_by]
