"""The examples of the guide for frontends run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cart.tests.factories import sellable
from core.audit import discrepancies
from core.tests.waiting import PATIENCE_SECONDS
from orders.models import Order, OrderStatus
from orders.tests.factories import shipping_method

CODE = re.compile(r'^    code(?:: ClassVar\[str\])? = "(\w+)"', re.MULTILINE)
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "checkout.md"
COMMANDS = {
    "sh": ["bash", "-euo", "pipefail", "-s"],
    "js": ["node", "--input-type=module", "-"],
}
SAID = {
    "sh": ["{number} is paid", "found again, paid at 20", "%PDF-"],
    "js": ["without delivery: ", "the total is {total} now", "card_declined", "{number} is paid"],
}


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", sorted(COMMANDS))
def test_the_example_sells(language: str, live_server: Any) -> None:
    if shutil.which(COMMANDS[language][0]) is None:
        pytest.skip(f"{COMMANDS[language][0]} is not installed")
    sellable(stocked=5)
    shipping_method(country="US")

    done = subprocess.run(
        COMMANDS[language],
        input=example(language),
        env=os.environ | {"SHOP": live_server.url, "no_proxy": "localhost,127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    order = Order.objects.get()
    assert order.status == OrderStatus.PAID
    for text in SAID[language]:
        assert text.format(number=order.number, total=f"{order.total:.2f}") in done.stdout
    assert discrepancies() == []


def test_every_code_in_the_guide_exists() -> None:
    table = GUIDE.read_text("utf-8").partition("## What can go wrong")[2].partition("\n## ")[0]
    told = {code for row in table.splitlines() if row.startswith("|") for code in codes_in(row)}
    sources = [path for path in GUIDE.parents[2].glob("*/**/*.py") if "tests" not in path.parts]
    known = {code for path in sources for code in CODE.findall(path.read_text("utf-8"))}

    assert len(told) > 15
    assert told <= known, told - known


def codes_in(row: str) -> list[str]:
    """Return what stands in backticks in a row's second column."""
    return re.findall(r"`([a-z_]+)`", row.split("|")[2].replace("`code`", ""))
