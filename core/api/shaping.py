"""``?fields=`` returns only the named fields, ``?expand=`` embeds what is otherwise a summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import local
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


def names_in(request: Request, parameter: str) -> list[str]:
    """Return what a parameter names, joined by commas or given several times."""
    values = request.query_params.getlist(parameter)
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


def refuse_unknown(parameter: str, names: list[str], known: list[str]) -> None:
    """Raise a ValidationError that lists what is possible when a name is not known."""
    if unknown := [name for name in names if name not in known]:
        possible = (
            f"Possible are: {', '.join(sorted(known))}." if known else "Nothing can be named here."
        )
        raise ValidationError(
            {parameter: [f"Unknown: {', '.join(unknown)}. {possible}"]}, code=f"unknown_{parameter}"
        )


AnySerializer = serializers.Serializer[Any]


class _Made(local):
    """The serializers that this thread has made."""

    def __init__(self) -> None:
        self.serializers: dict[type[AnySerializer], AnySerializer] = {}


_made = _Made()


def made_once(serializer_class: type[AnySerializer], **context: Any) -> AnySerializer:
    """Return this thread's serializer of the class: the same at each call, in a new context.

    Making one copies its fields deeply, which takes longer than rendering or checking does.
    """
    made = _made.serializers.get(serializer_class)
    if made is None:
        made = _made.serializers[serializer_class] = serializer_class()
        _ = made.fields  # built now, before any request could shape them
    made._context = context
    return made


class ShapedSerializer(serializers.Serializer[Any]):
    """A serializer whose outermost level obeys ``?fields=`` and ``?expand=``.

    ``expandable`` maps the name of a field to what makes the serializer (or field) that embeds
    it in full.
    """

    expandable: ClassVar[Mapping[str, Callable[..., serializers.Field[Any, Any, Any, Any]]]] = {}

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is None or request.method != "GET" or not self._is_outermost():
            return fields
        expand, only = names_in(request, "expand"), names_in(request, "fields")
        refuse_unknown("expand", expand, list(self.expandable))
        for name in expand:
            fields[name] = self.expandable[name](read_only=True)
        refuse_unknown("fields", only, list(fields))
        return {name: fields[name] for name in only} if only else fields

    @classmethod
    def render(cls, instance: Any, **context: Any) -> Any:
        """Render all fields, by a serializer that each thread makes once."""
        return made_once(cls, **context).to_representation(instance)

    def _is_outermost(self) -> bool:
        parent: serializers.BaseSerializer[Any] | None = self.parent
        return parent is None or (
            isinstance(parent, serializers.ListSerializer) and parent.parent is None
        )
