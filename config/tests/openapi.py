"""The OpenAPI document, made once for all tests that read it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from config.access_table import Route
from core.api import document as served

METHODS = ("get", "post", "put", "patch", "delete")
JSON = "application/json"


@dataclass(frozen=True)
class Operation:
    """A method on a path, as documented."""

    method: str
    path: str
    described: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def takes_json(self) -> bool:
        """Tell whether it has a JSON body."""
        return JSON in self.described.get("requestBody", {}).get("content", {})

    @property
    def body_schema(self) -> dict[str, Any]:
        """Return the schema of the JSON body."""
        content = self.described.get("requestBody", {}).get("content", {})
        return resolved(content.get(JSON, {}).get("schema", {}))

    @property
    def body_example(self) -> dict[str, Any]:
        """Return an example of the JSON body, empty when there is none."""
        content = self.described.get("requestBody", {}).get("content", {})
        examples = content.get(JSON, {}).get("examples", {})
        return next((dict(shown["value"]) for shown in examples.values()), {})

    @property
    def query_parameters(self) -> list[str]:
        """Return the names of the parameters in the query."""
        parameters = self.described.get("parameters", [])
        return [parameter["name"] for parameter in parameters if parameter["in"] == "query"]


@cache
def document() -> dict[str, Any]:
    """Return the document, in each operation's answers what they refer to."""
    made = copy.deepcopy(served.document())
    for methods in made["paths"].values():
        for described in (methods[method] for method in METHODS if method in methods):
            responses = described["responses"]
            for status, response in responses.items():
                if name := response.get("$ref", "").rpartition("/")[2]:
                    responses[status] = made["components"]["responses"][name]
    return made


def operations() -> Iterator[Operation]:
    """Return every documented operation."""
    for path, methods in document()["paths"].items():
        for method in METHODS:
            if method in methods:
                yield Operation(method, path, methods[method])


def operation_of(route: Route) -> Operation:
    """Return what is documented of a route; of a hidden one that is nothing."""
    hidden = Operation(route.method.lower(), route.path, {})
    return operation_at(hidden.method, route.path) or hidden


def operation_at(method: str, path: str) -> Operation | None:
    """Return what is documented of a method on a path, if anything."""
    return _by_address().get((method, _shape(path)))


@cache
def _by_address() -> dict[tuple[str, str], Operation]:
    return {(operation.method, _shape(operation.path)): operation for operation in operations()}


def _shape(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that a reference names, or the schema itself."""
    if name := schema.get("$ref", ""):
        found: dict[str, Any] = document()["components"]["schemas"][name.rpartition("/")[2]]
        return found
    return schema
