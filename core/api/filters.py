"""Filters and ordering that refuse what they do not know, instead of ignoring it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as InvalidValue
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Model, QuerySet
from django.forms import Field, Widget
from django.utils.dateparse import parse_datetime
from django_filters import ChoiceFilter, Filter, IsoDateTimeFilter, MultipleChoiceFilter
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from drf_spectacular.drainage import set_override
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from core.api.shaping import refuse_unknown
from core.shop_days import moment_of

MOST_VALUES = 50  # of one filter

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


Choices = Sequence[tuple[str, str]]


class _AllValues(Widget):
    """Takes every value that a query string has for a parameter."""

    def value_from_datadict(self, data: Any, _files: Any, name: str) -> list[str]:
        return list(data.getlist(name)) if hasattr(data, "getlist") else [data[name]]


class SeveralField(Field):
    """Values given one by one, by commas, or both; each but once."""

    widget = _AllValues

    def __init__(self, *, choices: Choices = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = {value for value, _label in choices}

    def clean(self, value: list[str]) -> list[str]:
        values = [part.strip() for text in value for part in text.split(",")]
        chosen = list(dict.fromkeys(part for part in values if part))
        if len(chosen) > MOST_VALUES:
            raise InvalidValue(f"At most {MOST_VALUES} values.", code="invalid")
        for part in chosen:
            ProhibitNullCharactersValidator()(part)
            if self.choices and part not in self.choices:
                raise InvalidValue(f"{part} is not one of the choices.", code="invalid_choice")
        return chosen


class SeveralFilter(Filter):
    """Any of several values: ``brand=a&brand=b`` or ``brand=a,b``."""

    field_class = SeveralField

    def __init__(self, *args: Any, choices: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, choices=choices, **kwargs)
        possible = {"enum": [value for value, _label in choices]} if choices else {}
        item = {"type": "string", **possible}
        schema: dict[str, Any] = {"type": "array", "items": item}
        set_override(self, "field", schema | ({"description": self.label} if self.label else {}))

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


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
        filters = filterset_class.base_filters if filterset_class else {}
        extra: frozenset[str] = getattr(view, "extra_parameters", frozenset())
        refuse_unknown_parameters(request, {*filters, *extra})
        refuse_repeated_parameters(request, filters)
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
        if name not in COMMON_PARAMETERS and name not in known and not _is_of_a_family(name, known)
    ]
    if unknown:
        possible = ", ".join(sorted(known | COMMON_PARAMETERS))
        raise ValidationError(
            {name: [f"Unknown parameter. Possible are: {possible}."] for name in unknown},
            code="unknown_parameter",
        )


def refuse_repeated_parameters(request: Request, filters: Mapping[str, Filter]) -> None:
    """Raise a ValidationError for a parameter that has one value and is given several times."""
    repeated = [
        name
        for name, values in request.query_params.lists()
        if len(values) > 1
        and "." not in name
        and not isinstance(filters.get(name), SeveralFilter | MultipleChoiceFilter)
    ]
    if repeated:
        raise ValidationError(
            {name: ["It has one value: give it once."] for name in repeated},
            code="repeated_parameter",
        )


def _is_of_a_family(name: str, known: Collection[str]) -> bool:
    """Tell whether ``attr.*`` is known where ``name`` is ``attr.author``."""
    family, dot, _ = name.partition(".")
    return bool(dot) and f"{family}.*" in known


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
