"""Forms of the backoffice that tell the second of two people, instead of overwriting the first.

A form carries, hidden, a digest of each value that it showed. What differs by the time it is sent,
and would be overwritten, is named; what was typed stays.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from django import forms
from django.db import connection

if TYPE_CHECKING:  # generic to the type checker only
    _ModelForm = forms.ModelForm[Any]
else:
    _ModelForm = forms.ModelForm

FIELD: Final = "shown_state"
# Of the advisory locks that are held while a form is saved, one for each row.
_LOCK: Final = 21221

AnyForm = TypeVar("AnyForm", bound=type[Any])


class ShownStateField(forms.CharField):
    """Digests of what the form showed, by field; nothing of the row itself."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ShownStateMixin(_ModelForm):
    shown_state = ShownStateField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance._state.adding
        self._present = {} if is_new else {name: self._digest(name) for name in self._compared()}
        self.initial[FIELD] = json.dumps(self._present)

    def clean(self) -> dict[str, Any]:
        """Refuse to overwrite what has changed since the form was opened."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        shown = data.pop(FIELD, "")
        if shown and self._present:
            self._refuse_stale(_parsed(shown))
        return data

    def _refuse_stale(self, shown: dict[str, Any]) -> None:
        stale = [
            str(self[name].label)
            for name in self.changed_data
            if name in self._present and shown.get(name) != self._present[name]
        ]
        if stale:
            self.add_error(
                None,
                forms.ValidationError(
                    "Someone else has changed this since you opened it: %(fields)s. Nothing was "
                    "saved, and what you typed is kept: save again to overwrite theirs.",
                    code="stale",
                    params={"fields": ", ".join(stale)},
                ),
            )
            # The page that says so shows the present state, so that saving again is possible.
            sent: Any = self.data
            sent = sent.copy()
            sent[self.add_prefix(FIELD)] = self.initial[FIELD]
            self.data = sent

    def _compared(self) -> list[str]:
        return [name for name, field in self.fields.items() if name != FIELD and not field.disabled]

    def _digest(self, name: str) -> str:
        field = self.fields[name]
        value = field.prepare_value(self.get_initial_for_field(field, name))
        if isinstance(value, list | tuple):
            value = sorted(str(part) for part in value)
        return hashlib.blake2b(str(value).encode(), digest_size=6).hexdigest()


def _parsed(shown: str) -> dict[str, Any]:
    """Return the digests by field; of what is none of ours that is nothing, so all is stale."""
    try:
        found = json.loads(shown)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def noticing_others(form: AnyForm) -> AnyForm:
    """Return the class of form, with the hidden field."""
    noticing: Any = type(form.__name__, (ShownStateMixin, form), {})
    return cast("AnyForm", noticing)


def wait_for_others(row: str) -> None:
    """Wait until nobody else saves the same form; until the transaction ends, others wait.

    The row itself is locked by services, in their order: variants before products, stock before
    both. A lock of their own keeps forms from coming into the way of that.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, row])
