from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models.users import User
from core.models import TimestampedModel, new_id
from core.shop_days import local


class SessionEnd(models.TextChoices):
    """Why a session ended before its time."""

    LOGGED_OUT = "logged_out"
    LOGGED_OUT_EVERYWHERE = "logged_out_everywhere"
    REPLAYED = "replayed", "A used refresh token was sent again"
    PASSWORD_CHANGED = "password_changed", "Password Changed"
    ACCOUNT_CHANGED = "account_changed", "Roles, e-mail or second factor changed"
    ENDED_BY_STAFF = "ended_by_staff"
    DEACTIVATED = "deactivated"
    ERASED = "erased"


class Session(models.Model):
    """One sign-in: a family of refresh tokens of which only the newest is valid.

    Its id travels in every token as ``sid``, so that ending it refuses them all.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    refresh_jti = models.UUIDField(help_text="The only refresh token that is valid now.")
    user_agent = models.CharField(max_length=300, blank=True, default="")
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=30, blank=True, default="", choices=SessionEnd.choices)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, end_reason="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(end_reason="")),
                name="session_end_has_a_reason",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-last_used_at"], name="sessions_of_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} since {local(self.created_at):%Y-%m-%d %H:%M}"

    def state(self) -> str:
        """Return "active", "expired", or the reason for which the session ended."""
        if self.ended_at:
            return self.end_reason
        return "active" if self.expires_at > timezone.now() else "expired"


class Scope(models.TextChoices):
    """What an API key may do."""

    CATALOG_WRITE = "catalog:write", "Write products, categories and brands"
    INVENTORY_WRITE = "inventory:write", "Read and write stock"
    ORDERS_READ = "orders:read", "Read orders"
    ORDERS_WRITE = "orders:write", "Read, enter, change, ship and cancel orders, decide returns"
    PAYMENTS_READ = "payments:read", "Read payments"
    PAYMENTS_REFUND = "payments:refund", "Read and refund payments"
    USERS_READ = "users:read", "Read customers' accounts"
    SALES_WRITE = "sales:write", "Record sales made elsewhere"


class ApiKey(TimestampedModel):
    """What a machine calls with. Only the hash of its secret is kept."""

    name = models.CharField(max_length=120, help_text="Which machine this is for.")
    prefix = models.CharField(max_length=12, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(models.CharField(max_length=40, choices=Scope.choices))
    rate_per_minute = models.PositiveIntegerField(
        default=600, help_text="Requests that it may send in a minute."
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = "API key"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["prefix"], name="one_api_key_per_prefix"),
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=Scope.values), name="api_key_scopes_known"
            ),
            models.CheckConstraint(
                condition=models.Q(rate_per_minute__gt=0), name="api_key_rate_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    def state(self) -> str:
        """Return "active", "expired" or "revoked"."""
        if self.revoked_at:
            return "revoked"
        is_over = self.expires_at is not None and self.expires_at <= timezone.now()
        return "expired" if is_over else "active"
