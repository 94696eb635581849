"""Filling the demo shop: every step makes what is missing of its kind, and nothing twice."""

from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from demo.seeding import (
    catalog,
    catalog_facts,
    coupons,
    covers,
    moving,
    orders,
    payments,
    people,
    price_lists,
    shipping,
    stock,
    vendors,
)
from demo.seeding.step import Step

STEPS: tuple[Step[Any], ...] = (
    *people.STEPS,
    *shipping.STEPS,
    *catalog.STEPS,
    *catalog_facts.STEPS,
    *vendors.STEPS,
    *covers.STEPS,
    *stock.STEPS,
    *moving.STEPS,
    *coupons.STEPS,
    *price_lists.STEPS,
    *orders.STEPS,
    *payments.STEPS,
)


def seed(*, console: Console) -> int:
    """Make what the demo shop lacks and return how many pieces of work that was.

    Progress is drawn on ``console``, unless that is not a terminal.
    """
    done = 0
    columns = (TextColumn("{task.description:16}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        for step in STEPS:
            if missing := step.missing():
                for thing in progress.track(missing, description=step.title):
                    step.make(thing)
            done += len(missing)
    return done
