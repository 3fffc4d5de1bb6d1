"""The facts that pg_dump wrote: which pg_dump that was, and in which style."""

import re

from rollproof.model.snapshot import Facts

FACET = "pg_dump"
STYLE = "this (pg_dump)"
"""The fact that says who wrote the others and in which style; facts of different styles cannot be compared."""


def style_of(known: Facts) -> str:
    """Return which pg_dump wrote these facts, and with which settings, for a person."""
    return known.get(STYLE, "written by nobody knows whom")


def major_of(known: Facts) -> int | None:
    """Return the major version of the pg_dump that wrote these facts."""
    found = re.search(r"pg_dump (\d{1,4})\b", style_of(known))
    return int(found[1]) if found else None
