"""Orders to pay, and payments, for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory
from procrastinate import JobContext
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import UserFactory
from cart.tokens import digest_of
from orders.models import Order
from payments import tasks
from payments.models import Payment
from payments.services.paying import PayOrder, pay

GUEST_TOKEN = "a-guest-token-of-enough-length"


class OrderFactory(DjangoModelFactory[Order]):
    """A pending order of a customer over 100.00 USD, of which only the money matters here."""

    class Meta:
        model = Order

    number = factory.Sequence(lambda n: f"PAY-{n:06}")
    customer = factory.SubFactory(UserFactory)
    email = factory.LazyAttribute(lambda order: order.customer.email)
    currency = "USD"
    total = Decimal("100.00")
    subtotal = factory.SelfAttribute("total")
    placed_at = factory.LazyFunction(timezone.now)


def guest_order() -> Order:
    """Return a pending order of a guest who holds ``GUEST_TOKEN``."""
    return OrderFactory.create(
        customer=None, email="guest@example.com", guest_token_digest=digest_of(GUEST_TOKEN)
    )


def paid(order: Order, payment_method: str = "tok_success") -> Payment:
    """Pay ``order`` at the test gateway and return the payment."""
    return pay(command=command_for(order, payment_method))


def command_for(order: Order, payment_method: str = "tok_success") -> PayOrder:
    """Return the command that pays ``order`` at the test gateway."""
    return PayOrder(order_id=order.pk, provider="test", payment_method=payment_method)


def jobs_named(name: str) -> list[dict[str, Any]]:
    """Return the arguments of the jobs of this name, oldest first."""
    rows = ProcrastinateJob.objects.filter(task_name=name).order_by("id")
    return [row.args for row in rows]


def run_jobs(name: str) -> None:
    """Do what the worker does with the jobs of this name, again if they have run before."""
    for row in ProcrastinateJob.objects.filter(task_name=name).order_by("id"):
        run_job(row)


def run_job(row: ProcrastinateJob, *, attempts: int = 0) -> None:
    """Do what the worker does with a job that was tried ``attempts`` times before."""
    task = getattr(tasks, row.task_name.rsplit(".", 1)[1])
    context = JobContext(
        app=jobs,
        job=row.procrastinate_job.evolve(attempts=attempts),
        start_timestamp=0,
        abort_reason=lambda: None,
    )
    task(*([context] if task.pass_context else []), **row.args)
