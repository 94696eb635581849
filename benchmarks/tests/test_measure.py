"""What ``make measure`` counts, and how many of our files one order runs through."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from benchmarks.measure import ROOT, figures, sources
from cart.tests.factories import fill_cart, sellable
from orders.tests.factories import ADDRESS, shipping_method

MODULE = '''"""A module."""
import {other}

def public():
    """Return
    two lines."""
    return _helper()  # noqa: X

def _helper():
    return cursor.execute("SELECT 1")
'''


def test_it_counts_what_is_there(tmp_path: Path) -> None:
    for app, other in (("first", "second.code"), ("second", "first.code")):
        (tmp_path / app).mkdir()
        (tmp_path / app / "code.py").write_text(MODULE.format(other=other))

    counted = figures(sources(tmp_path))

    assert counted["import rings between apps"] == "1"
    assert counted["lines of a function: median, p90, max"] == "3, 4, 4"
    assert counted["private helpers used once, of all functions"] == "50%"
    assert counted["docstrings, of all lines"] == "30.0%"
    assert counted["raw SQL outside database/ and migrations/"] == "2 sites"
    assert counted["noqa"] == "2"


def test_no_apps_import_each_other() -> None:
    assert figures(sources())["import rings between apps"] == "0"


@pytest.mark.django_db
def test_placing_an_order_runs_through_few_files(api_for: Callable[[User], APIClient]) -> None:
    customer = UserFactory.create()
    fill_cart(customer, (sellable(stocked=5), 2))
    client = api_for(customer)
    body = {"shipping_address": dict(ADDRESS), "shipping_method": str(shipping_method().pk)}
    client.get("/api/v1/cart/")  # imports the routes
    files: set[str] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        files.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        answer = client.post("/api/v1/orders/", body)
    finally:
        sys.setprofile(None)

    own = {Path(file).relative_to(ROOT) for file in files if file.startswith(f"{ROOT}/")}
    own = {file for file in own if not file.parts[0].startswith(".") and "tests" not in file.parts}
    assert answer.status_code == 201, answer.content
    assert len(own - {Path("conftest.py")}) <= 70, sorted(map(str, own))
