"""E-mails about accounts: each with a job of its own, its link made when it is sent."""

from __future__ import annotations

import contextlib
from email import policy
from email.message import Message
from email.parser import BytesParser
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import erasure, passwords
from accounts.services.email_addresses import keep_pending_email, verify_email
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.links import link_in
from core import events
from core.models import DomainEvent
from notifications import services, tasks
from notifications.models import EmailStatus, OutgoingEmail
from notifications.tests.mail import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory.create(is_email_verified=True)


def deliver_events() -> None:
    """Hand every event to every handler of this app, twice: delivery may repeat."""
    for event in [*DomainEvent.objects.order_by("occurred_at", "id")] * 2:
        for handler in events._handlers.get(event.name, {}):
            if handler.startswith("notifications."):
                events.deliver(event_id=event.pk, handler=handler)


def jobs() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name=tasks.send_email.name).order_by("id"))


def run_jobs() -> None:
    """Run each job once, as a worker does: one that fails does not keep the others."""
    for job in jobs():
        with contextlib.suppress(SMTPRecipientsRefused):
            tasks.send_email(**job.args)


def text_of(message: Message) -> str:
    parsed = BytesParser(policy=policy.default).parsebytes(message.as_bytes())
    body = parsed.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_verification_arrives_in_both_forms(api: APIClient, sink: MailServer) -> None:
    api.post("/api/v1/auth/register/", {"email": "ada@example.com", "password": PASSWORD})
    deliver_events()
    run_jobs()

    (message,) = sink.messages
    assert (message["To"], message["Subject"]) == ("ada@example.com", "Verify your e-mail address")
    assert "/verify-email?uid=" in text_of(message)
    assert str(message.as_string()).count("text/html") == 1


def test_when_the_second_of_two_fails_the_first_is_not_sent_again(
    user: User, sink: MailServer
) -> None:
    sink.refused.add(user.email)
    keep_pending_email(user=user, email="new@example.com")
    deliver_events()

    run_jobs()
    run_jobs()
    assert [message["To"] for message in sink.messages] == ["new@example.com"]

    sink.refused.clear()
    run_jobs()
    run_jobs()
    assert [message["To"] for message in sink.messages] == ["new@example.com", user.email]
    assert OutgoingEmail.objects.get(recipient=user.email).attempts == 3


def test_nothing_is_sent_inside_a_transaction_that_could_be_taken_back(
    user: User, mailoutbox: list[object]
) -> None:
    passwords.request_reset(email=user.email)

    deliver_events()

    assert mailoutbox == []
    assert [job.args for job in jobs()] == [{"email_id": str(OutgoingEmail.objects.get().pk)}]


def test_the_token_of_a_link_is_stored_nowhere(user: User) -> None:
    passwords.request_reset(email=user.email)
    deliver_events()
    run_jobs()

    token = link_in(mail.outbox[0])["token"]
    stored = [
        str(row)
        for model in (OutgoingEmail, ProcrastinateJob, DomainEvent)
        for row in model.objects.values()
    ]
    assert not [row for row in stored if token in row]
    assert OutgoingEmail.objects.get().status == EmailStatus.SENT


def test_a_link_is_not_sent_to_an_address_that_was_given_up_since(user: User) -> None:
    keep_pending_email(user=user, email="first@example.com")
    deliver_events()
    keep_pending_email(user=user, email="second@example.com")
    deliver_events()

    run_jobs()

    links = [message for message in mail.outbox if "/verify-email?" in str(message.body)]
    assert [message.to for message in links] == [["second@example.com"]]
    assert not OutgoingEmail.objects.filter(recipient="first@example.com").exists()


def test_nothing_is_sent_to_verify_what_was_verified_since(api: APIClient) -> None:
    api.post("/api/v1/auth/register/", {"email": "ada@example.com", "password": PASSWORD})
    deliver_events()
    run_jobs()
    verify_email(**link_in(mail.outbox[0]))
    services.send_again(email_id=OutgoingEmail.objects.get().pk)

    run_jobs()

    assert len(mail.outbox) == 1


def test_emails_about_an_erased_account_are_deleted_and_not_sent(user: User) -> None:
    keep_pending_email(user=user, email="new@example.com")
    deliver_events()
    erasure.erase(user=user)
    deliver_events()

    run_jobs()

    assert (mail.outbox, OutgoingEmail.objects.count()) == ([], 0)


def test_a_message_sent_again_carries_a_link_that_works(user: User) -> None:
    passwords.request_reset(email=user.email)
    deliver_events()
    run_jobs()
    passwords.reset_password(**link_in(mail.outbox[0]), new_password="staple-9-tea")
    services.send_again(email_id=OutgoingEmail.objects.get().pk)

    run_jobs()

    link = link_in(mail.outbox[1])
    passwords.reset_password(**link, new_password="teapot-8-staple")
