from collections.abc import Iterator

import pytest
from pytest_django import Settings

from notifications.tests.mail import MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.controller.start()
    yield server
    server.is_stuck = False
    server.controller.stop()


@pytest.fixture
def sink(mail_server: MailServer, settings: Settings) -> MailServer:
    """Return the mail server that the shop now sends to."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    return mail_server
