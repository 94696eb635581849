import socket
from collections.abc import Callable

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from core import events
from core.models import DomainEvent


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def deliver_events() -> Callable[[], None]:
    """Return what the worker does: hand every event to each of its handlers, once."""

    def deliver() -> None:
        for event in DomainEvent.objects.order_by("id"):
            for handler in events._handlers.get(event.name, {}):
                events.deliver(event_id=event.pk, handler=handler)

    return deliver


@pytest.fixture
def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
