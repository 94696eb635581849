"""What people type, in one form by the kind of field: for API, admin and imports alike."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import idna

# Joiners shape Persian, Indic scripts and emoji; NUL is for validators to refuse.
_JOINERS: Final = frozenset("\u200c\u200d")
_KEPT: Final = _JOINERS | {"\0"}
# Letters by their category, but nothing that anyone can see: fillers and the blank of Braille.
_FILLERS: Final = frozenset("\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0")
_BREAKS: Final = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_LINE_ENDS: Final = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


def one_line(text: str) -> str:
    """Return a name or title: NFC, on one line, trimmed, without what nobody can see."""
    return _trimmed(_visible(_BREAKS.sub(" ", text)))


def paragraphs(text: str) -> str:
    """Return a note or description, whose lines and tabs are kept."""
    return _trimmed(_visible(_LINE_ENDS.sub("\n", text), keep="\n\t"))


def code(text: str) -> str:
    """Return a code as it was meant: full-width letters narrow, no invisible signs, capitals."""
    narrow = _DASHES.sub("-", unicodedata.normalize("NFKC", one_line(text)))
    return "".join(sign for sign in narrow if sign not in _JOINERS).strip().upper()


def email_address(text: str) -> str:
    """Return an address as it is stored: in lower case, its domain as the DNS writes it (UTS 46).

    So ``bücher.example`` and ``xn--bcher-kva.example`` are one. Raises ValueError when there can be
    no such domain.
    """
    local, at, domain = text.strip().rpartition("@")
    if not domain.isascii():
        domain = idna.encode(domain, uts46=True).decode()
    return f"{local}{at}{domain}".lower()


def typed_email_address(text: str) -> str:
    """Do the same with what is only looked for: what cannot be an address is found nowhere."""
    try:
        return email_address(text)
    except ValueError:
        return text.strip().lower()


def password(text: str) -> str:
    """Return the form that is hashed, the same from every keyboard (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", text)


def _visible(text: str, keep: str = "") -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        sign
        for sign in unicodedata.normalize("NFC", text)
        if sign in keep or sign in _KEPT or not _is_hidden(sign)
    )


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cf"} or sign in _FILLERS


def _trimmed(text: str) -> str:
    """Return the text without spaces around it; nothing, if all of it only joins or varies."""
    text = text.strip()
    if text.isascii() or any(_has_ink(sign) for sign in text):
        return text
    return ""


def _has_ink(sign: str) -> bool:
    is_selector = "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"
    return not (sign.isspace() or sign in _JOINERS or is_selector)
