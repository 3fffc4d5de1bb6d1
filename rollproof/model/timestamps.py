"""Times as they are shown everywhere: UTC, ISO 8601, to the second; and how long ago, in words. Pure."""

import datetime

DAY = 86_400  # seconds
_UNITS = ((DAY, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_COARSE = 2  # of a unit; below, it is told by the next smaller one


def read(text: str) -> datetime.datetime | None:
    """Return the moment that PostgreSQL printed, in UTC; None for what is no moment, such as `infinity`.

    One without a zone is taken as UTC, in which all our transactions tell their times.
    """
    try:
        told = datetime.datetime.fromisoformat(text)
        return told.replace(tzinfo=told.tzinfo or datetime.UTC).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None


def shown(moment: str | float | datetime.datetime) -> str:
    """Return a moment as it is shown, whatever is none as it stands. A number is seconds since 1970."""
    try:
        told = (
            moment
            if isinstance(moment, str | datetime.datetime)
            else datetime.datetime.fromtimestamp(moment, datetime.UTC)
        )
    except (ValueError, OverflowError, OSError):
        return str(moment)
    known = read(told) if isinstance(told, str) else told.astimezone(datetime.UTC)
    return str(moment) if known is None else known.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def in_words(seconds: float) -> str:
    """Return how long that is, by the largest unit that there are two of: "47 hours", "3 days"; without its sign."""
    left = abs(seconds)
    size, name = next(((size, name) for size, name in _UNITS if left >= _COARSE * size), _UNITS[-1])
    count = int(left // size)
    return f"{count:,} {name}{'' if count == 1 else 's'}"
