"""Sheets on paper: the one place that draws PDF. Imported late, since fpdf takes long to load.

Letters are shaped (HarfBuzz: joined Arabic, Indic clusters) and ordered (Hebrew and Arabic run from
right to left). A letter that no font has is printed as its number, such as ``[U+1F600]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TTFFont
from fpdf.line_break import Fragment
from fpdf.unicode_script import UnicodeScript, get_unicode_script

from orders.documents.fonts import BOLD, REGULAR, fonts_for, is_invisible
from orders.documents.sheets import Sheet, Table

# What every reader of PDF knows needs no embedding, and has the letters of Latin-1 only.
_PLAIN: Final = "helvetica"
_WIDE: Final = "dejavu"
_GREY: Final = (110, 110, 110)
_RULE: Final = (205, 205, 205)
_MARGIN: Final = 18  # millimetres
_LINE: Final = 4.6
_SMALL: Final = 9
# Among them what ends a line or a paragraph: only our own "\n" does.
_CONTROLS: Final = dict.fromkeys({*range(32), *range(127, 160), 0x2028, 0x2029} - {ord("\n")}, " ")
# Punctuation, digits and accents belong to the script around them.
_NEUTRAL: Final = {UnicodeScript.COMMON, UnicodeScript.INHERITED, UnicodeScript.UNKNOWN}


def print_sheets(sheets: Sequence[Sheet]) -> bytes:
    """Return one PDF with all sheets, each on pages of its own; the same sheets, the same bytes."""
    letters = frozenset("".join(text for sheet in sheets for text in sheet.texts()))
    paper = Paper(letters)
    with closing_fonts(paper):
        for sheet in sheets:
            paper.draw(sheet)
        return bytes(paper.output())


@contextmanager
def closing_fonts(paper: FPDF) -> Iterator[None]:
    """Close the files of embedded fonts, which fpdf leaves open."""
    try:
        yield
    finally:
        for font in paper.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()


class Paper(FPDF):
    def __init__(self, letters: frozenset[str]) -> None:
        super().__init__(format=settings.PAPER_FORMAT)
        self.alias_nb_pages("")
        self.family = _PLAIN if _is_latin(letters) else _WIDE
        self.font_order: list[str] = []
        self.absent: dict[int, str] = {}
        if self.family == _WIDE:
            self._embed(letters)
        self.caption = ""
        self.page_of_sheet = 0
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN + 4)
        self.set_draw_color(*_RULE)

    def _embed(self, letters: frozenset[str]) -> None:
        """Load the wide font, and further ones only for letters that it lacks."""
        further, absent = fonts_for(letter for letter in letters if ord(letter) not in _CONTROLS)
        self.add_font(_WIDE, "", REGULAR)
        self.add_font(_WIDE, "B", BOLD)
        for path in further:
            self.add_font(path.stem, "", path)
        self.font_order = [_WIDE, *(path.stem.lower() for path in further)]
        self.absent = {ord(letter): f"[U+{ord(letter):04X}]" for letter in absent}
        self.set_text_shaping(use_shaping_engine=True)

    def _clean(self, text: str) -> str:
        """Return ``text`` without control characters, with numbers for what no font has."""
        return text.translate(_CONTROLS).translate(self.absent)

    def _parse_chars(self, text: str, markdown: Any, **emphasis: Any) -> Iterator[Fragment]:
        """Split a text into runs of one script in one font.

        fpdf's own way looks at each letter alone, which tears a cluster apart where the wide font
        happens to have one of its letters.
        """
        if self.family == _PLAIN:
            yield from super()._parse_chars(text, markdown, **emphasis)
            return
        for font, run in self._runs(text):
            state = self._get_current_graphics_state()
            state.current_font = font
            state.font_family, state.font_style = (
                font.fontkey.removesuffix("B"),
                ("B" if font.fontkey.endswith("B") else ""),
            )
            yield Fragment(run, state, self.k)

    def _runs(self, text: str) -> Iterator[tuple[TTFFont, str]]:
        fonts = [self.current_font, *(self.fonts[name] for name in self.font_order)]
        order = [font for font in fonts if isinstance(font, TTFFont)]
        font, script, run = order[0], UnicodeScript.COMMON, ""
        for letter in text:
            its_script = get_unicode_script(letter)
            has_shape = ord(letter) in font.cmap or letter == "\n" or is_invisible(letter)
            if not (has_shape and its_script in {script, *_NEUTRAL}):
                its_font = next((other for other in order if ord(letter) in other.cmap), font)
                if run and (its_font, its_script) != (font, script):
                    yield font, run
                    run = ""
                font, script = its_font, its_script
            run += letter
        if run:
            yield font, run

    def footer(self) -> None:
        """Name the document at the foot of each page."""
        self.set_y(-_MARGIN + 4)
        self._write(_SMALL - 1, colour=_GREY)
        self.cell(0, _LINE, f"{self.caption} · page {self.page_of_sheet}", align="C")

    def header(self) -> None:
        self.page_of_sheet += 1

    def _render_styled_text_line(self, *args: Any, **kwargs: Any) -> Any:
        """Draw a line, and let the next one state its font again.

        fpdf states the font of a line that begins with a further font's letter inside of
        ``q … Q``, where it is forgotten, and believes that it still holds.
        """
        has_broken = super()._render_styled_text_line(*args, **kwargs)
        self.current_font_is_set_on_page = False
        return has_broken

    def draw(self, sheet: Sheet) -> None:
        self.set_creation_date(sheet.dated)
        self.set_title(sheet.caption)
        upcoming = self._clean(sheet.caption)
        if self.page:
            self.add_page()
            self.caption, self.page_of_sheet = upcoming, 1
        else:
            self.caption = upcoming
            self.add_page()
        self._draw_head(sheet)
        self._draw_addresses(sheet.addresses)
        self._draw_table(sheet.table)
        self._draw_sums(sheet.sums)
        for table in sheet.more_tables:
            self._draw_table(table)
        self._draw_notes(sheet.notes)

    def _write(
        self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = (0, 0, 0)
    ) -> None:
        self.set_font(self.family, "B" if bold else "", size)
        self.set_text_color(*colour)

    def _draw_head(self, sheet: Sheet) -> None:
        half = self.epw / 2
        top = self.get_y()
        for number, line in enumerate(sheet.sender):
            self._write(_SMALL if number else 14, bold=not number)
            self._line(line, half, 1 if number else 1.6)
        left_end = self.get_y()
        self.set_xy(self.l_margin + half, top)
        self._write(18, bold=True)
        self.cell(half, _LINE * 1.8, sheet.title, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        for label, value in sheet.facts:
            self.set_x(self.l_margin + half)
            self._write(_SMALL, colour=_GREY)
            self.cell(half * 0.55, _LINE, label, align="R")
            self._write(_SMALL)
            self.multi_cell(
                half * 0.45,
                _LINE,
                self._clean(value),
                align="R",
                new_x=XPos.LMARGIN,
                new_y=YPos.NEXT,
            )
        self.set_y(max(left_end, self.get_y()) + _LINE * 1.5)

    def _draw_addresses(self, addresses: Sequence[tuple[str, Sequence[str]]]) -> None:
        top, end = self.get_y(), self.get_y()
        width = self.epw / 2
        for number, (heading, lines) in enumerate(addresses):
            self.set_y(top)
            left = self.l_margin + number * width
            for place, line in enumerate((heading, *lines)):
                self.set_x(left)
                self._write(_SMALL + 1, bold=not place, colour=(0, 0, 0) if place else _GREY)
                self._line(line, width - 4)
            end = max(end, self.get_y())
        self.set_y(end + _LINE)

    def _line(self, text: str, width: float, height: float = 1) -> None:
        self.multi_cell(
            width,
            _LINE * height,
            self._clean(text),
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

    def _draw_table(self, table: Table) -> None:
        """Draw a table; its headings stand on every page that it reaches."""
        if table.title:
            self.ln(_LINE)
            self._write(_SMALL + 1, bold=True)
            self._line(table.title, self.epw)
        self._write(_SMALL)
        with self.table(
            col_widths=[column.share for column in table.columns],
            text_align=["RIGHT" if column.is_figure else "LEFT" for column in table.columns],
            headings_style=FontFace(emphasis="BOLD", color=_GREY),
            borders_layout="HORIZONTAL_LINES",
            line_height=_LINE,
            padding=(1.2, 1),
        ) as drawn:
            drawn.row([column.heading for column in table.columns])
            for row in table.rows:
                drawn.row([self._clean(cell) for cell in row])
        self.ln(_LINE / 2)

    def _draw_sums(self, sums: Sequence[tuple[str, str]]) -> None:
        """Draw what leads to the total, the total last and bold."""
        if self.will_page_break(_LINE * 1.4 * len(sums)):
            self.add_page()
        for number, (label, amount) in enumerate(sums, start=1):
            is_total = number == len(sums)
            self._write(_SMALL + 1, bold=is_total)
            self.multi_cell(
                self.epw * 0.75,
                _LINE * 1.4,
                self._clean(label),
                align="R",
                new_x=XPos.RIGHT,
                new_y=YPos.LAST,
            )
            self.cell(
                self.epw * 0.25,
                _LINE * 1.4,
                amount,
                align="R",
                new_x=XPos.LMARGIN,
                new_y=YPos.NEXT,
            )

    def _draw_notes(self, notes: Sequence[str]) -> None:
        for note in notes:
            self.ln(_LINE)
            self._write(_SMALL)
            self._line(note, self.epw)


def _is_latin(letters: frozenset[str]) -> bool:
    try:
        "".join(letters).translate(_CONTROLS).encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
