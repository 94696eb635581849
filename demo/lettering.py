"""Setting a title on a cover: wrap it, balance the lines, find the largest size that fits."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageDraw, ImageFont

FONTS = Path(__file__).parent / "fonts"
BOLD, MEDIUM, ITALIC = (
    "EBGaramond-Bold.ttf",
    "EBGaramond-Medium.ttf",
    "EBGaramond-MediumItalic.ttf",
)
SMALLEST = 24
LARGEST_SPACED, SMALLEST_SPACED = 30, 12
SUBTITLE = re.compile(r"(?:: |; (?=or, )| \((?=.*\)$))")


@dataclass(frozen=True)
class Block:
    """Lines of one size, ready to be drawn."""

    lines: tuple[str, ...]
    font: ImageFont.FreeTypeFont
    leading: int

    @property
    def height(self) -> int:
        return self.leading * len(self.lines)


@lru_cache(maxsize=256)
def font_of(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / name, size)


def split_title(title: str) -> tuple[str, str]:
    """Part a long title into what is set large and what is set below it, which may be empty."""
    main, *rest = SUBTITLE.split(title.replace("'", "’"), maxsplit=1)
    return main, rest[0].rstrip(")") if rest else ""


def wrap(text: str, font: ImageFont.FreeTypeFont, width: float) -> tuple[str, ...]:
    """Break ``text`` between words so that no line is wider, unless a single word is."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)


def balanced(text: str, font: ImageFont.FreeTypeFont, width: int) -> tuple[str, ...]:
    """Wrap into as few lines as the width allows, made as even as that number of lines allows."""
    best = wrap(text, font, width)
    for share in (0.9, 0.8, 0.7, 0.6, 0.5):
        narrower = wrap(text, font, width * share)
        if len(narrower) > len(best) or max(map(font.getlength, narrower)) > width * share:
            break
        best = narrower
    return best


def fit(text: str, *, face: str, width: int, height: int, largest: int) -> Block:
    """Set ``text`` in the largest size, at most ``largest``, at which it fits the box."""
    size = largest
    while True:
        font = font_of(face, size)
        leading = round(size * 1.08)
        lines = balanced(text, font, width)
        fits = max(map(font.getlength, lines)) <= width and leading * len(lines) <= height
        if fits or size <= SMALLEST:
            return Block(lines, font, leading)
        size = max(SMALLEST, size - 6)


def draw_block(
    canvas: ImageDraw.ImageDraw,
    block: Block,
    *,
    at: tuple[float, float],
    ink: str,
    centred: bool = True,
) -> float:
    """Draw the block with its top at ``at`` and return the y below its last line."""
    x, y = at
    for line in block.lines:
        baseline = y + block.leading * 0.78
        canvas.text(
            (x, baseline),
            line,
            font=block.font,
            fill=ink,
            anchor="ms" if centred else "ls",
        )
        y += block.leading
    return y


def draw_spaced(
    canvas: ImageDraw.ImageDraw,
    text: str,
    *,
    at: tuple[float, float],
    width: int,
    ink: str,
    centred: bool = True,
) -> None:
    """Draw ``text`` in letter-spaced capitals on the baseline ``at``, at most ``width`` wide."""
    letters = text.replace("'", "’").upper()
    size = LARGEST_SPACED
    while _spaced_width(letters, size) > width and size > SMALLEST_SPACED:
        size -= 1
    font = font_of(MEDIUM, size)
    x = at[0] - _spaced_width(letters, size) / 2 if centred else at[0]
    for letter in letters:
        canvas.text((x, at[1]), letter, font=font, fill=ink, anchor="ls")
        x += font.getlength(letter) + size * 0.14


def _spaced_width(letters: str, size: int) -> float:
    return font_of(MEDIUM, size).getlength(letters) + size * 0.14 * (len(letters) - 1)
