"""users/me/: the signed-in person's own account and addresses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.api.examples import ADDRESS, ADDRESS_SENT, USER
from accounts.api.requests import UserRequest
from accounts.api.serializers import (
    AddressSerializer,
    ChangeAccountSerializer,
    ConfirmPasswordSerializer,
    SaveAddressSerializer,
    SetAvatarSerializer,
    UserSerializer,
)
from accounts.models import Address
from accounts.services import (
    addresses,
    avatars,
    erasure,
    profiles,
)
from core import images
from core.api.access import signed_in
from core.api.conditional import PreconditionFailed
from core.api.schema import IF_MATCH, operation
from core.api.viewsets import ApiViewSet, ReadMixin

# The largest body that is read at all: a picture, and what multipart adds.
LARGEST_UPLOAD = avatars.MAXIMUM_BYTES + 64 * 1024


class MeView(ApiViewSet):
    request: UserRequest
    access: ClassVar = dict.fromkeys(("retrieve", "update", "partial_update", "destroy"), signed_in)
    activities: ClassVar = {
        "update": "account.changed",
        "partial_update": "account.changed",
        "destroy": "account.erased",
    }
    serializer_class = UserSerializer

    @operation("Show my account", response=UserSerializer, example=USER)
    def retrieve(self, request: UserRequest) -> Response:
        """Return the account, with profile and roles."""
        return Response(self.represent(request.user))

    @operation(
        "Change my account",
        request=ChangeAccountSerializer(partial=True),
        response=UserSerializer,
        request_example={"profile": {"first_name": "Ada"}},
        example=USER,
        errors=(*profiles.CHANGE_ACCOUNT_ERRORS, PreconditionFailed),
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: UserRequest) -> Response:
        """Change what is sent. `email` needs `current_password`.

        A new address counts once the link sent there is followed; until then it is shown as
        `pending_email`.
        """
        return self._change(request, partial=True)

    @operation(
        "Replace my account",
        request=ChangeAccountSerializer,
        response=UserSerializer,
        request_example={"email": "ada@example.com", "profile": {"first_name": "Ada"}},
        example=USER,
        errors=(*profiles.CHANGE_ACCOUNT_ERRORS, PreconditionFailed),
        parameters=[IF_MATCH],
    )
    def update(self, request: UserRequest) -> Response:
        """Set `email` and the whole profile; parts of it that are not sent become empty."""
        return self._change(request, partial=False)

    @operation(
        "Erase my account",
        request=ConfirmPasswordSerializer,
        status=204,
        request_example={"current_password": "correct-horse-battery"},
        errors=erasure.ERASE_OWN_ACCOUNT_ERRORS,
        parameters=[IF_MATCH],
    )
    def destroy(self, request: UserRequest) -> Response:
        """Leave for good: everything that names you is removed, your orders keep their figures."""
        command = self.parsed(ConfirmPasswordSerializer)
        erasure.erase_own_account(
            user=request.user,
            **command,
            precondition=functools.partial(self.require_match, request),
        )
        return Response(status=204)

    def _change(self, request: UserRequest, *, partial: bool) -> Response:
        command = self.parsed(ChangeAccountSerializer, partial=partial)
        user = profiles.change_account(
            user=request.user,
            change=profiles.AccountChange(**command),
            precondition=functools.partial(self.require_match, request),
        )
        return Response(self.represent(user))


class AvatarView(ApiViewSet):
    request: UserRequest
    access: ClassVar = dict.fromkeys(("update", "destroy"), signed_in)
    activities: ClassVar = {
        "update": "account.avatar_changed",
        "destroy": "account.avatar_removed",
    }
    parser_classes = (MultiPartParser,)
    serializer_class = UserSerializer

    @operation(
        "Set my avatar",
        request={"multipart/form-data": SetAvatarSerializer},
        response=UserSerializer,
        example=USER,
        errors=avatars.SET_AVATAR_ERRORS,
    )
    def update(self, request: UserRequest) -> Response:
        """Take a JPEG, PNG or WebP of at most 5 MB; it is drawn anew, without its metadata."""
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_UPLOAD:
            raise images.ImageTooLarge
        command = self.parsed(SetAvatarSerializer)
        avatars.set_avatar(user=request.user, file=command["avatar"])
        return Response(self.represent(request.user))

    @operation("Remove my avatar", status=204)
    def destroy(self, request: UserRequest) -> Response:
        """Forget the picture."""
        avatars.remove_avatar(user=request.user)
        return Response(status=204)


class AddressViewSet(ReadMixin, ApiViewSet):
    request: UserRequest
    access: ClassVar = dict.fromkeys(
        ("list", "retrieve", "create", "update", "partial_update", "destroy"), signed_in
    )
    activities: ClassVar = {
        "create": "address.added",
        "update": "address.changed",
        "partial_update": "address.changed",
        "destroy": "address.removed",
    }
    queryset = Address.objects.none()
    serializer_class = AddressSerializer
    orderings: ClassVar = {"created_at": "created_at", "full_name": "full_name"}
    default_ordering: ClassVar = ("-created_at",)

    def get_queryset(self) -> QuerySet[Address]:
        return selectors.addresses_of(self.request.user)

    @operation("List my addresses", response=AddressSerializer(many=True), example=[ADDRESS])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the address book, newest first."""
        return super().list(request, *args, **kwargs)

    @operation("Show one of my addresses", response=AddressSerializer, example=ADDRESS)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return an address."""
        return super().retrieve(request, *args, **kwargs)

    @operation(
        "Add an address",
        request=SaveAddressSerializer,
        response=AddressSerializer,
        status=201,
        request_example=ADDRESS_SENT,
        example=ADDRESS,
        errors=addresses.ADD_ADDRESS_ERRORS,
    )
    def create(self, request: UserRequest) -> Response:
        """Keep an address. As a default it takes the place of the one before."""
        command = self.parsed(SaveAddressSerializer)
        fields = addresses.AddressFields(**command)
        address = addresses.add_address(user=request.user, fields=fields)
        return Response(self.represent(address), status=201)

    @operation(
        "Replace an address",
        request=SaveAddressSerializer,
        response=AddressSerializer,
        request_example=ADDRESS_SENT,
        example=ADDRESS,
        errors=(*addresses.CHANGE_ADDRESS_ERRORS, PreconditionFailed),
        parameters=[IF_MATCH],
    )
    def update(self, request: UserRequest, pk: UUID) -> Response:
        """Set all fields of an address."""
        return self._change(request, pk, partial=False)

    @operation(
        "Change an address",
        request=SaveAddressSerializer(partial=True),
        response=AddressSerializer,
        request_example={"line2": "3rd floor"},
        example=ADDRESS,
        errors=(*addresses.CHANGE_ADDRESS_ERRORS, PreconditionFailed),
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: UserRequest, pk: UUID) -> Response:
        """Change some fields of an address."""
        return self._change(request, pk, partial=True)

    def _change(self, request: UserRequest, pk: UUID, *, partial: bool) -> Response:
        command = self.parsed(SaveAddressSerializer, partial=partial)
        with self.matched(self._lock_of(request, pk)):
            address = addresses.change_address(user=request.user, address_id=pk, changes=command)
        return Response(self.represent(address))

    @operation("Remove an address", status=204, parameters=[IF_MATCH])
    def destroy(self, request: UserRequest, pk: UUID) -> Response:
        """Take an address out of the book. Past orders keep their copy."""
        with self.matched(self._lock_of(request, pk)):
            addresses.remove_address(user=request.user, address_id=pk)
        return Response(status=204)

    def _lock_of(self, request: UserRequest, pk: UUID) -> Callable[[], Address]:
        return functools.partial(addresses.lock_address, user=request.user, address_id=pk)
