from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Step(Generic[T]):
    """One kind of thing to be made: ``missing`` finds what is not there yet, ``make`` makes one.

    Since only what is missing is made, seeding twice changes nothing, and seeding after an
    interruption goes on where it stopped.
    """

    title: str
    missing: Callable[[], Sequence[T]]
    make: Callable[[T], None]
