"""Stock as staff type, paste or scan it: a SKU and a number a line, or CSV."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog.models import ProductVariant
from catalog.selectors import variants as variant_selectors
from inventory.models import Location, MovementReason
from inventory.services import Adjustment
from inventory.services.stock import MOST_UNITS

MOST_LINES = 2000
SHOWN = 5
COLUMNS = ("sku", "location", "delta", "set_to", "reason", "note")
_LINE = re.compile(r"(?P<sku>\S.*?)[\s,;]+(?P<units>[0-9]{1,10})")
_NUMBER = re.compile(r"[+-]?[0-9]{1,10}")


class SkuLinesField(forms.CharField):
    """Units by variant; a SKU that stands there twice adds up."""

    widget = UnfoldAdminTextareaWidget
    default_help_text = "A line each: the SKU and the number, such as AUSTEN-PP-PB 12."

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"help_text": self.default_help_text, **kwargs})

    def clean(self, value: Any) -> dict[UUID, int]:
        lines = [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]
        found = [(line, _LINE.fullmatch(line)) for line in lines]
        if unread := [line for line, match in found if match is None]:
            raise forms.ValidationError(f"No SKU and number: {_some(unread)}.")
        lines_read = [(match["sku"], int(match["units"])) for _, match in found if match]
        variants = variants_by_sku([sku for sku, _ in lines_read])
        units: dict[UUID, int] = defaultdict(int)
        for sku, number in lines_read:
            units[variants[sku]] += number
        if most := {sku for sku, _ in lines_read if units[variants[sku]] > MOST_UNITS}:
            raise forms.ValidationError(f"Too many units: {_some(sorted(most))}.")
        return dict(units)


class AdjustmentsField(forms.CharField):
    """Adjustments as CSV with a head: sku, location (its code), delta or set_to, reason, note."""

    widget = UnfoldAdminTextareaWidget

    def clean(self, value: Any) -> list[Adjustment]:
        reader = csv.DictReader(io.StringIO(str(super().clean(value)).strip()), strict=True)
        try:
            rows = list(reader)
        except csv.Error as error:
            raise forms.ValidationError(f"This is no CSV: {error}.") from None
        unknown = set(reader.fieldnames or ()) - set(COLUMNS)
        if unknown or not {"sku", "location"} <= set(reader.fieldnames or ()):
            raise forms.ValidationError(f"The first line names columns of {', '.join(COLUMNS)}.")
        if len(rows) > MOST_LINES:
            raise forms.ValidationError(f"At most {MOST_LINES} lines at once.")
        variants = variants_by_sku([(row["sku"] or "").strip() for row in rows])
        locations = dict(Location.objects.values_list("code", "pk"))
        errors: list[str] = []
        adjustments = []
        for number, row in enumerate(rows, start=2):
            try:
                adjustments.append(_adjustment(row, variants, locations))
            except ValueError as error:
                errors.append(f"Line {number}: {error}")
        if errors:
            raise forms.ValidationError(errors[:10])
        return adjustments


def variant_of_sku(sku: str) -> ProductVariant:
    variant = variant_selectors.variants_by_sku([sku]).get(sku)
    if variant is None:
        raise forms.ValidationError("No variant has this SKU.")
    return variant


def variants_by_sku(skus: Any) -> dict[str, UUID]:
    """Return the living variants by these SKUs of them: one query.

    Raises ValidationError naming those that do not exist.
    """
    wanted = set(skus)
    found = variant_selectors.variants_by_sku(wanted)
    if missing := sorted(wanted - set(found)):
        raise forms.ValidationError(f"No variant has this SKU: {_some(missing)}.")
    return {sku: variant.pk for sku, variant in found.items()}


def _adjustment(
    row: dict[str, Any], variants: dict[str, UUID], locations: dict[str, UUID]
) -> Adjustment:
    """Return the adjustment of a line; raises ValueError with what is wrong."""
    given = {name: (row.get(name) or "").strip() for name in COLUMNS}
    numbers = {name: given[name] for name in ("delta", "set_to") if given[name]}
    if len(numbers) != 1:
        raise ValueError("give delta or set_to.")
    name, text = numbers.popitem()
    if (
        not _NUMBER.fullmatch(text)
        or abs(int(text)) > MOST_UNITS
        or (name, text[0]) == ("set_to", "-")
    ):
        raise ValueError(f"“{text}” is no number of units.")
    if given["location"] not in locations:
        raise ValueError(f"there is no location “{given['location']}”.")
    reason = given["reason"] or MovementReason.ADJUSTED
    if reason not in MovementReason.values:
        raise ValueError(f"“{reason}” is no reason.")
    return Adjustment(
        variant_id=variants[given["sku"]],
        location_id=locations[given["location"]],
        reason=MovementReason(reason),
        delta=int(text) if name == "delta" else None,
        set_to=int(text) if name == "set_to" else None,
        note=given["note"][:255],
    )


def _some(lines: list[str]) -> str:
    more = len(lines) - SHOWN
    return ", ".join(lines[:SHOWN]) + (f" and {more} more" if more > 0 else "")
