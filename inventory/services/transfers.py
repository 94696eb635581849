"""Moving goods from one location to another: sent and received, or at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import DomainError, InvalidInput, NotFound
from inventory.models import Location, MovementReason, Transfer, TransferLine, TransferStatus
from inventory.services.stock import ADJUST_ERRORS, Adjustment, adjust


class TransferFinished(DomainError):
    code = "transfer_finished"
    title = "This transfer is finished."


class InvalidTransfer(InvalidInput):
    code = "invalid_transfer"
    title = "A transfer moves goods from one location to another."


@dataclass(frozen=True)
class NewTransfer:
    """Units by variant that leave ``source_id`` for ``destination_id``.

    ``is_immediate``: they arrive at once, as between two rooms.
    """

    source_id: UUID
    destination_id: UUID
    units: Mapping[UUID, int]
    note: str = ""
    is_immediate: bool = False


START_TRANSFER_ERRORS: Final = (InvalidTransfer, NotFound, *ADJUST_ERRORS)
FINISH_TRANSFER_ERRORS: Final = (NotFound, TransferFinished, *ADJUST_ERRORS)


@transaction.atomic
def start_transfer(*, new: NewTransfer, actor: User | None) -> Transfer:
    """Take goods from their location; what is promised to orders stays there.

    Locks the two locations, so that neither closes while goods are on their way, then the stock
    items in the order of their keys.
    """
    if not new.units or new.source_id == new.destination_id or min(new.units.values()) < 1:
        raise InvalidTransfer
    _lock_locations(new.source_id, new.destination_id)
    transfer = Transfer(
        source_id=new.source_id,
        destination_id=new.destination_id,
        note=new.note,
        created_by=actor,
    )
    if new.is_immediate:
        transfer.status, transfer.finished_at = TransferStatus.RECEIVED, timezone.now()
    transfer.save(force_insert=True)
    lines = TransferLine.objects.bulk_create(
        TransferLine(transfer=transfer, variant_id=variant_id, quantity=quantity)
        for variant_id, quantity in new.units.items()
    )
    rows = _rows(transfer, lines, new.source_id, -1)
    if new.is_immediate:
        rows += _rows(transfer, lines, new.destination_id, 1)
    adjust(rows=rows, actor=actor)
    return transfer


@transaction.atomic
def receive_transfer(*, transfer_id: UUID, actor: User | None) -> Transfer:
    """Put goods that were on their way on stock at their destination.

    Locks the transfer, then the stock.
    """
    transfer = _lock(transfer_id)
    return _finish(transfer, TransferStatus.RECEIVED, transfer.destination_id, actor)


@transaction.atomic
def cancel_transfer(*, transfer_id: UUID, actor: User | None) -> Transfer:
    """Put goods that were on their way back where they came from.

    Locks the transfer, then the stock.
    """
    transfer = _lock(transfer_id)
    return _finish(transfer, TransferStatus.CANCELLED, transfer.source_id, actor)


def _lock(transfer_id: UUID) -> Transfer:
    transfer = Transfer.objects.select_for_update().filter(pk=transfer_id).first()
    if transfer is None:
        raise NotFound("There is no such transfer.")
    if transfer.status != TransferStatus.IN_TRANSIT:
        raise TransferFinished
    return transfer


def _finish(
    transfer: Transfer, status: TransferStatus, location_id: UUID, actor: User | None
) -> Transfer:
    transfer.status, transfer.finished_at = status, timezone.now()
    transfer.save(update_fields=["status", "finished_at", "updated_at"])
    lines = TransferLine.objects.filter(transfer=transfer).order_by("id")
    adjust(rows=_rows(transfer, list(lines), location_id, 1), actor=actor)
    return transfer


def _lock_locations(*location_ids: UUID) -> None:
    """Share the living locations: they may be sent to by many, but not closed."""
    locations = Location.objects.filter(pk__in=location_ids).order_by("pk")
    if len(locations.select_for_update(no_key=True)) < len(location_ids):
        raise NotFound("There is no such location.")


def _rows(
    transfer: Transfer, lines: Sequence[TransferLine], location_id: UUID, sign: int
) -> list[Adjustment]:
    return [
        Adjustment(
            variant_id=line.variant_id,
            location_id=location_id,
            reason=MovementReason.TRANSFERRED,
            delta=sign * line.quantity,
            note=transfer.note,
            reference=str(transfer.pk),
        )
        for line in lines
    ]
