"""Writing e-mails once for each occasion, and sending them."""

from __future__ import annotations

from email.mime.image import MIMEImage
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Right
from django.utils import timezone

from accounts.models import User
from core import jobs
from notifications.account_emails import SUBJECTS, compose
from notifications.emails import IMAGE_ID, Email
from notifications.models import EmailKind, EmailStatus, OutgoingEmail
from orders.models import Order, Return, Shipment

UUID_LENGTH = 36


@transaction.atomic
def write_email(
    *, occasion: str, recipient: str, email: Email, user: User | None = None
) -> OutgoingEmail:
    """Store a message with the job that sends it, unless the recipient has one for ``occasion``.

    ``occasion`` names what it is about, such as ``order.placed:0198…``; ``user`` whose account.
    """
    message, is_new = OutgoingEmail.objects.get_or_create(
        occasion=occasion,
        recipient=recipient,
        defaults={
            "subject": email.subject,
            "text": email.text,
            "html": email.html,
            "image": email.image,
            "user": user,
        },
    )
    if is_new:
        _defer_sending(message.pk)
    return message


@transaction.atomic
def write_link_email(
    *, occasion: str, recipient: str, kind: EmailKind, user: User
) -> OutgoingEmail:
    """Store that a message with a link is due, with the job that composes and sends it.

    Once for each occasion and recipient, as ``write_email``.
    """
    message, is_new = OutgoingEmail.objects.get_or_create(
        occasion=occasion,
        recipient=recipient,
        defaults={"subject": SUBJECTS[kind], "kind": kind, "user": user},
    )
    if is_new:
        _defer_sending(message.pk)
    return message


@transaction.atomic
def send_again(*, email_id: UUID) -> None:
    """Queue a message once more, whether it was sent or not."""
    OutgoingEmail.objects.filter(pk=email_id).update(
        status=EmailStatus.QUEUED, sent_at=None, updated_at=timezone.now()
    )
    _defer_sending(email_id)


def anonymise_emails(*, user_id: UUID) -> int:
    """Delete all messages about a user's account, orders, parcels and returns; return how many."""
    orders = Order.objects.filter(customer=user_id).values_list("pk", flat=True)
    parcels = Shipment.objects.filter(order__customer=user_id).values_list("pk", flat=True)
    returns = Return.objects.filter(order__customer=user_id).values_list("pk", flat=True)
    subjects = [str(key) for key in (*orders, *parcels, *returns)]
    messages = OutgoingEmail.objects.annotate(subject_id=Right("occasion", UUID_LENGTH))
    return messages.filter(Q(user=user_id) | Q(subject_id__in=subjects)).delete()[0]


def send_email(*, email_id: UUID) -> None:
    """Hand a queued message to the mail server; one sent or deleted since is left alone.

    The server is called outside of any transaction. A process killed between sending and
    noting it sends again; the message's id is the same, so that mailboxes can tell. A message
    whose link would prove nothing any more is deleted. Raises what the mail server's client
    raises, after noting it.
    """
    messages = OutgoingEmail.objects.select_related("user__profile")
    message = messages.filter(pk=email_id).first()
    if message is None or message.status == EmailStatus.SENT:
        return
    email: Email | None = Email(message.subject, message.text, message.html, bytes(message.image))
    if message.kind and message.user:
        email = compose(EmailKind(message.kind), message.user, message.recipient)
    if email is None:
        message.delete()
        return
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    mail = EmailMultiAlternatives(
        email.subject,
        email.text,
        to=[message.recipient],
        headers={"Message-ID": f"<{message.pk}@{domain}>"},
    )
    mail.attach_alternative(email.html, "text/html")
    if email.image:
        mail.attach(_picture(email.image))
    try:
        mail.send()
    except OSError as error:
        OutgoingEmail.objects.filter(pk=email_id).update(
            attempts=F("attempts") + 1,
            last_error=f"{type(error).__name__}: {error}"[:255],
            updated_at=timezone.now(),
        )
        raise
    OutgoingEmail.objects.filter(pk=email_id).update(
        status=EmailStatus.SENT,
        sent_at=timezone.now(),
        attempts=F("attempts") + 1,
        last_error="",
        updated_at=timezone.now(),
    )


def _picture(image: bytes) -> MIMEImage:
    """Return the part of a message that its HTML shows by ``cid:``."""
    picture = MIMEImage(image, "png")
    picture.add_header("Content-ID", f"<{IMAGE_ID}>")
    picture.add_header("Content-Disposition", "inline", filename="qr-code.png")
    return picture


def _defer_sending(email_id: UUID) -> None:
    jobs.configure_task("notifications.tasks.send_email", queue="emails").defer(
        email_id=str(email_id)
    )
