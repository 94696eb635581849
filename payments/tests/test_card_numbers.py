"""What counts as a card number."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.card_numbers import CardNumberRefused, holds_card_number, refuse_card_numbers

DEEP: Any = "4242424242424242"
for _level in range(1000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242",
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "3782 822463 10005",
        "my card is 5555555555554444, valid until 12/27",
        "4242 4242 4242 4242 12 27",
        "4222222222222",
        "4242.4242.4242.4242",
        "4242/4242/4242/4242",
        "4242  4242 - 4242_4242",
        "4242\u00a04242\u20114242\u20134242",
        "\uff14\uff12" * 8,
        "\u0664\u0662" * 8,
        "6304000000000000000"[:18] + "0",
    ],
)
def test_finds_card_numbers(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "tok_success",
        "4242424242424241",
        "424242424242",
        "42424242424242424242",
        "0198f3a2-7b1c-7d3e-9a4f-6c8d0e2b4a61",
        "+49 30 901820",
        "2026-11-21 10:51:44.123456",
        "0198f3a28c007a118f001b2c3d4e5f60",
        "",
    ],
)
def test_lets_other_texts_pass(text: str) -> None:
    assert not holds_card_number(text)


@given(st.uuids())
def test_never_takes_an_id_for_a_card(identifier: UUID) -> None:
    assert not holds_card_number(str(identifier))


@pytest.mark.parametrize(
    "body",
    [
        {"a": [{"b": "4242424242424242"}]},
        {"4242424242424242": True},
        [4242424242424242],
        "4242424242424242",
        4242424242424242.0,
        DEEP,
    ],
)
def test_looks_into_every_corner_of_a_body(body: object) -> None:
    with pytest.raises(CardNumberRefused):
        refuse_card_numbers(body)
