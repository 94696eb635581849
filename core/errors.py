"""Errors that a caller can act on. Services raise them, the API renders them as problem+json."""

from collections.abc import Mapping
from typing import Any, ClassVar


class DomainError(Exception):
    """A rule of the shop forbids what was asked; nothing has been changed.

    Subclasses live beside the service that raises them and set ``code`` (stable, for
    machines), ``status`` (of the HTTP answer) and ``title`` (one short sentence). The
    message of an instance is its ``detail``; keyword arguments become further members of
    the problem document, such as ``available=3``. ``example`` shows such members, ``at`` the
    pointer, in the documentation; ``remedy`` says there what to do next.
    """

    code: ClassVar[str] = "conflict"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "The state of things forbids this."
    example: ClassVar[Mapping[str, Any]] = {}
    at: ClassVar[str] = ""
    remedy: ClassVar[str] = ""

    def __init__(self, detail: str = "", *, pointer: str = "", **members: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.pointer = pointer
        self.members = members


class InvalidInput(DomainError):
    """What was sent cannot be meant; ``pointer`` names the place in the body."""

    code = "invalid"
    status = 400
    title = "The request is not valid."


class NotFound(DomainError):
    """It does not exist, or belongs to someone else."""

    code = "not_found"
    status = 404
    title = "Not found."
