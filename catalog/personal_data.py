"""What this app holds on a person."""

from __future__ import annotations

from uuid import UUID

from catalog.selectors.vendors import vendors_of
from core.personal_data import Rows, section


@section("sells_for")
def vendors_sold_for(user_id: UUID) -> Rows:
    """Yield the vendors that the person sells for."""
    for vendor in vendors_of(user_id):
        yield {"name": vendor.name, "slug": vendor.slug}
