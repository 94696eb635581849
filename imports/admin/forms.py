from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from core.money import MINOR_DIGITS
from imports.models import ImportMode
from imports.selectors.jobs import mappings
from imports.services.applying import ImportOptions
from imports.services.columns import FIELDS, KINDS
from imports.services.jobs import Beginning
from imports.services.numbers import Style
from imports.services.tables import ATTRIBUTE
from inventory.services.stock import MOST_UNITS

_NOT_READ = ("", "not read")
_STYLES = [("", "recognise it"), (".", "point: 1,234.56"), (",", "comma: 1.234,56")]


def _kept_mappings() -> list[tuple[str, str]]:
    return [("", "none"), *((mapping.name, mapping.name) for mapping in mappings())]


class UploadForm(forms.Form):
    file = forms.FileField(
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,.gz,.xlsx"}),
        help_text="CSV, packed by gzip or not, or XLSX. You see it before anything is imported.",
    )


class ImportForm(forms.Form):
    """How to read an uploaded file, and a place for each of its columns."""

    saved_mapping = forms.ChoiceField(
        choices=_kept_mappings,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Instead of the choices in the table below.",
    )
    save_mapping_as = forms.CharField(
        required=False, max_length=80, widget=UnfoldAdminTextInputWidget
    )
    currency = forms.ChoiceField(
        choices=[(code, code) for code in sorted(MINOR_DIGITS)],
        initial=settings.CURRENCY,
        widget=UnfoldAdminSelectWidget,
        help_text="Of new products whose row names none.",
    )
    decimal = forms.ChoiceField(
        choices=_STYLES, required=False, label="Decimal sign", widget=UnfoldAdminSelectWidget
    )
    price_rule = forms.CharField(
        required=False,
        max_length=40,
        widget=UnfoldAdminTextInputWidget,
        help_text="For new products without a price: 9.99, or 7.99..29.99.",
    )
    stock = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_UNITS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Units of new products whose row does not say.",
    )
    mode = forms.ChoiceField(
        choices=[
            (ImportMode.PARTIAL.value, "take the good rows"),
            (ImportMode.ATOMIC.value, "refuse the file for one bad row"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    dry_run = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        label="Only report",
        help_text="Write nothing.",
    )

    def __init__(self, data: Any = None, *, beginning: Beginning) -> None:
        super().__init__(data)
        self.beginning = beginning
        fields = [(field, field) for field in FIELDS]
        for place, header in self._open_columns():
            name = header.removeprefix(ATTRIBUTE)
            attributes = [(f"{ATTRIBUTE}{name}:{kind}", f"attribute, {kind}") for kind in KINDS]
            self.fields[f"column_{place}"] = forms.ChoiceField(
                choices=[_NOT_READ, *fields, *attributes],
                required=False,
                widget=UnfoldAdminSelectWidget,
            )

    def _open_columns(self) -> list[tuple[int, str]]:
        return [
            (place, header)
            for place, header in enumerate(self.beginning.headers)
            if header and place not in self.beginning.targets
        ]

    def columns(self) -> list[tuple[str, str, Any]]:
        """Return for each column its name, and what it is or the field that asks."""
        targets = self.beginning.targets
        choices = {field.name: field for field in self}
        return [
            (header, targets.get(place, ""), choices.get(f"column_{place}"))
            for place, header in enumerate(self.beginning.headers)
        ]

    def own_fields(self) -> list[Any]:
        return [field for field in self if not field.name.startswith("column_")]

    def mapping(self) -> dict[str, str]:
        data = self.cleaned_data
        chosen = [(data[f"column_{place}"], header) for place, header in self._open_columns()]
        return {target: header for target, header in chosen if target}

    def options(self, mapping: dict[str, str]) -> ImportOptions:
        data = self.cleaned_data
        return ImportOptions(
            currency=data["currency"],
            mapping=mapping,
            price_rule=data["price_rule"],
            stock=data["stock"],
            style=Style(data["decimal"]),
            mode="atomic" if data["mode"] == ImportMode.ATOMIC else "partial",
            is_dry_run=data["dry_run"],
        )
