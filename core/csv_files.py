"""Writing CSV that a spreadsheet opens without running anything in it, and reading it back."""

import csv
import re
from collections.abc import Iterable
from io import StringIO
from typing import Any

# A cell that begins so is a formula to Excel, LibreOffice and Google Sheets. One that looks
# defused already gets a further apostrophe, so that reading back gives what was written.
_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n]")


def defused(value: Any) -> Any:
    """Return a text that would be a formula with an apostrophe before it; others as they are."""
    return f"'{value}" if isinstance(value, str) and _DANGEROUS.match(value) else value


def undefused(text: str) -> str:
    """Return what ``defused`` was given."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text


def csv_line(values: Iterable[Any]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerow([defused(value) for value in values])
    return buffer.getvalue()
