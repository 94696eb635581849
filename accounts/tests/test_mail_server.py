"""Letters through a real mail server on loopback."""

from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


class Box(Message):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.letters.append(message_from_bytes(message.as_bytes(), policy=policy.default))


@pytest.fixture
def box(settings: Settings, free_port: int) -> Iterator[Box]:
    handler = Box()
    server = Controller(handler, hostname="127.0.0.1", port=free_port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port
    yield handler
    server.stop()


def test_a_verification_letter_arrives(
    api: APIClient, box: Box, deliver_events: Callable[[], None]
) -> None:
    api.post("/api/v1/auth/register/", {"email": "ada@example.com", "password": PASSWORD})
    deliver_events()

    (letter,) = box.letters
    text = letter.get_body(("plain",)).get_content()
    html = letter.get_body(("html",)).get_content()
    assert (letter["To"], letter["Subject"]) == ("ada@example.com", "Verify your e-mail address")
    assert "/verify-email?uid=" in text
    assert "/verify-email?uid=" in html


def test_a_letter_that_cannot_be_sent_is_tried_again(
    api: APIClient,
    settings: Settings,
    free_port: int,
    deliver_events: Callable[[], None],
    user: User,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port
    api.post("/api/v1/auth/password/reset/", {"email": user.email})

    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            deliver_events()
