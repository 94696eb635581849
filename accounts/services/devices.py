"""Devices that signed in to an account before: guesses of strangers do not lock them out.

A device holds a signed token. It proves nothing but that: the password is asked for as ever, and
guesses made with the token are counted by it.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.core import signing

KNOWN_FOR: Final = timedelta(days=90)
_SALT: Final = "accounts.devices"


def token_for(*, email: str) -> str:
    return signing.dumps([_account(email), secrets.token_hex(12)], salt=_SALT)


def device_of(*, token: str, email: str) -> str:
    """Return what the device of this token is called, or nothing if it is not of the account."""
    try:
        account, device = signing.loads(token, salt=_SALT, max_age=KNOWN_FOR)
    except (signing.BadSignature, ValueError):
        return ""
    return str(device) if account == _account(email) else ""


def _account(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()
