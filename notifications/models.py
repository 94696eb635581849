from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models import User
from core.models import TimestampedModel


class EmailStatus(models.TextChoices):
    """Whether the mail server has taken the message."""

    QUEUED = "queued"
    SENT = "sent"


class EmailKind(models.TextChoices):
    """Messages with a link that opens an account, which are composed when they are sent."""

    VERIFICATION = "verification"
    NEW_ADDRESS = "new_address"
    RESET = "reset"


class OutgoingEmail(TimestampedModel):
    """A message written in the transaction that caused it and sent by a job.

    ``occasion`` says what it is about, such as ``order.placed:0198…``: a recipient gets one
    message for each. A message with a ``kind`` has no text here: it is composed for its ``user``
    when it is sent, as its link must not be stored. ``image`` is a PNG that its HTML shows.
    ``last_error`` is why the mail server did not take it the last time.
    """

    recipient = models.EmailField(db_index=True)
    subject = models.CharField(max_length=255)
    text = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="")
    image = models.BinaryField(blank=True, default=b"", db_default=b"")
    occasion = models.CharField(max_length=120)
    kind = models.CharField(
        max_length=20, choices=EmailKind.choices, blank=True, default="", db_default=""
    )
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="+"
    )
    status = models.CharField(
        max_length=10, choices=EmailStatus.choices, default=EmailStatus.QUEUED
    )
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=255, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["occasion", "recipient"], name="one_email_per_occasion"
            ),
            models.CheckConstraint(
                condition=models.Q(status=EmailStatus.QUEUED, sent_at=None)
                | models.Q(status=EmailStatus.SENT, sent_at__isnull=False),
                name="sent_email_knows_when",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="") | models.Q(user__isnull=False, text="", html=""),
                name="email_with_link_is_not_stored",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="email_by_newest"),
            models.Index(
                fields=["user"], condition=models.Q(user__isnull=False), name="email_by_user"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipient}"
