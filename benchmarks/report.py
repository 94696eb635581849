"""The table for people, and ``results.json`` for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Figures
from benchmarks.results import Results

# Cores that others use and that are worth a warning.
NOTICEABLE = 0.2
COLUMNS = ("a second", "p50 ms", "p95 ms", "p99 ms", "web CPU", "SQL CPU")
RATIOS = ("× bare", "by CPU", "asked")


def show(results: Results, console: Console) -> None:
    table = Table("what", box=SIMPLE, title=_title(results), title_justify="left")
    for column in (*COLUMNS, *RATIOS):
        table.add_column(column, justify="right")
    table.add_column("verdict")
    for figures in [results.usual_bare, *results.figures]:
        table.add_row(figures.name, *_times(figures), *_ratios(figures), verdict(figures, results))
    console.print(table)
    _show_rest(results, console)
    for wrong in results.wrongs:
        console.print(f"[bold red]Wrong:[/] {wrong}")


def write(results: Results, file: Path) -> None:
    document = asdict(results)
    for one, entry in zip(results.figures, document["figures"], strict=True):
        entry |= {
            "rate": one.rate,
            "ratio": ratio(one),
            "cpu_ratio": cpu_ratio(one),
            "verdict": verdict(one, results),
        }
    rounded = json.loads(json.dumps(document), parse_float=lambda text: round(float(text), 4))
    file.write_text(json.dumps(rounded, indent=1) + "\n")


def ratio(one: Figures) -> float | None:
    """Return how many answers there were for each of the bare view beside it."""
    return one.rate / one.bare_rate if one.bare_rate else None


def cpu_ratio(one: Figures) -> float | None:
    """Return the bare view's CPU time in relation to this; None where CPU cannot be told."""
    return one.bare_cpu / one.serving_cpu if one.bare_cpu and one.serving_cpu else None


def verdict(one: Figures, results: Results) -> str:
    if one.unexpected:
        return "wrong"
    if one.asked_ratio is not None:
        return "reached" if (ratio(one) or 0.0) >= one.asked_ratio else "missed"
    if one.asked_rate is not None:
        return "reached" if one.rate >= one.asked_rate else "missed"
    if one.asked_share is not None:
        share, name = one.asked_share
        others = [other.rate for other in results.figures if other.name == name]
        return "reached" if one.rate >= share * max(others, default=0.0) else "missed"
    return ""


def _title(results: Results) -> str:
    machine = results.machine
    return (
        f"{machine.products:,} products, {machine.clients} callers on {machine.cores} cores"
        f" (load before: {machine.load_before}), Python {machine.python},"
        f" PostgreSQL {machine.postgresql}, {machine.commit}"
    )


def _times(one: Figures) -> tuple[str, ...]:
    times = (f"{value:.1f}" for value in (one.p50, one.p95, one.p99))
    web = one.serving_cpu - one.cpu.get("database", 0.0)
    return (f"{one.rate:,.1f}", *times, f"{web:.2f}", f"{one.cpu.get('database', 0.0):.2f}")


def _ratios(one: Figures) -> tuple[str, ...]:
    both = (f"{value:.2f}" if value else "" for value in (ratio(one), cpu_ratio(one)))
    return (*both, _asked(one))


def _asked(one: Figures) -> str:
    if one.asked_share:
        share, name = one.asked_share
        return f"{share:.0%} of {name.partition(',')[0]}"
    return f"{one.asked_rate:.0f}/s" if one.asked_rate else str(one.asked_ratio or "")


def _show_rest(results: Results, console: Console) -> None:
    rates = [figures.rate for figures in results.bare]
    console.print(
        f"The bare view ran {len(rates)} times, at {min(rates):,.0f} to {max(rates):,.0f} a second;"
        " × bare and by CPU compare with the runs right before and after."
    )
    if results.database:
        floor = results.database
        console.print(
            f"The list's {floor.statements} SQL statements alone, by pgbench:"
            f" {floor.rate:,.0f} a second, {floor.cpu:.2f} ms PostgreSQL CPU each."
        )
    if results.race:
        race = results.race
        console.print(
            f"Race: {race.units} units, {race.buyers} buyers: {race.sold} sold, {race.refused}"
            f" refused, {race.reserved} reserved, in {race.seconds:.1f} s (p95 {race.p95:.0f} ms)."
        )
    if results.jobs:
        jobs = results.jobs
        console.print(
            f"Jobs: {jobs.waiting} waited when the load ended, done {jobs.seconds_to_finish:.1f} s"
            f" later; {jobs.failed} failed."
        )
    others = max(figures.others_share for figures in [*results.bare, *results.figures])
    if others > NOTICEABLE:
        console.print(
            f"Other programs used up to {others:.1f} of {results.machine.cores} cores meanwhile:"
            " measure again when the machine is idle."
        )
    console.print(f"Audit: {'clean' if results.is_audit_clean else 'NOT clean'}.")
