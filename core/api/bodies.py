"""Reading the body of a request: what a client may send, as the service takes it."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, overload

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

Command = TypeVar("Command")


class InputSerializer(serializers.Serializer[Any], Generic[Command]):
    """The base of what clients send; ``Command`` is the type of the checked values.

    ``class CreateBrandSerializer(InputSerializer[BrandFields])`` says that its values are the
    ``BrandFields`` (a TypedDict) that ``services.create_brand`` takes.
    """


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
    serializer = serializer_class(data=data, context=context)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
