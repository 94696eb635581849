from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from accounts.models import ApiKey, User
from core.errors import DomainError

# `last_used_at` is as old as this at most; writing it at every call would make each key a hot row.
USE_NOTED_EVERY: Final = timedelta(minutes=1)


class InvalidApiKey(DomainError):
    code = "api_key_invalid"
    status = 401
    title = "The API key is not valid."


@dataclass(frozen=True, slots=True)
class NewKey:
    name: str
    scopes: Sequence[str]
    expires_at: datetime | None = None
    rate_per_minute: int = 600


def create_api_key(*, new: NewKey, created_by: User | None) -> tuple[ApiKey, str]:
    """Make a key and return it with the text to send, which is shown this once."""
    secret = secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=new.name,
        prefix=secrets.token_hex(6),
        secret_hash=_hash(secret),
        scopes=sorted(set(new.scopes)),
        expires_at=new.expires_at,
        rate_per_minute=new.rate_per_minute,
        created_by=created_by,
    )
    return key, f"{key.prefix}.{secret}"


@transaction.atomic
def revoke_api_key(*, key: ApiKey, now: datetime) -> None:
    """Refuse the key from now on; it cannot be brought back."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now, updated_at=now)


def prove_api_key(*, text: str, now: datetime) -> ApiKey:
    """Return the key that ``prefix.secret`` opens."""
    prefix, _, secret = text.partition(".")
    key = ApiKey.objects.filter(prefix=prefix).first()
    expected = key.secret_hash if key else _hash("")
    if not hmac.compare_digest(expected, _hash(secret)) or key is None:
        raise InvalidApiKey
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        raise InvalidApiKey("The API key was revoked or has expired.")
    if key.last_used_at is None or key.last_used_at <= now - USE_NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return key


def _hash(secret: str) -> str:
    """SHA-256 suffices: the secret is random, there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()
