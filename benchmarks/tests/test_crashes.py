"""The short form of the crash driver: real processes, really killed, real e-mails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from accounts.tests.factories import UserFactory
from benchmarks.crashes.buyers import Ledger
from benchmarks.crashes.comparing import wrongs
from benchmarks.environment import ROOT
from cart.tests.factories import sellable
from core.tests.waiting import PATIENCE_SECONDS
from orders.models import Order
from orders.tests.factories import place


@pytest.mark.slow
def test_nothing_is_lost_or_done_twice_when_processes_are_killed(tmp_path: Path) -> None:
    plan = ["--kills=3", "--clients=8", "--pause=0.5", "--units=20", f"--data={tmp_path}"]

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.crashes", *plan],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "killed PostgreSQL" in done.stdout
    assert "Nothing was lost, nothing done twice." in done.stdout


@pytest.mark.django_db
def test_the_comparison_finds_what_is_lost_doubled_and_not_mailed() -> None:
    tea = sellable(stocked=10)
    told, untold = (place(UserFactory.create(), [(tea, 2)]) for _ in range(2))
    ledger = Ledger(
        placed={told.number: {"id": str(told.pk)}, "TP-LOST": {"id": "gone"}},
        cancelled={told.number},
        paid={told.number},
    )
    subjects = [f"Your order {told.number}"]

    found = list(wrongs(ledger, subjects, str(tea.pk), units=3))

    assert found == [
        "order TP-LOST was answered and does not exist",
        f"order {untold.number} exists, and nobody was told of it: placed twice",
        f"order {told.number} was cancelled and is pending",
        f"order {told.number} was paid and is pending",
        "of 3 units 4 are sold, the stock says {'on_hand': 10, 'reserved': 4}",
        f"no e-mail: Your order {untold.number}",
    ]
    assert Order.objects.count() == 2
