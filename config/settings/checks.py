"""What a variable of the environment has to be, so that a mistake stops the start."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from environs import ValidationError


def is_time_zone(name: str) -> None:
    """Refuse what is no name of a time zone, such as ``CET+1``."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValidationError(f"{name!r} is no time zone: it looks like Europe/Berlin.") from error
