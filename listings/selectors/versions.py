"""The version of everything that the public sees of the catalog."""

from __future__ import annotations

from typing import Final

from django.db import connection

NO_VERSION: Final = "none"  # before the first commit that shows anything
# As a part of a statement that reads something of this version.
VERSION: Final = "coalesce((SELECT version::text FROM catalog_catalogversion), 'none')"


def catalog_version() -> str:
    """Return the version that the latest commit left: one query by primary key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version::text FROM catalog_catalogversion")
        row = cursor.fetchone()
    return str(row[0]) if row else NO_VERSION
