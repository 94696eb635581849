"""The page of jobs tells in words what waits, in which lane and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from core.jobs import configure_task

pytestmark = pytest.mark.django_db

PAGE = "/admin/procrastinate/procrastinatejob/"


def wait(name: str, queue: str, **arguments: str) -> None:
    configure_task(name, queue=queue).defer(**arguments)


def test_lanes_tell_what_waits_and_for_how_long(admin_client: Client) -> None:
    wait("payments.tasks.resolve", "payments", transaction_id="0198f3a2")

    with time_machine.travel(timezone.now() + timedelta(minutes=3, seconds=30)):
        page = admin_client.get(PAGE).content.decode()

    assert "1 waiting, the oldest for 3 min" in page
    assert page.count("nothing waits") == 4


def test_a_job_is_told_in_words(admin_client: Client) -> None:
    wait("core.tasks.deliver", "events", handler="payments.tasks.refund_return", event_id="0198")

    page = admin_client.get(PAGE).content.decode()
    job = ProcrastinateJob.objects.get()
    detail = admin_client.get(f"{PAGE}{job.pk}/change/").content.decode()

    for shown in (page, detail):
        assert "Payments: refund return" in shown
        assert "event id 0198" in shown
        assert "&quot;event_id&quot;" not in shown
