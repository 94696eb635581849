"""How well the search finds what people mean, over ten thousand real books."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from rest_framework.test import APIClient

from listings.services import refresh_vocabulary
from listings.tests.books import BOOKS, Book, list_books, read_books

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(not BOOKS.exists(), reason="../shared/data is absent"),
]

TITLES = 200
FIRST = 5

Mistyping = Callable[[str, int], str]


def dropped(text: str, place: int) -> str:
    return text[:place] + text[place + 1 :]


def swapped(text: str, place: int) -> str:
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def mistyped(title: str, how: Mistyping, chance: random.Random) -> str:
    places = [
        place
        for place, (one, next_one) in enumerate(pairwise(title))
        if one.isalpha() and next_one.isalpha() and one.lower() != next_one.lower()
    ]
    return how(title, chance.choice(places)) if places else title


def author_and_word(book: Book, chance: random.Random) -> str:
    words = [word for word in book.title.split("(")[0].split() if len(word) > 3]
    return f"{book.authors[0]} {chance.choice(words or book.title.split())}"


def test_search_finds_real_books(api: APIClient) -> None:
    chance = random.Random(7)
    books = read_books()
    list_books(books)
    refresh_vocabulary()
    sample = chance.sample(books, TITLES)

    def share(queries: Iterator[tuple[Book, str]], within: int) -> float:
        missed = []
        for book, query in queries:
            page = api.get(
                "/api/v1/products/",
                {"search": query[:200], "page_size": str(within), "fields": "name"},
            ).json()
            if book.title not in [row["name"] for row in page["results"]]:
                missed.append((query, page.get("did_you_mean"), page["count"]))
        print(*missed, sep="\n")  # noqa: T201 - what to look at when it gets worse
        return 1 - len(missed) / TITLES

    exact = share(((book, book.title) for book in sample), 1)
    drop = share(((book, mistyped(book.title, dropped, chance)) for book in sample), FIRST)
    swap = share(((book, mistyped(book.title, swapped, chance)) for book in sample), FIRST)
    author = share(((book, author_and_word(book, chance)) for book in sample), FIRST)

    print(f"exact {exact:.1%}, dropped {drop:.1%}, swapped {swap:.1%}, author {author:.1%}")  # noqa: T201 - the figures
    assert exact >= 0.98
    assert (drop + swap) / 2 >= 0.90
    assert author >= 0.95
