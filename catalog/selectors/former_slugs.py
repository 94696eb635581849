"""Where an address leads that something had before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from catalog.models import Brand, Category, FormerSlug, Product


@dataclass(frozen=True)
class Moved:
    """What had a slug before, and the slug that it has now."""

    id: UUID
    slug: str


def moved_to(model: type[Product | Category | Brand], slug: str) -> Moved | None:
    """Return what had ``slug`` before, if the public sees it: one query."""
    owner = str(model._meta.model_name)
    seen: dict[str, Any] = {f"{owner}__isnull": False, f"{owner}__deleted_at": None}
    if model is Product:
        seen[f"{owner}__is_active"] = True
    former = FormerSlug.objects.filter(slug=slug, **seen)
    found = former.values_list(f"{owner}_id", f"{owner}__slug").first()
    return Moved(*found) if found else None


def former_slugs_of(row: Product | Category | Brand) -> list[str]:
    """Return the slugs that lead to ``row``, beside its own."""
    former = FormerSlug.objects.filter(**{str(row._meta.model_name): row}).exclude(slug=row.slug)
    return list(former.order_by("slug").values_list("slug", flat=True))
