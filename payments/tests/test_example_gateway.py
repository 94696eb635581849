"""The how-to about gateways is true: its example works, and what it quotes is in the example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from orders.models import OrderStatus
from payments import gateways
from payments.gateways.base import InvalidPaymentMethod
from payments.models import Payment, PaymentTransaction
from payments.services import paying
from payments.services.paying import PayOrder, pay
from payments.tests.factories import OrderFactory
from payments.tests.fake_acme import GOOD, FakeAcme

pytestmark = pytest.mark.django_db

HOWTO = Path(__file__).resolve().parents[2] / "docs" / "howto"
SNIPPETS = re.findall(
    r"```python\n(.*?)```", (HOWTO / "add_a_gateway.md").read_text("utf-8"), re.DOTALL
)


def paid(token: str = GOOD) -> Payment:
    return pay(command=PayOrder(OrderFactory.create().pk, "acme", token))


def bare(text: str) -> str:
    """Return code without its indentation, which a list in Markdown changes."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_what_the_how_to_quotes_is_in_the_example(number: int) -> None:
    example = bare((HOWTO / "example_gateway.py").read_text("utf-8"))

    parts = re.split(r"^\s*\.\.\.\n", SNIPPETS[number], flags=re.MULTILINE)
    assert all(bare(part) in example for part in parts), SNIPPETS[number]


def test_the_how_to_quotes_the_example_often() -> None:
    assert len(SNIPPETS) > 3


def test_the_example_charges_once_and_learns_the_fee(acme: FakeAcme) -> None:
    payment = paid()

    assert (payment.order.status, acme.taken()) == (OrderStatus.PAID, 10_000)
    assert str(PaymentTransaction.objects.get().fee) == "0.2500"


def test_the_example_knows_its_own_tokens(acme: FakeAcme) -> None:
    with pytest.raises(InvalidPaymentMethod):
        paid("tok_success")


def test_a_provider_that_is_down_has_charged_nothing(acme: FakeAcme, settings: Settings) -> None:
    settings.ACME_API_BASE = "http://127.0.0.1:1"
    gateways.forget()

    with pytest.raises(paying.ProviderUnavailable):
        paid()
