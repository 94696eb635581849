"""Text as people type and copy it."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from rest_framework.exceptions import ValidationError

from core import text
from core.admin import LongTextField as AdminLongTextField
from core.admin import OneLineField
from core.api.fields import LongTextField, TextField


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada \n", "Ada"),
        ("1 Street\nBcc: x@example.com", "1 Street Bcc: x@example.com"),
        ("a\t\r\n\x0bb\u2028c\x85d", "a b c d"),
        ("Jose\u0301", "José"),
        ("\ufeffAda\u200b\u2060 Love\u00adlace\u202e", "Ada Lovelace"),
        ("\x07\x1bAda\x7f", "Ada"),
        ("\u200b\ufeff\u3164\u2800", ""),
        ("\u200d\ufe0f\u200c", ""),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ශ\u0dca\u200dරී", "ශ\u0dca\u200dරී"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("Ａda", "Ａda"),  # a name is left as it is written
        ("a\x00b", "a\x00b"),  # for the validator to refuse
    ],
)
def test_one_line(typed: str, kept: str) -> None:
    assert text.one_line(typed) == kept
    assert text.one_line(kept) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\ntwo\rthree\u2028four\n", "one\ntwo\nthree\nfour"),
        ("\tcode\n\n\x07end\u200b", "code\n\nend"),
        ("\n\u200b\n", ""),
    ],
)
def test_paragraphs_keep_their_lines(typed: str, kept: str) -> None:
    assert text.paragraphs(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "SAVE-10",
        " save-10\n",
        "\ufeffSAVE\u200b-10",
        "ＳＡＶＥ－１０",
        "save\u201010",
        "SA\u200dVE-10\u2060",
        "save\u221210",
    ],
)
def test_a_code_is_understood_however_it_was_copied(typed: str) -> None:
    assert text.code(typed) == "SAVE-10"


def test_a_password_is_the_same_from_every_keyboard() -> None:
    assert text.password("cafe\u0301 ｐａｓｓ ") == text.password("café pass ")


@pytest.mark.parametrize("field", [TextField(), LongTextField(), OneLineField()])
def test_a_name_that_nobody_can_see_is_missing(field: Any) -> None:
    invalid = field.clean if isinstance(field, forms.Field) else field.run_validation
    with pytest.raises((ValidationError, forms.ValidationError)):
        invalid("\u200b\u3164")


def test_fields_normalise_by_kind() -> None:
    assert TextField().run_validation("a\nb\u200b") == OneLineField().clean("a\nb\u200b") == "a b"
    assert LongTextField().run_validation("a\r\nb") == "a\nb"
    assert AdminLongTextField().clean("a\r\nb\u200b") == "a\nb"
    assert TextField(trim_whitespace=False).run_validation(" a\u200b ") == " a\u200b "


@pytest.mark.parametrize("sent", ["a\x00b", 7, True, None, ["a"]])
def test_what_is_no_text_is_refused(sent: Any) -> None:
    with pytest.raises(ValidationError):
        TextField().run_validation(sent)
