"""Chance that can be repeated."""

from random import Random


def chance(seed: int) -> Random:
    """Return the same sequence of choices for the same seed."""
    return Random(seed)  # noqa: S311 - it decides what is bought, and keeps no secret
