"""E-mails and jobs in the backoffice."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import StaffFactory
from notifications import services
from notifications.emails import Email
from notifications.models import OutgoingEmail

pytestmark = pytest.mark.django_db

PAGE = "/admin/notifications/outgoingemail/"
JOBS = "/admin/procrastinate/procrastinatejob/"


@pytest.fixture
def email() -> OutgoingEmail:
    content = Email("Your order", "Plain text", "<script>alert(1)</script>")
    return services.write_email(occasion="x:1", recipient="ada@example.com", email=content)


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(StaffFactory.create(role=role), "accounts.backends.RoleBackend")
    return client


def test_the_list_finds_a_message_by_its_recipient(email: OutgoingEmail) -> None:
    answer = signed_in("Administrator").get(PAGE, {"q": "ada@"})

    assert "Your order" in answer.content.decode()


def test_the_page_previews_the_message_without_running_it(email: OutgoingEmail) -> None:
    page = signed_in("Administrator").get(f"{PAGE}{email.pk}/change/").content.decode()

    assert "sandbox" in page
    assert "<script>alert(1)</script>" not in page


def test_a_message_is_sent_again_after_confirmation(email: OutgoingEmail) -> None:
    client, url = signed_in("Administrator"), f"{PAGE}{email.pk}/send_again/"
    jobs = ProcrastinateJob.objects.filter(task_name="notifications.tasks.send_email")

    client.get(url)
    assert jobs.count() == 1
    client.post(url, {"_form_submitted": "on"})
    assert jobs.count() == 2


def test_support_does_not_send(email: OutgoingEmail) -> None:
    answer = signed_in("Support").post(f"{PAGE}{email.pk}/send_again/", {"_form_submitted": "on"})

    assert answer.status_code == 403


def test_staff_run_a_failed_job_again(email: OutgoingEmail) -> None:
    jobs = ProcrastinateJob.objects.filter(task_name="notifications.tasks.send_email")
    with connection.cursor() as cursor:  # the model refuses to be written
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed', attempts = 5")
    body = {"action": "retry", "_selected_action": [jobs.get().pk]}

    refused = signed_in("Support").post(JOBS, body)
    assert (refused.status_code, jobs.get().status) == (403, "failed")
    signed_in("Administrator").post(JOBS, body)
    assert jobs.get().status == "todo"
