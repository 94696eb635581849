"""The addresses of an order: snapshots, checked by the rules of their country."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from accounts import phone_numbers, postal
from accounts import selectors as accounts_selectors
from accounts.models import Address, User
from accounts.phone_numbers import InvalidPhoneNumber
from accounts.postal import InvalidAddress
from core.errors import InvalidInput

FIELDS: Final = (
    "full_name",
    "line1",
    "line2",
    "city",
    "region",
    "postal_code",
    "country",
    "phone_number",
)

# An address in full, or the id of one in the customer's address book.
AddressChoice = Mapping[str, str] | UUID


class UnknownAddress(InvalidInput):
    """No address with this id is in the customer's address book."""

    code = "unknown_address"
    title = "There is no such address in your address book."
    at = "#/shipping_address"


SNAPSHOT_ERRORS: Final = (UnknownAddress, InvalidAddress, InvalidPhoneNumber)


def country_of(*addresses: Mapping[str, str] | None) -> str:
    """Return the country of the first address there is; empty where there is none."""
    return next((address.get("country", "") for address in addresses if address), "")


def snapshot(
    *, choice: AddressChoice | None, customer: User | None, pointer: str
) -> dict[str, str] | None:
    """Return the chosen address as the order keeps it; at most one query.

    ``pointer`` is where it stands in the request's body.
    """
    if choice is None:
        return None
    if isinstance(choice, UUID):
        book = accounts_selectors.addresses_of(customer) if customer else Address.objects.none()
        address = book.filter(pk=choice).first()
        if address is None:
            raise UnknownAddress(pointer=pointer)
        return {name: getattr(address, name) for name in FIELDS}
    fields = {name: str(choice.get(name, "")).strip() for name in FIELDS}
    fields["country"] = fields["country"].upper()
    fields = postal.checked(country=fields["country"], fields=fields, pointer=pointer)
    fields["phone_number"] = phone_numbers.normalise(
        fields["phone_number"], country=fields["country"], pointer=f"{pointer}/phone_number"
    )
    return fields
