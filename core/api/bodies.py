"""Reading the body of a request: what a client may send, as the service takes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, Final, Generic, TypeVar, overload

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from core.api.problems import escaped
from core.api.shaping import made_once

Command = TypeVar("Command")

# Of a body full of unknown members the first are told.
MOST_TOLD: Final = 20
LONGEST_NAME: Final = 100


class InputSerializer(serializers.Serializer[Any], Generic[Command]):
    """The base of what clients send; ``Command`` is the type of the checked values.

    ``class CreateBrandSerializer(InputSerializer[BrandFields])`` says that its values are the
    ``BrandFields`` (a TypedDict) that ``services.create_brand`` takes.

    A member that it does not know is refused. ``shown_as`` is the serializer of the answer: who
    replaces a thing by PUT may send back what they read, and its further members mean nothing.
    """

    shown_as: ClassVar[type[serializers.Serializer[Any]] | None] = None

    def to_internal_value(self, data: Any) -> Any:
        """Return the checked values; tell the unknown members along with all else that is wrong."""
        unknown = self._unknown(data) if isinstance(data, Mapping) else {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            if unknown and isinstance(error.detail, dict):
                raise ValidationError({**unknown, **error.detail}) from error
            raise
        if unknown:
            raise ValidationError(unknown)
        return values

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
        if data.keys() <= self.fields.keys():
            return {}
        request = self.context.get("request")
        is_replaced = self.shown_as is not None and getattr(request, "method", "") == "PUT"
        shown = made_once(self.shown_as).fields if is_replaced and self.shown_as else ()
        writable = [name for name, field in self.fields.items() if not field.read_only]
        return unknown_members([name for name in data if name not in shown], writable)


def unknown_members(sent: Iterable[Any], known: Collection[str]) -> dict[str, list[ErrorDetail]]:
    """Return the errors of the members that are not ``known``, each with the nearest that is."""
    unknown = [name for name in sent if name not in known][:MOST_TOLD]
    return {escaped(str(name)[:LONGEST_NAME]): [_unknown(str(name), known)] for name in unknown}


def _unknown(name: str, known: Collection[str]) -> ErrorDetail:
    name = name[:LONGEST_NAME]
    if nearest := get_close_matches(name, known, n=1):
        advice = f"Did you mean {nearest[0]}?"
    elif known:
        advice = f"Possible are: {', '.join(sorted(known))}."
    else:
        advice = "Nothing can be sent here."
    return ErrorDetail(f"Unknown: {name}. {advice}", "unknown_field")


@overload
def parse(
    serializer_class: type[InputSerializer[Command]], data: Any, **context: Any
) -> Command: ...


@overload
def parse(
    serializer_class: type[serializers.Serializer[Any]], data: Any, **context: Any
) -> dict[str, Any]: ...


def parse(serializer_class: type[serializers.Serializer[Any]], data: Any, **context: Any) -> Any:
    """The body, checked and converted; raises ValidationError."""
    if data is None:
        raise ValidationError("Send a JSON object.", code="null")
    return dict(made_once(serializer_class, **context).run_validation(data))


def parse_part(
    serializer_class: type[InputSerializer[Command]], data: Any, **context: Any
) -> Command:
    """The body of a change, in which any member may be missing; raises ValidationError."""
    serializer = serializer_class(data=data, partial=True, context=context)
    serializer.is_valid(raise_exception=True)
    parsed: Command = serializer.validated_data
    return parsed
