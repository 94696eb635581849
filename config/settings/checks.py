"""What a variable of the environment has to be, so that a mistake stops the start."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from environs import ValidationError


def is_time_zone(name: str) -> None:
    """Refuse what is no name of a time zone, such as ``CET+1``."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValidationError(f"{name!r} is no time zone: it looks like Europe/Berlin.") from error


def is_iban(text: str) -> None:
    """Refuse what is neither empty nor an IBAN, with or without spaces.

    ISO 13616: with the country and the check digits at the end, and letters as 10 to 35, the
    number leaves 1 when divided by 97.
    """
    iban = text.replace(" ", "")
    is_formed = re.fullmatch(r"([A-Z]{2}\d{2}[A-Z0-9]{11,30})?", iban)
    digits = "".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4]) if is_formed else ""
    if iban and int(digits or 0) % 97 != 1:
        raise ValidationError(f"{text!r} is no IBAN.")


def is_bic(text: str) -> None:
    """Refuse what is neither empty nor a BIC (ISO 9362)."""
    if not re.fullmatch(r"([A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?)?", text):
        raise ValidationError(f"{text!r} is no BIC.")
