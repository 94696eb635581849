"""Measuring one thing: load for a while, CPU of every part meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.load import Flow, Load, run
from benchmarks.processor import busy_seconds
from benchmarks.programs import cpu_by_part

WARM_UP_SHARE = 0.2


@dataclass(frozen=True)
class Measure:
    """Something to measure.

    ``flow`` makes the endless work of a client. What is counted are its requests, or, when
    ``durations`` is given, the pieces of work whose seconds the flows append to it.
    ``asked_ratio`` is in relation to the bare view, ``asked_rate`` in pieces a second, and
    ``asked_share`` of the rate of another measure. ``clients``: as many callers, instead of the
    usual number.
    """

    name: str
    flow: Callable[[int], Flow]
    port: int
    durations: list[float] | None = None
    asked_ratio: float | None = None
    asked_rate: float | None = None
    asked_share: tuple[float, str] | None = None
    clients: int | None = None


@dataclass(frozen=True)
class Figures:
    """What was measured; times in milliseconds, CPU in milliseconds a piece by part.

    ``bare_rate`` and ``bare_cpu`` are the bare view's, right before and after, on average.
    """

    name: str
    pieces: int
    seconds: float
    p50: float
    p95: float
    p99: float
    cpu: dict[str, float]
    client_cpu: float
    others_share: float
    unexpected: dict[str, int] = field(default_factory=dict)
    asked_ratio: float | None = None
    asked_rate: float | None = None
    asked_share: tuple[float, str] | None = None
    bare_rate: float | None = None
    bare_cpu: float | None = None

    @property
    def rate(self) -> float:
        """How many pieces of work were done a second."""
        return self.pieces / self.seconds

    @property
    def serving_cpu(self) -> float:
        """CPU milliseconds a piece, of web server and database."""
        return sum(self.cpu.get(part, 0.0) for part in ("web", "database", "bare"))


@dataclass(frozen=True)
class Meter:
    """Runs measures; ``parts`` names the first process of each part of the shop."""

    parts: Mapping[str, int]
    clients: int
    seconds: float

    def measure(self, what: Measure) -> Figures:
        """Warm up, then count for the given time, and until at least one piece was done."""
        callers = range(what.clients or self.clients)
        warm_up = run(what.port, map(what.flow, callers), seconds=self.seconds * WARM_UP_SHARE)
        if what.durations is not None:
            what.durations.clear()
        busy, before = busy_seconds(), cpu_by_part(self.parts)
        load = run(
            what.port,
            map(what.flow, callers),
            seconds=self.seconds,
            is_enough=lambda done: bool(
                done.latencies if what.durations is None else what.durations
            ),
        )
        spent = {name: cpu - before[name] for name, cpu in cpu_by_part(self.parts).items()}
        others = busy_seconds() - busy - sum(spent.values()) - load.client_cpu_seconds
        return self._figures(what, warm_up.unexpected, load, spent, others)

    def _figures(
        self,
        what: Measure,
        unexpected: Counter[str],
        load: Load,
        spent: Mapping[str, float],
        others: float,
    ) -> Figures:
        durations = load.latencies if what.durations is None else what.durations
        pieces = max(len(durations), 1)
        return Figures(
            name=what.name,
            pieces=len(durations),
            seconds=load.seconds,
            **percentiles(durations),
            cpu={name: cpu * 1000 / pieces for name, cpu in spent.items()},
            client_cpu=load.client_cpu_seconds * 1000 / pieces,
            others_share=max(others, 0.0) / load.seconds,
            unexpected=dict(unexpected + load.unexpected),
            asked_ratio=what.asked_ratio,
            asked_rate=what.asked_rate,
            asked_share=what.asked_share,
        )


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Return p50, p95 and p99 in milliseconds; zero when there is nothing."""
    ordered = sorted(seconds) or [0.0]
    return {
        f"p{share}": ordered[min(len(ordered) * share // 100, len(ordered) - 1)] * 1000
        for share in (50, 95, 99)
    }
