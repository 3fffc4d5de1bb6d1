"""Numbers of things, in words."""

_UNITS = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


def counted(number: int, noun: str) -> str:
    """Return so many of a thing whose plural ends in s: `1 table`, `1,204 tables`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """Return so many bytes as people say it: 3.2 MB."""
    for name, unit in _UNITS:
        if number >= unit:
            return f"{number / unit:,.1f} {name}"
    return counted(number, "byte")
