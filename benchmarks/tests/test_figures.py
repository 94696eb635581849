"""Figures, ratios and verdicts."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks import report
from benchmarks.machine import Machine
from benchmarks.measuring import Figures, percentiles
from benchmarks.processor import cpu_seconds, family_of
from benchmarks.race import RaceResult
from benchmarks.results import Jobs, Results
from benchmarks.scenarios import term

FAIR_RACE = RaceResult(50, 200, 50, 150, 0, 50, 1.0, 10.0, 20.0)


def _figures(rate: float, **more: Any) -> Figures:
    figures = Figures("list", int(rate * 2), 2.0, 1.0, 2.0, 3.0, {"web": 0.5}, 0.03, 0.0)
    return replace(figures, **{"bare_rate": 1000.0, "bare_cpu": 0.1, **more})


def _results(*figures: Figures, **more: Any) -> Results:
    machine = Machine("", "c0ffee", "", 2, 0.0, "3.11", "5.2", "18", "27", 100, 8, 2.0)
    bare = [_figures(rate, cpu={"bare": 0.1}) for rate in (900, 1000, 5000)]
    results = Results(
        machine=machine,
        bare=bare,
        figures=list(figures),
        database=None,
        race=FAIR_RACE,
        jobs=Jobs(0, 0.0, 0, 0),
        audit_output="",
        is_audit_clean=True,
    )
    return replace(results, **more)


def test_percentiles_are_of_the_sorted_times_in_milliseconds() -> None:
    assert percentiles([n / 1000 for n in range(100, 0, -1)]) == {"p50": 51, "p95": 96, "p99": 100}
    assert percentiles([]) == {"p50": 0, "p95": 0, "p99": 0}


def test_ratios_are_to_the_bare_view_beside() -> None:
    one = _figures(200)

    assert report.ratio(one) == 0.2
    assert report.cpu_ratio(one) == pytest.approx(0.2)


def test_the_bare_view_that_is_shown_is_the_median_of_its_runs() -> None:
    assert _results().usual_bare.rate == 1000


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        (_figures(200, asked_ratio=0.2), "reached"),
        (_figures(199, asked_ratio=0.2), "missed"),
        (_figures(30, asked_rate=30.0), "reached"),
        (_figures(29, asked_rate=30.0), "missed"),
        (_figures(900, asked_ratio=0.2, unexpected={"500 ": 1}), "wrong"),
        (_figures(1), ""),
    ],
)
def test_a_verdict_compares_with_what_is_asked(figures: Figures, verdict: str) -> None:
    assert report.verdict(figures, _results(figures)) == verdict


@pytest.mark.parametrize(("rate", "verdict"), [(60, "reached"), (59, "missed")])
def test_a_share_is_of_the_rate_of_another_measure(rate: float, verdict: str) -> None:
    spread = _figures(100, name="spread, 64 buyers")
    hot = _figures(rate, name="hot", asked_share=(0.6, "spread, 64 buyers"))

    assert report.verdict(hot, _results(spread, hot)) == verdict


def test_slow_is_not_wrong() -> None:
    assert _results(_figures(1, asked_ratio=0.2)).wrongs == []


@pytest.mark.parametrize(
    "more",
    [
        {"race": replace(FAIR_RACE, sold=51, refused=149)},
        {"race": replace(FAIR_RACE, reserved=51)},
        {"race": replace(FAIR_RACE, refused=149, other_answers=1)},
        {"jobs": Jobs(3, 30.0, 3, 0)},
        {"jobs": Jobs(0, 0.0, 0, 1)},
        {"is_audit_clean": False, "audit_output": "stock"},
        {"figures": [_figures(10, unexpected={"500 ": 1})]},
    ],
)
def test_wrong_answers_sales_and_books_are_told(more: dict[str, object]) -> None:
    assert len(_results(**more).wrongs) == 1


def test_results_are_written_with_their_ratios(tmp_path: Path) -> None:
    report.write(_results(_figures(200, asked_ratio=0.2)), tmp_path / "results.json")

    written = json.loads((tmp_path / "results.json").read_text())
    assert written["figures"][0]["bare_rate"] == 1000
    assert written["figures"][0]["ratio"] == 0.2
    assert written["figures"][0]["verdict"] == "reached"


def test_the_table_names_everything_measured() -> None:
    console = Console(width=160, record=True, file=io.StringIO())

    report.show(_results(_figures(200, asked_ratio=0.2)), console)

    text = console.export_text()
    assert "list" in text
    assert "50 sold" in text
    assert "Audit: clean" in text


def test_search_terms_are_whole_words_of_a_name() -> None:
    assert term("The Old Man and the Sea", 1) == ""
    assert term("A Christmas Carol and Other Tales", 2) == "Christmas%20Carol"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_cpu_time_covers_children_that_live_and_that_ended() -> None:
    before = cpu_seconds(family_of(os.getpid()))
    command = [sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"]

    with subprocess.Popen(command) as child:
        assert child.pid in family_of(os.getpid())

    assert cpu_seconds(family_of(os.getpid())) - before >= 0.28
