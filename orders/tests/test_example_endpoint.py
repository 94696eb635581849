"""The how-to about endpoints is true: its example works, and what it quotes is in the example."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from docs.howto import example_endpoint
from orders.tests.factories import pay, place

pytestmark = [pytest.mark.django_db, pytest.mark.urls("docs.howto.example_endpoint")]

HOWTO: Final = Path(__file__).resolve().parents[2] / "docs" / "howto"
SNIPPETS: Final = re.findall(
    r"```python\n(.*?)```", (HOWTO / "add_an_endpoint.md").read_text("utf-8"), re.DOTALL
)
GIFT: Final = {"message": "Happy birthday!"}

ApiFor = Callable[[User], APIClient]


def bare(text: str) -> str:
    """Return code without its indentation, which a list in Markdown changes."""
    return "\n".join(line.strip() for line in text.strip().splitlines() if line.strip())


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_what_the_how_to_quotes_is_in_the_example(snippet: str) -> None:
    assert bare(snippet) in bare((HOWTO / "example_endpoint.py").read_text("utf-8"))


def test_the_how_to_quotes_each_part() -> None:
    assert len(SNIPPETS) == 4


def test_the_owner_of_a_pending_order_may_call_it(api_for: ApiFor) -> None:
    buyer = UserFactory.create()
    order = place(buyer)
    path = f"/orders/{order.number}/gift/"

    answers = [
        APIClient().post(path, GIFT),
        api_for(UserFactory.create()).post(path, GIFT),
        api_for(buyer).post(path, {"message": " "}),
        api_for(buyer).post(path, GIFT),
    ]

    assert [answer.status_code for answer in answers] == [401, 404, 400, 200]
    order.refresh_from_db()
    assert order.customer_note == "Gift: Happy birthday!"


def test_a_paid_order_is_refused_and_stays_as_it_is(api_for: ApiFor) -> None:
    buyer = UserFactory.create()
    order = place(buyer)
    pay(order)

    answer = api_for(buyer).post(f"/orders/{order.number}/gift/", GIFT)

    assert (answer.status_code, answer.json()["code"]) == (409, "order_not_pending")
    order.refresh_from_db()
    assert order.customer_note == ""


def test_the_document_names_it_as_the_how_to_says() -> None:
    patterns = example_endpoint.urlpatterns
    document = SchemaGenerator(patterns=patterns).get_schema(request=None, public=True)

    operation = document["paths"]["/orders/{key}/gift/"]["post"]
    assert operation["operationId"] == "giftOrder"
    assert "order_not_pending" in str(operation["responses"]["409"])
