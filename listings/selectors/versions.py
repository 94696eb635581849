"""The version of everything that the public sees of the catalog."""

from __future__ import annotations

from typing import Final

from listings.models import CatalogVersion

NO_VERSION: Final = "none"  # before the first commit that shows anything


def catalog_version() -> str:
    """Return the version that the latest commit left: one query."""
    version = CatalogVersion.objects.values_list("version", flat=True).first()
    return str(version) if version else NO_VERSION
