"""The kernel's base classes, and the tables that carry events, idempotency and rate limits."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """Return a UUIDv7: unguessable enough for a key, ordered by time for the index."""
    return uuid7()


class TimestampedModel(models.Model):
    """A row with a UUIDv7 key that knows when it was made and last changed; it is not deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True


class LivingQuerySet(models.QuerySet[Any]):
    def delete(self) -> tuple[int, dict[str, int]]:
        now = timezone.now()
        count = self.update(deleted_at=now, updated_at=now)
        return count, {self.model._meta.label: count}

    def living(self) -> Self:
        return self.filter(deleted_at=None)


class LivingManager(models.Manager[Any]):
    """The default manager: sees what is not deleted."""

    def get_queryset(self) -> LivingQuerySet:
        return LivingQuerySet(self.model, using=self._db).living()


class BaseModel(TimestampedModel):
    """A row that can be soft-deleted.

    ``objects`` sees the living; ``all_objects`` sees all and serves relations, so that an
    order still finds the product it once sold. Uniqueness is stated over the living only
    (``condition=ALIVE``), so that a name can be used again.
    """

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[LivingManager] = LivingManager()
    all_objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "all_objects"

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at", "updated_at"])
        return 1, {self._meta.label: 1}

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Check uniqueness over the living in forms too, which leave ``deleted_at`` out."""
        super().validate_constraints(exclude=set(exclude or ()) - {"deleted_at"})

    def restore(self) -> None:
        """Bring a deleted row back; a unique name taken meanwhile raises IntegrityError."""
        self.deleted_at = None
        self.save(update_fields=["deleted_at", "updated_at"])


ALIVE = models.Q(deleted_at=None)


class DomainEvent(models.Model):
    """Something that happened, written in the transaction that made it so."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    payload = models.JSONField()
    request_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["name", "occurred_at"])]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class EventDelivery(models.Model):
    """That a handler has done its work for an event: the net under handlers that run twice."""

    event = models.ForeignKey(DomainEvent, on_delete=models.CASCADE, related_name="deliveries")
    handler = models.CharField(max_length=120)
    delivered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "handler"], name="one_delivery_per_handler")
        ]

    def __str__(self) -> str:
        return f"{self.handler} of {self.event_id}"


class IdempotencyRecord(models.Model):
    """What was answered to a caller's ``Idempotency-Key`` on a route.

    While ``status`` is null the work is under way: the row is locked by the transaction
    that does it, or ``claimed_until`` says how long the claim is believed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    caller = models.CharField(max_length=80)
    route = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    claimed_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(default="")
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["caller", "route", "key"], name="one_answer_per_idempotency_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.caller} {self.route} {self.key}"


class RateLimitCounter(models.Model):
    """How often something happened in a window of time; used where there is no Redis."""

    key = models.CharField(max_length=200, primary_key=True)
    count = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
