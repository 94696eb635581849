"""users/: other people's profiles, and accounts as staff sees them."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors
from accounts.api.examples import PUBLIC_PROFILE, STAFF_USER
from accounts.api.filters import UserFilter
from accounts.api.requests import UserRequest
from accounts.api.serializers import (
    ChangeAccessSerializer,
    PublicProfileSerializer,
    StaffUserSerializer,
)
from accounts.models import User
from accounts.services import staff
from core.api.access import anyone, has_role, machine, role
from core.api.schema import IF_MATCH, operation
from core.api.viewsets import ApiViewSet
from core.errors import NotFound

VIEW = "accounts.view_user"


user_reader = machine("users:read")


class UserViewSet(mixins.ListModelMixin, ApiViewSet):
    """People: their public profiles for anyone, their accounts for staff."""

    access: ClassVar = {
        "list": role(VIEW) | user_reader,
        "retrieve": anyone,
        "partial_update": role("accounts.change_user"),
        "destroy": role("accounts.delete_user"),
    }
    queryset = User.objects.none()
    serializer_class = StaffUserSerializer
    filterset_class = UserFilter
    orderings: ClassVar = {"created_at": "created_at", "email": "email"}
    default_ordering: ClassVar = ("-created_at",)

    def get_queryset(self) -> QuerySet[User]:
        return selectors.users()

    @operation("List users", response=StaffUserSerializer(many=True), example=[STAFF_USER])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return accounts, newest first; `search` looks at e-mail address and names."""
        return super().list(request, *args, **kwargs)

    @operation(
        "Show a user",
        response=PolymorphicProxySerializer(
            component_name="ShownUser",
            serializers=[PublicProfileSerializer, StaffUserSerializer],
            resource_type_field_name=None,
        ),
        example=PUBLIC_PROFILE,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return a person's public profile, if its `visibility` allows.

        Staff, and keys with `users:read`, see the account as in the list.
        """
        if has_role(request, VIEW) or user_reader.allows(request):
            return Response(self.represent(self._user(pk)))
        profile = selectors.visible_profile(pk, is_member=bool(request.user.is_authenticated))
        if profile is None:
            raise NotFound
        context = self.get_serializer_context()
        return Response(PublicProfileSerializer(profile, context=context).data)

    @operation(
        "Change a user's access",
        request=ChangeAccessSerializer(partial=True),
        response=StaffUserSerializer,
        request_example={"roles": ["Order manager"]},
        example=STAFF_USER,
        errors=staff.CHANGE_ACCESS_ERRORS,
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: UserRequest, pk: UUID) -> Response:
        """Set `roles` and `is_active`. Every session of the user ends."""
        command = self.parsed(ChangeAccessSerializer, partial=True)
        user = self._change(request, pk, staff.AccessChange(**command))
        return Response(self.represent(user))

    @operation(
        "Deactivate a user",
        status=204,
        errors=[staff.OwnAccess, staff.SuperusersOnly],
        parameters=[IF_MATCH],
    )
    def destroy(self, request: UserRequest, pk: UUID) -> Response:
        """Close an account, without erasing it, and end every session."""
        change = staff.AccessChange(is_active=False)
        self._change(request, pk, change)
        return Response(status=204)

    def _change(self, request: UserRequest, pk: UUID, change: staff.AccessChange) -> User:
        user = self._user(pk)
        with self.matched(partial(self._locked, pk)):
            return staff.change_access(actor=request.user, user=user, change=change)

    def _locked(self, pk: UUID) -> User:
        staff.lock_user(user_id=pk)
        return self._user(pk)

    def _user(self, pk: UUID) -> User:
        user = selectors.users().filter(pk=pk).first()
        if user is None:
            raise NotFound
        return user
