"""Events whose applying keeps failing: tried again with patience, then left to staff."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from accounts.tests.factories import StaffFactory
from core.tasks import PATIENT, Patience
from orders.models import Order, OrderStatus
from payments import tasks
from payments.gateways.base import Notice
from payments.gateways.test import TestGateway, signed
from payments.models import Payment, WebhookEvent, WebhookState
from payments.services.webhooks import receive_webhook, run_again
from payments.tests.factories import OrderFactory, jobs_named, paid, run_job, run_jobs
from payments.tests.test_admin import SUBMIT, signed_in

pytestmark = pytest.mark.django_db

JOB = "payments.tasks.apply_webhook"
PAGE = "/admin/payments/webhookevent/"


class StammeringGateway(TestGateway):
    """A provider whose events the shop cannot read."""

    def read_event(self, event: dict[str, Any]) -> Notice | None:
        raise ValueError("not a word of it\x00")


def receive(event: dict[str, Any]) -> WebhookEvent:
    body, headers = signed(event)
    receive_webhook(provider="test", body=body, headers=headers)
    return WebhookEvent.objects.latest("received_at")


def unreadable() -> WebhookEvent:
    return receive({"type": "charge.succeeded"})  # names no charge


def run(*, attempts: int) -> None:
    """Do what the worker does, for the ``attempts``-th time after the first."""
    job = ProcrastinateJob.objects.filter(task_name=JOB).latest("id")
    with pytest.raises(KeyError):
        run_job(job, attempts=attempts)


@pytest.fixture
def dead() -> WebhookEvent:
    event = unreadable()
    run(attempts=Patience.ATTEMPTS)
    event.refresh_from_db()
    return event


@pytest.fixture
def clerk() -> Client:
    return signed_in("Order manager")


def test_a_failure_is_counted_and_told_and_tried_again_by_its_job() -> None:
    event = unreadable()

    run(attempts=0)
    run(attempts=1)

    event.refresh_from_db()
    assert (event.state, event.failures, event.error) == (
        WebhookState.WAITING,
        2,
        "KeyError: 'key'",
    )
    assert tasks.apply_webhook.retry_strategy is PATIENT


def test_after_the_last_try_it_is_a_dead_letter(dead: WebhookEvent) -> None:
    assert (dead.state, dead.applied_at) == (WebhookState.DEAD, None)


def test_an_error_that_cannot_be_stored_is_told_without_what_hinders(settings: Settings) -> None:
    settings.PAYMENT_GATEWAYS = [f"{__name__}.StammeringGateway"]
    event = unreadable()

    with pytest.raises(ValueError, match="not a word"):
        run_jobs(JOB)

    event.refresh_from_db()
    assert event.error == "ValueError: not a word of it"


def test_one_that_cannot_be_stored_is_refused(api: Any) -> None:
    body, headers = signed({"type": "charge.failed", "error_code": "\x00"})

    answer = Client().post(
        "/api/v1/payments/webhooks/test/", body, "application/json", headers=headers
    )

    assert answer.status_code == 400
    assert not WebhookEvent.objects.exists()


def test_what_failed_for_a_passing_reason_is_applied_when_run_again(settings: Settings) -> None:
    payment = paid(OrderFactory.create(), "tok_requires_action")
    TestGateway().finish_action(payment.reference, succeeds=True)
    body, headers = TestGateway().webhook_about(payment.reference)
    settings.PAYMENT_GATEWAYS = [f"{__name__}.StammeringGateway"]
    receive_webhook(provider="test", body=body, headers=headers)
    with pytest.raises(ValueError, match="not a word"):
        run_job(ProcrastinateJob.objects.get(task_name=JOB), attempts=Patience.ATTEMPTS)
    assert Payment.objects.get().captured == 0

    settings.PAYMENT_GATEWAYS = ["payments.gateways.test.TestGateway"]
    event = WebhookEvent.objects.get()
    assert run_again(event_ids=[event.pk]) == 1
    run_jobs(JOB)

    event.refresh_from_db()
    assert (event.state, event.error) == (WebhookState.APPLIED, "")
    assert Order.objects.get().status == OrderStatus.PAID


def test_running_again_counts_anew_and_leaves_alone_what_was_applied(dead: WebhookEvent) -> None:
    applied = receive({"type": "payout.paid"})
    before = len(jobs_named(JOB))

    assert run_again(event_ids=[dead.pk, applied.pk]) == 1

    dead.refresh_from_db()
    assert (dead.state, dead.failures) == (WebhookState.WAITING, 0)
    assert len(jobs_named(JOB)) == before + 1


def test_no_event_is_both_applied_and_given_up(dead: WebhookEvent) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        WebhookEvent.objects.filter(pk=dead.pk).update(applied_at=timezone.now())


def test_the_list_counts_dead_letters_and_tells_why(dead: WebhookEvent, clerk: Client) -> None:
    unreadable()
    receive({"type": "payout.paid"})

    page = clerk.get(PAGE, {"state": "dead"}).content.decode()

    assert "Dead letter (1)" in page
    assert "Waiting (1)" in page
    assert "KeyError" in page
    assert page.count("payout.paid</") == 0
    assert "payout.paid</" not in clerk.get(PAGE, {"state": "waiting"}).content.decode()
    assert "payout.paid" in clerk.get(PAGE, {"state": "applied"}).content.decode()


def test_chosen_events_are_run_again_once_that_is_confirmed(
    dead: WebhookEvent, clerk: Client
) -> None:
    chosen = {"action": "run_selected_again", ACTION_CHECKBOX_NAME: [str(dead.pk)]}

    asked = clerk.post(PAGE, chosen)
    assert "Run these events again?" in asked.content.decode()
    assert len(jobs_named(JOB)) == 1

    done = clerk.post(PAGE, chosen | {"confirmed": "yes"}, follow=True)
    assert "1 of the chosen events are being applied." in done.content.decode()
    assert len(jobs_named(JOB)) == 2


def test_all_events_of_the_list_can_be_chosen(dead: WebhookEvent, clerk: Client) -> None:
    chosen = {"action": "run_selected_again", "select_across": "1", ACTION_CHECKBOX_NAME: ["x"]}

    asked = clerk.post(f"{PAGE}?state=dead", chosen).content.decode()
    assert 'name="select_across"' in asked

    clerk.post(f"{PAGE}?state=dead", chosen | {"confirmed": "yes"})
    assert len(jobs_named(JOB)) == 2


def test_one_event_is_run_again_on_its_page(dead: WebhookEvent, clerk: Client) -> None:
    clerk.post(f"{PAGE}{dead.pk}/run_again/", SUBMIT)

    dead.refresh_from_db()
    assert dead.state == WebhookState.WAITING
    assert clerk.get(f"{PAGE}{dead.pk}/change/").status_code == 200


def test_those_who_may_only_look_run_nothing(dead: WebhookEvent) -> None:
    support = Client()
    support.force_login(StaffFactory.create(role="Support"), "accounts.backends.RoleBackend")
    chosen = {"action": "run_selected_again", ACTION_CHECKBOX_NAME: [str(dead.pk)]}

    support.post(PAGE, chosen | {"confirmed": "yes"})
    assert support.post(f"{PAGE}{dead.pk}/run_again/", SUBMIT).status_code == 403

    dead.refresh_from_db()
    assert dead.state == WebhookState.DEAD
