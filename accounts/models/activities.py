from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models.users import User
from core.models import new_id


class Activity(models.Model):
    """Something that a signed-in person did; append-only, purged after ``ACTIVITY_DAYS``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="activities")
    action = models.CharField(max_length=60, help_text="Such as `account.signed_in`.")
    target = models.CharField(
        max_length=120, blank=True, default="", help_text="Such as `product 0198f3a2-…`."
    )
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "activities"
        indexes: ClassVar = [
            models.Index(fields=["user", "-occurred_at", "-id"], name="activities_of_user"),
            models.Index(fields=["occurred_at"], name="activities_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}".strip()
