"""What someone who mistyped a search will have meant."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from listings.selectors.documents import Query

# Of a longer search, the first words are corrected and the others kept.
CORRECTED_WORDS = 24
READINGS = 40  # are tried at most
_CHOICES = 8  # for one word
_LONGEST_DROPPED = 3  # letters of a word that a search is tried without
_SHORT = 4  # letters of a word that may be one letter off; longer ones may be two off

# As JSON, a row for each word typed and each word alike; none for what is found as it is, which
# is one look at an index.
_SIMILAR_WORDS = """
    SELECT coalesce(json_agg(json_build_array(typed.place - 1, typed.word, alike.word,
                                              alike.documents) ORDER BY typed.place), '[]')::text
    FROM string_to_table((SELECT catalog_fold(%s)), ' ') WITH ORDINALITY AS typed (word, place)
    LEFT JOIN LATERAL catalog_words_alike(typed.word) AS alike
           ON typed.place <= %s AND length(typed.word) BETWEEN 2 AND 40
    WHERE (SELECT catalog_first_found(ARRAY[%s])) IS NULL"""


@dataclass(frozen=True, order=True)
class Choice:
    """A word that may be meant, the likelier the lower its cost; empty: none."""

    cost: float
    word: str


def similar_words(text: str) -> Query:
    """Return the query of the words like those of ``text``, one JSON document.

    ``correction_from`` reads it; it is an empty list where ``text`` itself finds a product.
    """
    return Query(_SIMILAR_WORDS, (text, CORRECTED_WORDS, text))


def correction_of(text: str) -> str | None:
    """Return the likeliest reading of ``text`` that finds a product.

    None if ``text`` itself finds one, or nothing does. One query, two if it finds nothing.
    """
    query = similar_words(text)
    with connection.cursor() as cursor:
        cursor.execute(query.sql, query.parameters)
        return correction_from(cursor.fetchone()[0])


def correction_from(words: str) -> str | None:
    """Return the likeliest reading that finds a product, of what ``similar_words`` has found.

    One query, none if there is no reading.
    """
    possible = _readings(orjson.loads(words))
    if not possible:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalog_first_found(%s::text[])", [possible])
        correction: str | None = cursor.fetchone()[0]
    return correction


def _readings(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return what the words typed may have meant together, likeliest first.

    Each reading has other words at most two letters away, or lacks a short word. Whether it
    finds anything is another question.
    """
    typed: dict[int, str] = {}
    known: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for place, word, other, documents in rows:
        typed[place] = word
        if other is not None:
            known[place][other] = documents
    choices = [
        _choices(word, known[place], is_last=place == len(typed) - 1)
        for place, word in typed.items()
    ]
    itself = " ".join(typed.values())
    return [text for text in _likeliest(choices) if text != itself]


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
