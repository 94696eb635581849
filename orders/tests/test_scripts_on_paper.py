"""Names in the world's scripts on paper: shaped, in their order, and no letter dropped."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import pytest
from fpdf.fonts import TTFFont
from fpdf.line_break import Fragment
from pypdf import PdfReader
from pytest_django import Settings

from orders.documents import fonts
from orders.documents.paper import Paper, closing_fonts, print_sheets
from orders.documents.sheets import Column, Sheet, Table

NAMES = {
    "Arabic": "محمد عبد الله",
    "Armenian": "Արամ Խաչատրյան",
    "Bengali": "রবীন্দ্রনাথ ঠাকুর",
    "Chinese": "張偉",
    "Ethiopic": "አበበ ቢቂላ",
    "Georgian": "გიორგი",
    "Greek": "Γιώργος",
    "Gujarati": "શ્રી પટેલ",
    "Gurmukhi": "ਸਿੰਘ",
    "Hebrew": "דוד כהן",
    "Hindi": "प्रिया शर्मा क्षत्रिय",
    "Japanese": "山田 たろう",
    "Kannada": "ಶ್ರೀನಿವಾಸ",
    "Khmer": "សុខ",
    "Korean": "김철수",
    "Lao": "ສົມສັກ",
    "Malayalam": "ശ്രീജിത്ത്",
    "Myanmar": "မြန်မာ",
    "Odia": "ଶ୍ରୀ",
    "Russian": "Ирина Петрова",
    "Sinhala": "ශ්‍රී",
    "Tamil": "தமிழ்ச்செல்வன்",
    "Telugu": "శ్రీనివాస్",
    "Thai": "สมชาย ใจดี ที่นี่",
    "Vietnamese": "Nguyễn Văn Đức",
}


def sheet(name: str) -> Sheet:
    return Sheet(
        title="Invoice",
        caption=f"{name} · page",
        sender=[name],
        facts=[("Name", name)],
        addresses=[("Bill to", [name])],
        table=Table([Column("Name", 80), Column("Units", 20, is_figure=True)], [[name, "1"]]),
        dated=datetime(2026, 1, 1, tzinfo=UTC),
        sums=[(name, "1.00")],
    )


@dataclass(frozen=True)
class Run:
    """Text in one font, and its glyphs from left to right."""

    text: str
    font: str
    glyphs: list[int]


def runs(name: str) -> list[Run]:
    paper = Paper(frozenset(name))
    with closing_fonts(paper):
        paper.add_page()
        paper._write(9)
        fragments = paper._preload_bidirectional_text(paper._clean(name), markdown=False)
        return [Run(part.string, part.font_family, glyphs(part)) for part in fragments]


def glyphs(fragment: Fragment) -> list[int]:
    assert isinstance(fragment.font, TTFFont)
    shaped, _ = fragment.font.perform_harfbuzz_shaping(
        fragment.string, fragment.font_size_pt, fragment.text_shaping_parameters
    )
    return [glyph.codepoint for glyph in shaped]


@pytest.mark.parametrize("script", NAMES)
def test_a_name_has_a_shape_for_each_letter(script: str) -> None:
    drawn = runs(NAMES[script])

    assert "".join(run.text for run in drawn) == NAMES[script]
    assert all(0 not in run.glyphs for run in drawn)


@pytest.mark.parametrize("script", ["Arabic", "Hebrew"])
def test_what_runs_from_right_to_left_is_drawn_so(script: str) -> None:
    [name] = runs(NAMES[script])
    [first] = runs(NAMES[script].split()[0])

    assert name.glyphs[-len(first.glyphs) :] == first.glyphs


def test_arabic_letters_are_joined() -> None:
    [word], letters = runs("محمد"), [runs(letter)[0] for letter in "محمد"]

    assert word.glyphs[::-1] != [glyph for letter in letters for glyph in letter.glyphs]


def test_a_cluster_keeps_to_one_font() -> None:
    [run] = runs("क्\u200dष")

    assert run.font == "notosansdevanagari-regular"


def test_a_letter_that_no_font_has_is_printed_as_its_number(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fonts, "_system_fonts", list)
    with caplog.at_level(logging.WARNING):
        pdf = print_sheets([sheet("Ada \U0001fae8 \U00012000 Лав")])

    assert "Ada [U+1FAE8] [U+12000] Лав" in PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert "U+12000, U+1FAE8" in caplog.text


def test_invisible_signs_need_no_font() -> None:
    assert fonts.fonts_for("\u200d\u2066\ufe0f\ufeffЛ") == ([], frozenset())


def test_a_font_of_the_settings_comes_first(settings: Settings) -> None:
    settings.DOCUMENT_FONTS = [str(fonts.SHIPPED / "NotoSansThai-Regular.ttf")]

    needed, absent = fonts.fonts_for("កก")

    assert [path.stem for path in needed] == ["NotoSansThai-Regular", "NotoSansKhmer-Regular"]
    assert not absent


def test_a_broken_font_is_told_and_passed_over(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DOCUMENT_FONTS = [__file__, "/nowhere/font.ttf"]

    needed, absent = fonts.fonts_for("김")

    assert ([path.name for path in needed], absent) == (["NanumSquareR.ttf"], frozenset())
    assert "/nowhere/font.ttf cannot be read" in caplog.text


def test_each_sheet_with_every_script_is_the_same_bytes() -> None:
    sheets = [sheet(name) for name in NAMES.values()]

    assert print_sheets(sheets) == print_sheets(sheets)


def test_a_name_is_no_command_to_the_page_counter() -> None:
    pdf = print_sheets([sheet("{nb} Ирина")])

    assert "{nb} Ирина" in PdfReader(BytesIO(pdf)).pages[0].extract_text()
