"""Opening, changing and closing the places that hold stock."""

from __future__ import annotations

from itertools import count
from typing import Final, TypedDict
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from core.errors import DomainError, InvalidInput, NotFound
from inventory import selectors
from inventory.models import Location, StockItem, Transfer, TransferStatus
from inventory.services import listings

_FIRST_CODE = "main"
_FIRST_NAME = "Main warehouse"
_CODE_LENGTH = 40


class LocationNotEmpty(DomainError):
    code = "location_not_empty"
    title = "This location still holds stock. Move or write it off first."


class LocationCodeTaken(InvalidInput):
    code = "taken"
    title = "Another location has this code."
    at = "#/code"

    def __init__(self) -> None:
        super().__init__(pointer="#/code")


class LocationFields(TypedDict, total=False):
    name: str
    code: str
    kind: str
    country: str
    priority: int
    is_active: bool


CREATE_LOCATION_ERRORS: Final = (LocationCodeTaken,)
UPDATE_LOCATION_ERRORS: Final = (NotFound, LocationCodeTaken)
DELETE_LOCATION_ERRORS: Final = (NotFound, LocationNotEmpty)


@transaction.atomic
def create_location(*, fields: LocationFields) -> Location:
    """Open a location; without a code its name gives one."""
    location = Location(**{**fields, "code": fields.get("code") or _free_code(fields["name"])})
    _save(location)
    return location


@transaction.atomic
def update_location(*, location_id: UUID, changes: LocationFields) -> Location:
    """Change a location; what it holds can be bought only while it is active.

    Locks the location.
    """
    location = lock_location(location_id=location_id)
    was_active = location.is_active
    for column, value in changes.items():
        setattr(location, column, value)
    _save(location, changed=[*changes, "updated_at"])
    if location.is_active != was_active:
        _refresh_listings(location)
    return location


@transaction.atomic
def delete_location(*, location_id: UUID) -> None:
    """Close a location for good; its history stays.

    Locks the location and its stock items. While a transfer from it or to it is under way, it
    is not empty either.
    """
    location = lock_location(location_id=location_id)
    items = StockItem.objects.filter(location=location).order_by("pk")
    if any(item.on_hand for item in items.select_for_update(no_key=True)):
        raise LocationNotEmpty
    on_their_way = Transfer.objects.filter(status=TransferStatus.IN_TRANSIT)
    if on_their_way.filter(Q(source=location) | Q(destination=location)).exists():
        raise LocationNotEmpty("Goods are on their way from here or to here.")
    location.delete()


def lock_location(*, location_id: UUID) -> Location:
    """Return the living location, locked until the transaction ends.

    It is locked against new stock items too, which refer to it.
    """
    found: Location | None = Location.objects.select_for_update().filter(pk=location_id).first()
    if found is None:
        raise NotFound("There is no such location.")
    return found


def default_location() -> Location:
    """Return the location that goods go to unless told otherwise; a new shop's first is made."""
    if not Location.objects.exists():
        Location.objects.get_or_create(code=_FIRST_CODE, defaults={"name": _FIRST_NAME})
    return selectors.default_location()


def _free_code(name: str) -> str:
    base = slugify(name)[: _CODE_LENGTH - 4] or "location"
    taken = set(Location.objects.filter(code__startswith=base).values_list("code", flat=True))
    candidates = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(code for code in candidates if code not in taken)


def _save(location: Location, *, changed: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            location.save(force_insert=changed is None, update_fields=changed)
    except IntegrityError as error:
        if "location_code_is_unique" in str(error):
            raise LocationCodeTaken from error
        raise


def _refresh_listings(location: Location) -> None:
    """Let the catalog follow: stock appeared or vanished with its location."""
    holding = StockItem.objects.filter(location=location, on_hand__gt=0)
    locked = holding.order_by("pk").select_for_update(no_key=True)
    variant_ids = list(locked.values_list("variant_id", flat=True))
    holding.update(is_listed=False, updated_at=timezone.now())
    listings.refresh_availability(variant_ids=variant_ids)
