"""Selling what is not there yet, and giving it to those who came first once it is.

Stock items are locked before the rules, each in the order of their keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from core.errors import InvalidInput
from inventory.models import Backorder, BackorderRule
from inventory.services.allocation import Demand, Shortage

_OPEN = F("quantity") - F("filled") - F("released")


class FewerThanAwaited(InvalidInput):
    """More units were sold before they are there than shall be allowed."""

    code = "fewer_than_awaited"
    title = "More than that are awaited already."


ALLOW_BACKORDERS_ERRORS: Final = (FewerThanAwaited,)


@transaction.atomic
def allow_backorders(
    *, variant_id: UUID, maximum: int, expected_on: date | None = None
) -> BackorderRule:
    """Let up to ``maximum`` units of a variant be sold before they are there; 0 for none.

    ``expected_on`` is when goods are due. Locks the rule.
    """
    BackorderRule.objects.bulk_create(
        [BackorderRule(variant_id=variant_id, maximum=0)], ignore_conflicts=True
    )
    rule = BackorderRule.objects.select_for_update(no_key=True).get(variant_id=variant_id)
    if maximum < rule.awaited:
        raise FewerThanAwaited
    rule.maximum, rule.expected_on = maximum, expected_on
    rule.save(update_fields=["maximum", "expected_on", "updated_at"])
    return rule


def lock_rules(*, variant_ids: Collection[UUID]) -> dict[UUID, BackorderRule]:
    """Lock the rules of variants in the order of their keys; the stock is locked before."""
    rules = BackorderRule.objects.filter(variant_id__in=variant_ids).order_by("pk")
    return {rule.variant_id: rule for rule in rules.select_for_update(no_key=True)}


def wait_for(
    *, order_id: UUID, demands: Sequence[Demand], shortages: Sequence[Shortage]
) -> tuple[list[Demand], list[Shortage]]:
    """Let an order wait for what is short; return what is left to reserve, and what cannot be had.

    The variants' stock is locked already. Where anything cannot be had, nothing is written.
    Locks the rules.
    """
    rules = lock_rules(variant_ids=[shortage.variant_id for shortage in shortages])
    refused = []
    for shortage in shortages:
        rule = rules.get(shortage.variant_id)
        available = shortage.available + (rule.maximum - rule.awaited if rule else 0)
        if shortage.requested > available:
            refused.append(Shortage(shortage.variant_id, shortage.requested, available))
    if refused:
        return [], refused
    here, awaited = split(
        demands=demands,
        available={shortage.variant_id: shortage.available for shortage in shortages},
    )
    Backorder.objects.bulk_create(
        Backorder(
            rule=rules[demand.variant_id],
            order_id=order_id,
            line_id=demand.line_id,
            quantity=demand.quantity,
        )
        for demand in awaited
    )
    units: dict[UUID, int] = defaultdict(int)
    for demand in awaited:
        units[rules[demand.variant_id].pk] += demand.quantity
    _change_awaited(units, 1)
    return here, []


def split(
    *, demands: Sequence[Demand], available: Mapping[UUID, int]
) -> tuple[list[Demand], list[Demand]]:
    """Return what of ``demands`` is there and what is awaited, line by line.

    Variants that ``available`` does not name are there.
    """
    left = dict(available)
    here: list[Demand] = []
    awaited: list[Demand] = []
    for demand in demands:
        units = min(demand.quantity, left.get(demand.variant_id, demand.quantity))
        if demand.variant_id in left:
            left[demand.variant_id] -= units
        if units:
            here.append(replace(demand, quantity=units))
        if units < demand.quantity:
            awaited.append(replace(demand, quantity=demand.quantity - units))
    return here, awaited


def release_backorders(*, order_id: UUID) -> None:
    """Let an order wait no longer; does nothing the second time. Locks the rules."""
    waiting = Backorder.objects.filter(order_id=order_id, quantity__gt=F("filled") + F("released"))
    variant_ids = set(waiting.values_list("rule__variant_id", flat=True))
    if not variant_ids:
        return
    lock_rules(variant_ids=variant_ids)
    units = dict(waiting.values_list("rule_id").annotate(units=Sum(_OPEN)))
    waiting.update(released=F("quantity") - F("filled"))
    _change_awaited(units, -1)


def release_units(*, order_id: UUID, quantities: Mapping[UUID, int]) -> dict[UUID, int]:
    """Let lines of an order wait for fewer units; return how many of each were awaited.

    The stock is locked already. Locks the rules.
    """
    waiting = Backorder.objects.filter(
        order_id=order_id, line_id__in=quantities, quantity__gt=F("filled") + F("released")
    )
    lock_rules(variant_ids=set(waiting.values_list("rule__variant_id", flat=True)))
    left = dict(quantities)
    by_rule: dict[UUID, int] = defaultdict(int)
    changed = list(waiting.order_by("-id"))
    for backorder in changed:
        units = min(backorder.open, left[backorder.line_id])
        backorder.released += units
        left[backorder.line_id] -= units
        by_rule[backorder.rule_id] += units
    Backorder.objects.bulk_update(changed, ["released"])
    _change_awaited(by_rule, -1)
    return {line_id: quantity - left[line_id] for line_id, quantity in quantities.items()}


def next_in_line(
    *, variant_ids: Collection[UUID], available: Mapping[UUID, int]
) -> list[tuple[Backorder, Demand]]:
    """Return which back-orders the ``available`` units fill, whoever came first first.

    Locks the rules, after the stock. The back-orders are marked as filled.
    """
    rules = {rule.pk: rule for rule in lock_rules(variant_ids=variant_ids).values()}
    left = dict(available)
    waiting = Backorder.objects.filter(rule__in=rules, quantity__gt=F("filled") + F("released"))
    served: list[tuple[Backorder, Demand]] = []
    filled: dict[UUID, int] = defaultdict(int)
    for backorder in waiting.order_by("id"):
        variant_id = rules[backorder.rule_id].variant_id
        units = min(backorder.open, left.get(variant_id, 0))
        if units:
            left[variant_id] -= units
            backorder.filled += units
            filled[backorder.rule_id] += units
            served.append((backorder, Demand(backorder.line_id, variant_id, units)))
    Backorder.objects.bulk_update([backorder for backorder, _ in served], ["filled"])
    _change_awaited(filled, -1)
    return served


def _change_awaited(units: Mapping[UUID, int], sign: int) -> None:
    for rule_id, quantity in units.items():
        BackorderRule.objects.filter(pk=rule_id).update(awaited=F("awaited") + sign * quantity)
