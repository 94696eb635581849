"""What someone who mistyped a search will have meant."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from catalog.selectors.versions import VERSION

# Of a longer search, the first words are corrected and the others kept.
CORRECTED_WORDS = 24
READINGS = 40  # are tried at most
_CHOICES = 8  # for one word
_LONGEST_DROPPED = 3  # letters of a word that a search is tried without
_SHORT = 4  # letters of a word that may be one letter off; longer ones may be two off

# No word is returned for what is found as it is: that is one look at an index.
_ALIKE = f"""
    SELECT {VERSION}, typed.place - 1, typed.word, alike.word, alike.documents
    FROM (VALUES (1)) AS always
    LEFT JOIN string_to_table(catalog_fold(%(text)s), ' ') WITH ORDINALITY AS typed (word, place)
           ON catalog_first_found(ARRAY[%(text)s]) IS NULL
    LEFT JOIN LATERAL catalog_words_alike(typed.word) AS alike
           ON typed.place <= %(most)s AND length(typed.word) BETWEEN 2 AND 40
    ORDER BY typed.place
"""  # noqa: S608 - our own constant


@dataclass(frozen=True, order=True)
class Choice:
    """A word that may be meant, the likelier the lower its cost; empty: none."""

    cost: float
    word: str


@dataclass(frozen=True)
class Readings:
    """What a text may have meant, likeliest first, and the catalog version it was looked up in."""

    texts: list[str]
    version: str


@dataclass(frozen=True)
class Correction:
    """What a text has meant, if not itself, and the catalog version it was looked up in."""

    meant: str | None
    version: str


def readings(text: str) -> Readings:
    """Return what ``text`` may have meant, nothing if it is found: one query.

    Each reading has other words at most two letters away, or lacks a short word. Whether it
    finds anything is another question.
    """
    typed: dict[int, str] = {}
    alike: defaultdict[int, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, {"text": text, "most": CORRECTED_WORDS})
        rows = cursor.fetchall()
    for _version, place, word, other, documents in rows:
        if place is not None:
            typed[place] = word
        if other is not None:
            alike[place][other] = documents
    choices = [
        _choices(word, alike[place], is_last=place == len(typed) - 1)
        for place, word in typed.items()
    ]
    itself = " ".join(typed.values())
    return Readings([text for text in _likeliest(choices) if text != itself], rows[0][0])


def correction(text: str) -> Correction:
    """Return the likeliest reading of ``text`` that finds a product.

    None if ``text`` itself finds one, or nothing does. One query, two if it finds nothing.
    """
    possible = readings(text)
    if not possible.texts:
        return Correction(None, possible.version)
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalog_first_found(%s::text[])", [possible.texts])
        return Correction(cursor.fetchone()[0], possible.version)


def _choices(typed: str, alike: dict[str, int], *, is_last: bool) -> list[Choice]:
    """Return what one word may mean; itself if products have it or it may be a beginning."""
    most = 1 if len(typed) <= _SHORT else 2
    found = [
        Choice(_cost(typed, word, distance, documents), word)
        for word, documents in alike.items()
        if 0 < (distance := edits(typed, word)) <= most
    ]
    best = heapq.nsmallest(_CHOICES, found)
    if len(typed) <= _LONGEST_DROPPED:
        best.append(Choice(1.5, ""))
    if typed in alike or is_last or not best:
        best.append(Choice(0, typed))
    return sorted(best)


def _cost(typed: str, word: str, distance: int, documents: int) -> float:
    """Letters are dropped, doubled and swapped more often than mistaken, the first one least."""
    is_mistaken = len(typed) == len(word) and sorted(typed) != sorted(word)
    is_begun_wrong = typed[0] != word[0]
    return (
        distance + 0.2 * is_mistaken + 0.3 * is_begun_wrong - min(math.log10(documents) / 10, 0.4)
    )


def _likeliest(choices: Sequence[Sequence[Choice]]) -> list[str]:
    best = [(0.0, "")]
    for several in choices:
        longer = (
            (cost + choice.cost, f"{words} {choice.word}".strip())
            for cost, words in best
            for choice in several
        )
        best = heapq.nsmallest(READINGS, longer)
    return [words for _cost, words in best if words]


def edits(one: str, other: str) -> int:
    """Return how many letters were dropped, added, mistaken or swapped with the next.

    The distance of Damerau and Levenshtein in its restricted form (optimal string alignment).
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        current = [row]
        for column, wanted in enumerate(other, start=1):
            best = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and wanted == one[row - 2]:
                best = min(best, before[column - 2] + 1)
            current.append(best)
        before, last = last, current
    return last[-1]
