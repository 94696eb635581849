from collections.abc import Callable

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from core import events
from core.models import DomainEvent
from notifications import services as notification_services
from notifications.models import EmailStatus, OutgoingEmail


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def deliver_events() -> Callable[[], None]:
    """Return what the worker does: hand every event to its handlers, then send what they wrote."""

    def deliver() -> None:
        for event in DomainEvent.objects.order_by("id"):
            for handler in events._handlers.get(event.name, {}):
                events.deliver(event_id=event.pk, handler=handler)
        for email in OutgoingEmail.objects.filter(status=EmailStatus.QUEUED).order_by("id"):
            notification_services.send_email(email_id=email.pk)

    return deliver
