from __future__ import annotations

from dataclasses import dataclass

from benchmarks.database_floor import DatabaseFloor
from benchmarks.machine import Machine
from benchmarks.measuring import Figures
from benchmarks.race import RaceResult


@dataclass(frozen=True)
class Jobs:
    """How the worker kept up: jobs waiting when the load ended, and how long they took."""

    waiting: int
    seconds_to_finish: float
    left: int
    failed: int


@dataclass(frozen=True)
class Results:
    """Everything that is reported. The bare view is measured before and after everything else."""

    machine: Machine
    bare: list[Figures]
    figures: list[Figures]
    database: DatabaseFloor | None
    race: RaceResult | None
    jobs: Jobs | None
    audit_output: str
    is_audit_clean: bool

    @property
    def usual_bare(self) -> Figures:
        """The bare view's run of median speed."""
        return sorted(self.bare, key=lambda one: one.rate)[len(self.bare) // 2]

    @property
    def wrongs(self) -> list[str]:
        found = [
            f"{figures.name}: {count} times {answer}"
            for figures in [*self.bare, *self.figures]
            for answer, count in figures.unexpected.items()
        ]
        if self.race and not self.race.is_right:
            found.append(f"the race for the last units: {self.race}")
        if self.jobs and (self.jobs.left or self.jobs.failed):
            found.append(f"jobs: {self.jobs}")
        if not self.is_audit_clean:
            found.append(f"manage.py audit:\n{self.audit_output}")
        return found
