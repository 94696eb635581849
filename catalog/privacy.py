"""What this app holds on a person."""

from __future__ import annotations

from uuid import UUID

from catalog.selectors.vendors import vendors_of
from core.privacy import Rows, section


@section("sells_for")
def export_vendors(user_id: UUID) -> Rows:
    for vendor in vendors_of(user_id):
        yield {"name": vendor.name, "slug": vendor.slug}
