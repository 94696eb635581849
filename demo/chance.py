"""Choices that look random and are the same on every machine and in every run."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A stream of choices that depends on nothing but its seed."""

    def __init__(self, *seed: object) -> None:
        self._seed = "\x1f".join(str(part) for part in seed).encode()
        self._drawn = 0

    def _draw(self) -> int:
        counter = self._drawn.to_bytes(4, "big")
        self._drawn += 1
        return int.from_bytes(hashlib.blake2b(self._seed + counter, digest_size=8).digest(), "big")

    def whole(self, low: int, high: int) -> int:
        return low + self._draw() % (high - low + 1)

    def share(self) -> float:
        """Return a fraction from 0 up to, not including, 1; for drawing, never for money."""
        return (self._draw() >> 11) / (1 << 53)

    def percent(self, likelihood: int) -> bool:
        return self.whole(1, 100) <= likelihood

    def pick(self, options: Sequence[T]) -> T:
        return options[self.whole(0, len(options) - 1)]
