"""What callers look for: mistyped words, beginnings of words, and facets of what is found."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from benchmarks.load import Flow, Request
from benchmarks.scenarios import PRODUCTS, WORDS, Reading, term

BEGINNING = 4  # letters typed when a suggestion is asked for


class Searching(Reading):
    """Searches beside the plain ones, none of them answered from the cache."""

    def mistyped(self) -> Callable[[int], Flow]:
        """Search by a word of a name with two letters swapped, each time by another filter."""
        paths = [f"{PRODUCTS}?search={swapped(word)}" for word in self._words()]
        return lambda _client: _asking(self._with_new_filters(itertools.cycle(paths)))

    def suggestions(self) -> Callable[[int], Flow]:
        """Ask what begins so, each time at another name of the shop."""
        paths = [f"{PRODUCTS}suggest/?q={word[:BEGINNING]}" for word in self._words()]
        return lambda _client: _asking(self._at_new_hosts(itertools.cycle(paths)))

    def facets(self, *, of_search: bool) -> Callable[[int], Flow]:
        """Ask for the facets of the list or of a search, each time by another filter."""
        searches = [f"&search={word}" for word in self._words()] if of_search else [""]
        paths = [f"{PRODUCTS}?facets=true{search}" for search in searches]
        return lambda _client: _asking(self._with_new_filters(itertools.cycle(paths)))

    def _words(self) -> list[str]:
        words = [term(name, 1) for name in self.goods.names]
        return list(dict.fromkeys(word for word in words if word))[:WORDS]


def _asking(requests: Iterator[Request]) -> Flow:
    for sent in requests:
        _answer = yield sent


def swapped(word: str) -> str:
    """Return the word with its second and third letters in each other's place."""
    return word[0] + word[2] + word[1] + word[3:]
