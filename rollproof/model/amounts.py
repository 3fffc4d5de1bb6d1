"""Numbers of things, in words."""


def counted(number: int, noun: str) -> str:
    """Return so many of a thing whose plural ends in s: `1 table`, `1,204 tables`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
