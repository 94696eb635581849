from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from accounts import phone_numbers, postal
from accounts.models import Address, User
from core.errors import DomainError, NotFound

MAXIMUM_ADDRESSES = 100


class TooManyAddresses(DomainError):
    code = "too_many_addresses"
    title = f"An account keeps at most {MAXIMUM_ADDRESSES} addresses."


CHANGE_ADDRESS_ERRORS: Final = (
    NotFound,
    postal.InvalidAddress,
    phone_numbers.InvalidPhoneNumber,
)
ADD_ADDRESS_ERRORS: Final = (
    postal.InvalidAddress,
    phone_numbers.InvalidPhoneNumber,
    TooManyAddresses,
)


@dataclass(frozen=True, slots=True)
class AddressFields:
    full_name: str
    line1: str
    country: str
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    phone_number: str = ""
    is_default_shipping: bool = False
    is_default_billing: bool = False


@transaction.atomic
def add_address(*, user: User, fields: AddressFields) -> Address:
    """Keep an address; as a default it takes the place of the one before.

    Locks the user.
    """
    values = _checked(fields)
    _lock(user)
    if Address.objects.filter(user=user).count() >= MAXIMUM_ADDRESSES:
        raise TooManyAddresses
    _clear_defaults(user, values)
    address: Address = Address.objects.create(user=user, **values)
    return address


@transaction.atomic
def change_address(
    *,
    user: User,
    address_id: UUID,
    changes: dict[str, Any],
) -> Address:
    """Change some fields of an address; the whole must be valid afterwards.

    Locks the user.
    """
    address = lock_address(user=user, address_id=address_id)
    before = {name: getattr(address, name) for name in AddressFields.__dataclass_fields__}
    values = _checked(AddressFields(**before | changes))
    _clear_defaults(user, values, keep=address_id)
    for name, value in values.items():
        setattr(address, name, value)
    address.save(update_fields=[*values, "updated_at"])
    return address


@transaction.atomic
def remove_address(*, user: User, address_id: UUID) -> None:
    """Locks the user."""
    lock_address(user=user, address_id=address_id).delete()


def lock_address(*, user: User, address_id: UUID) -> Address:
    """Return an address of the user, whose address book is locked until the transaction ends."""
    _lock(user)
    return _own(user, address_id)


def _checked(fields: AddressFields) -> dict[str, Any]:
    values = {name: v.strip() if isinstance(v, str) else v for name, v in asdict(fields).items()}
    values["country"] = values["country"].upper()
    values = postal.checked(country=values["country"], fields=values)
    values["phone_number"] = phone_numbers.normalise(
        values["phone_number"], country=values["country"]
    )
    return values


def _lock(user: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _own(user: User, address_id: UUID) -> Address:
    address: Address | None = Address.objects.filter(user=user, pk=address_id).first()
    if address is None:
        raise NotFound("There is no such address in your address book.")
    return address


def _clear_defaults(user: User, values: dict[str, Any], keep: UUID | None = None) -> None:
    others = Address.objects.filter(user=user).exclude(pk=keep)
    for name in ("is_default_shipping", "is_default_billing"):
        if values[name]:
            others.filter(**{name: True}).update(**{name: False})
