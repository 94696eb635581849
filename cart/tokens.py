"""The secret that makes a guest's cart theirs: only its digest is stored."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """Return 256 random bits, fit for a header."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """Return the SHA-256 by which a token is found; an empty token has none."""
    return hashlib.sha256(token.encode()).hexdigest() if token else ""
