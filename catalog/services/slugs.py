"""Slugs: short, readable addresses, unique among the living."""

from __future__ import annotations

import re
from typing import Any

from anyascii import anyascii
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.text import slugify

from catalog.models import Brand, Category, FormerSlug, Product, Vendor

# Names of routes beside ``{id-or-slug}/``.
_RESERVED = frozenset({"export", "import", "related", "suggest", "tree"})
_ADVISORY_LOCK = 21219
_LONGEST = 120


def slug_of(name: str) -> str:
    """Return ``name`` in the letters of an address, romanised; empty if nothing is left of it."""
    return slugify(anyascii(name))[:_LONGEST].strip("-_")


def unique_slug(model: type[Product | Category | Brand | Vendor], name: str) -> str:
    """Return a slug for ``name`` that no living row of ``model`` has.

    ``dune`` is followed by ``dune-2`` and so on. Holds a lock on that beginning until the
    transaction ends, so that two at once get two slugs.
    """
    base = slug_of(name) or str(model._meta.model_name)
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        name = f"{model._meta.label}:{base}"
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_ADVISORY_LOCK, name])
    pattern = rf"^{re.escape(base)}(-[0-9]+)?$"
    taken = set(model.objects.filter(slug__regex=pattern).values_list("slug", flat=True))
    taken |= _RESERVED
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def remember_slug(row: Product | Category | Brand, *, wanted: str | None) -> None:
    """Let the slug that ``row`` is about to give up for ``wanted`` lead to it from now on.

    None: it keeps what it has.
    """
    if wanted is None or wanted == row.slug:
        return
    owner = str(row._meta.model_name)
    former: dict[str, Any] = {"slug": row.slug, f"{owner}__isnull": False}
    FormerSlug.objects.update_or_create(**former, defaults={owner: row})
