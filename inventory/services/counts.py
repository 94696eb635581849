"""Stock-taking: count, look at the difference, confirm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import DomainError, NotFound
from inventory.models import CountLine, CountStatus, MovementReason, StockCount, StockItem
from inventory.services.locations import lock_location
from inventory.services.stock import ADJUST_ERRORS, Adjustment, adjust


class CountFinished(DomainError):
    code = "count_finished"
    title = "This count is finished."


START_COUNT_ERRORS: Final = (NotFound,)
RECORD_COUNT_ERRORS: Final = (NotFound, CountFinished)
CONFIRM_COUNT_ERRORS: Final = (NotFound, CountFinished, *ADJUST_ERRORS)
DISCARD_COUNT_ERRORS: Final = (NotFound, CountFinished)


@transaction.atomic
def start_count(*, location_id: UUID, note: str = "", actor: User | None) -> StockCount:
    location = lock_location(location_id=location_id)
    return StockCount.objects.create(location=location, note=note, created_by=actor)


@transaction.atomic
def record_count(*, count_id: UUID, units: Mapping[UUID, int]) -> StockCount:
    """Note how many units of each variant were just counted, beside what the books have now.

    A variant that is counted again counts anew. Locks the count.
    """
    count = _lock(count_id)
    items = StockItem.objects.filter(location_id=count.location_id, variant_id__in=units)
    on_hand = dict(items.values_list("variant_id", "on_hand"))
    CountLine.objects.bulk_create(
        [
            CountLine(
                count=count,
                variant_id=variant_id,
                counted=counted,
                expected=on_hand.get(variant_id, 0),
            )
            for variant_id, counted in units.items()
        ],
        update_conflicts=True,
        unique_fields=["count", "variant"],
        update_fields=["counted", "expected", "updated_at"],
    )
    return count


@transaction.atomic
def confirm_count(*, count_id: UUID, actor: User | None) -> StockCount:
    """Let stock follow the count: by the differences, so that sales since are respected.

    Locks the count, then the stock. InsufficientStock: less was counted than is promised.
    """
    count = _lock(count_id)
    lines = CountLine.objects.filter(count=count).order_by("id")
    rows = [
        Adjustment(
            variant_id=line.variant_id,
            location_id=count.location_id,
            reason=MovementReason.COUNTED,
            delta=line.difference,
            note=count.note,
            reference=str(count.pk),
        )
        for line in lines
        if line.difference
    ]
    if rows:
        adjust(rows=rows, actor=actor)
    return _finish(count, CountStatus.CONFIRMED)


@transaction.atomic
def discard_count(*, count_id: UUID) -> StockCount:
    return _finish(_lock(count_id), CountStatus.DISCARDED)


def _lock(count_id: UUID) -> StockCount:
    count = StockCount.objects.select_for_update().filter(pk=count_id).first()
    if count is None:
        raise NotFound("There is no such count.")
    if count.status != CountStatus.OPEN:
        raise CountFinished
    return count


def _finish(count: StockCount, status: CountStatus) -> StockCount:
    count.status, count.finished_at = status, timezone.now()
    count.save(update_fields=["status", "finished_at", "updated_at"])
    return count
