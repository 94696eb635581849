"""Telephone numbers: checked by the library that knows every country's plan, kept as E.164.

An extension follows as in RFC 3966: ``+4930901820;ext=12``.
"""

import phonenumbers

from core.errors import InvalidInput


class InvalidPhoneNumber(InvalidInput):
    code = "invalid_phone_number"
    title = "This is not a telephone number."
    at = "#/phone_number"


def normalise(text: str, *, country: str | None = None, pointer: str = "#/phone_number") -> str:
    """Return the number as E.164 (``+4930901820``), or "" for an empty one.

    Numbers in national form are read as of ``country``.
    """
    if not text.strip():
        return ""
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException as error:
        raise InvalidPhoneNumber(_advice(country), pointer=pointer) from error
    if not phonenumbers.is_possible_number(number):
        raise InvalidPhoneNumber(_advice(country), pointer=pointer)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{e164};ext={number.extension}" if number.extension else e164


def _advice(country: str | None) -> str:
    form = (
        "in full, such as +4930901820"
        if country is None
        else f"as dialled in {country}, or in full"
    )
    return f"This is not a telephone number; give it {form}."
