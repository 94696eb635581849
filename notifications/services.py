"""Writing e-mails once for each occasion, and sending them."""

from __future__ import annotations

from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Right
from django.utils import timezone

from core import jobs
from notifications.letters import Letter
from notifications.models import EmailStatus, OutgoingEmail
from orders.models import Order, Return, Shipment

UUID_LENGTH = 36


@transaction.atomic
def write_email(*, occasion: str, recipient: str, letter: Letter) -> OutgoingEmail:
    """Store a message with the job that sends it, unless the recipient has one for ``occasion``.

    ``occasion`` names what it is about, such as ``order.placed:0198…``.
    """
    email, is_new = OutgoingEmail.objects.get_or_create(
        occasion=occasion,
        recipient=recipient,
        defaults={"subject": letter.subject, "text": letter.text, "html": letter.html},
    )
    if is_new:
        _defer_sending(email.pk)
    return email


@transaction.atomic
def send_again(*, email_id: UUID) -> None:
    """Queue a message once more, whether it was sent or not."""
    OutgoingEmail.objects.filter(pk=email_id).update(
        status=EmailStatus.QUEUED, sent_at=None, updated_at=timezone.now()
    )
    _defer_sending(email_id)


def forget_letters(*, customer_id: UUID) -> int:
    """Delete all messages about a customer's orders, parcels and returns; return how many."""
    orders = Order.objects.filter(customer=customer_id).values_list("pk", flat=True)
    parcels = Shipment.objects.filter(order__customer=customer_id).values_list("pk", flat=True)
    returns = Return.objects.filter(order__customer=customer_id).values_list("pk", flat=True)
    subjects = [str(key) for key in (*orders, *parcels, *returns)]
    letters = OutgoingEmail.objects.annotate(subject_id=Right("occasion", UUID_LENGTH))
    return letters.filter(subject_id__in=subjects).delete()[0]


def send_email(*, email_id: UUID) -> None:
    """Hand a queued message to the mail server; one sent or deleted since is left alone.

    The server is called outside of any transaction. A process killed between sending and
    noting it sends again; the message's id is the same, so that mailboxes can tell. Raises
    what the mail server's client raises, after noting it.
    """
    email = OutgoingEmail.objects.filter(pk=email_id).first()
    if email is None or email.status == EmailStatus.SENT:
        return
    try:
        _message(email).send()
    except OSError as error:
        _note_failure(email_id, f"{type(error).__name__}: {error}")
        raise
    OutgoingEmail.objects.filter(pk=email_id).update(
        status=EmailStatus.SENT,
        sent_at=timezone.now(),
        attempts=F("attempts") + 1,
        last_error="",
        updated_at=timezone.now(),
    )


def _note_failure(email_id: UUID, error: str) -> None:
    OutgoingEmail.objects.filter(pk=email_id).update(
        attempts=F("attempts") + 1, last_error=error[:255], updated_at=timezone.now()
    )


def _message(email: OutgoingEmail) -> EmailMultiAlternatives:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        email.subject,
        email.text,
        to=[email.recipient],
        headers={"Message-ID": f"<{email.pk}@{domain}>"},
    )
    message.attach_alternative(email.html, "text/html")
    return message


def _defer_sending(email_id: UUID) -> None:
    jobs.configure_task("notifications.tasks.send_email", queue="emails").defer(
        email_id=str(email_id)
    )
