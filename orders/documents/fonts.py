"""Which fonts have which letters: those shipped, those of the settings, those of this machine."""

from __future__ import annotations

import logging
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import uharfbuzz
from django.conf import settings

SHIPPED: Final = Path(__file__).parent / "fonts"
REGULAR: Final = SHIPPED / "DejaVuSans.ttf"
BOLD: Final = SHIPPED / "DejaVuSans-Bold.ttf"
# Where the systems keep fonts; searched only for letters that no other font has.
_FOLDERS: Final = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts"),
}

logger = logging.getLogger(__name__)


def is_invisible(letter: str) -> bool:
    """Whether a letter only says how others are joined or drawn, so that none need have it."""
    return unicodedata.category(letter) == "Cf" or "\ufe00" <= letter <= "\ufe0f"


def fonts_for(letters: Iterable[str]) -> tuple[list[Path], frozenset[str]]:
    """Return the fonts that are needed beside DejaVu Sans, and the letters that no font has."""
    missing = {letter for letter in letters if ord(letter) not in coverage(REGULAR)}
    missing -= {letter for letter in missing if letter == "\n" or is_invisible(letter)}
    needed = []
    for path in _candidates():
        if not missing:
            break
        if found := {letter for letter in missing if ord(letter) in coverage(path)}:
            needed.append(path)
            missing -= found
    if missing:
        names = ", ".join(sorted(f"U+{ord(letter):04X}" for letter in missing))
        logger.warning("No font has these letters: %s. Name one in DOCUMENT_FONTS.", names)
    return needed, frozenset(missing)


def _candidates() -> Iterator[Path]:
    yield from map(Path, settings.DOCUMENT_FONTS)
    yield from sorted(set(SHIPPED.glob("*.ttf")) - {REGULAR, BOLD})
    yield from _system_fonts()


@cache
def _system_fonts() -> list[Path]:
    folders = [Path(folder) for folder in _FOLDERS.get(sys.platform, ())]
    found = sorted(path for folder in folders for path in folder.rglob("*.ttf"))
    # Regular before bold or italic, and fonts made to cover the world before all others.
    drawn = [path for path in found if "Color" not in path.name]  # those are bitmaps
    return sorted(drawn, key=lambda path: ("Noto" not in path.name, "Regular" not in path.name))


@cache
def coverage(path: Path) -> frozenset[int]:
    """Return the code points that a font has a shape for; none if it cannot be read."""
    try:
        found = frozenset(uharfbuzz.Face(path.read_bytes()).unicodes)
    except OSError:
        found = frozenset()
    if not found:
        logger.warning("The font %s cannot be read.", path)
    return found
