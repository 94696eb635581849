"""What this app holds on a person. Never a password, a hash or a token."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Activity, Address, Session, User
from core.privacy import Rows, section

ACCOUNT = ("id", "email", "pending_email", "is_email_verified", "is_active", "created_at")
PROFILE = ("first_name", "last_name", "phone_number", "avatar", "visibility", "updated_at")
ADDRESS = (
    "id",
    "full_name",
    "line1",
    "line2",
    "city",
    "region",
    "postal_code",
    "country",
    "phone_number",
    "is_default_shipping",
    "is_default_billing",
    "created_at",
    "deleted_at",
)
SESSION = (
    "id",
    "user_agent",
    "ip_address",
    "created_at",
    "last_used_at",
    "expires_at",
    "ended_at",
    "end_reason",
)
ACTIVITY = ("action", "target", "ip_address", "user_agent", "occurred_at")


@section("account")
def export_account(user_id: UUID) -> Rows:
    user = User.objects.select_related("profile").get(pk=user_id)
    profile = {name: getattr(user.profile, name) for name in PROFILE}
    yield {
        **{name: getattr(user, name) for name in ACCOUNT},
        "profile": profile | {"avatar": user.profile.avatar.name},
        "roles": user.roles,
        "has_second_factor": user.has_second_factor,
    }


@section("addresses")
def export_addresses(user_id: UUID) -> Rows:
    return _rows(Address.all_objects.filter(user=user_id).order_by("created_at"), ADDRESS)


@section("sessions")
def export_sessions(user_id: UUID) -> Rows:
    return _rows(Session.objects.filter(user=user_id).order_by("created_at"), SESSION)


@section("activities")
def export_activities(user_id: UUID) -> Rows:
    return _rows(Activity.objects.filter(user=user_id).order_by("occurred_at", "id"), ACTIVITY)


def _rows(queryset: QuerySet[Any], columns: tuple[str, ...]) -> Rows:
    return queryset.values(*columns).iterator(chunk_size=1000)
