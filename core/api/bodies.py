"""Reading the body of a request: what a client may send, as the service takes it."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, overload

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from core.api.shaping import made_once

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
    return dict(made_once(serializer_class, **context).run_validation(data))
