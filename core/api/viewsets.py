"""The base of every viewset: access by rule, rate limits, caching headers, ETags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponseBase
from rest_framework import mixins
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core import rate_limits
from core.api import access as rules
from core.api.bodies import Command, InputSerializer, parse, parse_part, unknown_members
from core.api.callers import caller_of
from core.api.conditional import (
    PreconditionFailed,
    is_named_by_if_match,
    names_a_state,
    tag_after_rendering,
)
from core.rate_limits import Limit, RateLimited, Usage

OK = 200


class ApiViewSet(GenericViewSet[Any]):
    """Denies every action that ``access`` does not open.

    ``access``       action → rule, see ``core.api.access``
    ``limits``       action → rate limits of the caller
    ``public_max_age``  seconds that public answers to GET may be kept by caches; None: private
    ``tagged_actions``  actions whose answer to GET carries an ETag
    ``activities``   action → the name under which the activity log of the caller notes it
    """

    access: ClassVar[Mapping[str, rules.Rule]] = {}
    limits: ClassVar[Mapping[str, Sequence[Limit]]] = {}
    public_max_age: ClassVar[int | None] = None
    activities: ClassVar[Mapping[str, str]] = {}
    tagged_actions: ClassVar[frozenset[str]] = frozenset({"retrieve"})

    def parsed(
        self, serializer_class: type[InputSerializer[Command]], *, partial: bool = False
    ) -> Command:
        """The request's body as ``serializer_class`` reads it; raises ValidationError.

        ``partial``: any member may be missing.
        """
        read = parse_part if partial else parse
        return read(serializer_class, self.request.data, **self.get_serializer_context())

    def represent(self, instance: Any) -> Any:
        """What a GET of ``instance`` answers."""
        return self.get_serializer(instance).data

    def require_match(self, request: Request, instance: Any) -> None:
        """Raise PreconditionFailed unless ``If-Match`` names the present state of ``instance``.

        Call it inside the transaction that changes the object, with its row locked.
        """
        if not is_named_by_if_match(request, self.represent(instance)):
            raise PreconditionFailed

    @contextmanager
    def matched(self, lock: Callable[[], Any]) -> Iterator[None]:
        """Write what is inside only while ``If-Match`` names the present state; else refuse.

        ``lock`` locks what is written and returns it as ``represent`` takes it. It is called in
        the transaction that writes, and only when a state is named: services lock by themselves.
        """
        if not names_a_state(self.request):
            yield
            return
        with transaction.atomic():
            self.require_match(self.request, lock())
            yield

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in who may call; refuse what the action does not look at.

        That is ``If-Match`` where no state has a tag, and members where no body is taken.
        """
        super().initial(request, *args, **kwargs)
        takes_body = getattr(getattr(self, self.action or "", None), "takes_body", True)
        sent = {} if takes_body or request.method in SAFE_METHODS else request.data
        if isinstance(sent, dict) and (unknown := unknown_members(sent, ())):
            raise ValidationError(unknown)
        looks = getattr(getattr(self, self.action or "", None), "looks_at_if_match", False)
        if request.method not in SAFE_METHODS and names_a_state(request) and not looks:
            raise PreconditionFailed

    def get_permissions(self) -> Sequence[BasePermission]:
        if self.action in {None, "metadata"}:
            return []
        return [self.access.get(self.action, rules.nobody)]

    def check_throttles(self, request: Request) -> None:
        """Count this call against the action's limits; raise RateLimited when it is too many."""
        self.usages: list[Usage] = []
        for limit in self.limits.get(self.action, ()):
            self.usages.append(rate_limits.hit(limit, caller_of(request)))

    def handle_exception(self, exc: Exception) -> Response:
        """Answer an exception, telling the limit it hit if it hit one."""
        if isinstance(exc, RateLimited):
            self.usages = [exc.usage]
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Add the headers about limits, caching and the entity."""
        final = super().finalize_response(request, response, *args, **kwargs)
        tell_usage(final, getattr(self, "usages", []))
        is_read = request.method in {"GET", "HEAD"} and final.status_code == OK
        is_public = self.public_max_age is not None and is_read
        if not final.has_header("Cache-Control"):
            kept = f"public, max-age={self.public_max_age}" if is_public else "no-store"
            final.headers["Cache-Control"] = kept
        if is_read and (is_public or self.action in self.tagged_actions):
            tag_after_rendering(request, final)
        return final


def tell_usage(response: HttpResponseBase, usages: Sequence[Usage]) -> None:
    """Write ``RateLimit`` and ``RateLimit-Policy`` in the form of the IETF draft."""
    if usages:
        response["RateLimit-Policy"] = ", ".join(
            f'"{usage.limit.name}";q={usage.limit.quota};w={usage.limit.seconds}'
            for usage in usages
        )
        response["RateLimit"] = ", ".join(
            f'"{usage.limit.name}";r={usage.remaining};t={usage.reset}' for usage in usages
        )


class ReadMixin(mixins.ListModelMixin, mixins.RetrieveModelMixin):
    pass
