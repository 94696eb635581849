from collections.abc import Iterator

import pytest

from notifications.tests.mail import MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.controller.start()
    yield server
    server.is_stuck = False
    server.controller.stop()
