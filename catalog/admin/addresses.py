from __future__ import annotations

from typing import Any, ClassVar

from unfold.decorators import display

from catalog.selectors.former_slugs import former_slugs_of


class FormerAddressesMixin:
    """Shows the slugs that a row had before; list ``former_addresses`` among the fields."""

    readonly_fields: ClassVar[tuple[str, ...]] = ("former_addresses",)

    @display(description="Former slugs", empty_value="none")
    def former_addresses(self, row: Any) -> str | None:
        return (", ".join(former_slugs_of(row)) or None) if row and row.pk else None
