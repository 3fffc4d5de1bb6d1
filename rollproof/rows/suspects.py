"""Tables that are read first, for something tells already that they may not be as they were. Pure.

It is about the order of reading alone: what is no suspect is read as well, and a suspect may be as it was.
"""

from collections.abc import Container, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from rollproof.model.footprint import Footprint

TOUCHED, WRITTEN = 16, 1
"""How urgent it is: what the migration seems to have touched is as urgent as what somebody wrote to of a sixteenth of its size."""


class Suspect(NamedTuple):
    """Why a table is read first, in a few words, and how urgent that is.

    Of two suspects the one with fewer pages for its urgency is read first, so that a huge one does not hold up the others.
    """

    why: str
    urgency: int


NOBODY: Mapping[str, Suspect] = MappingProxyType({})


def suspects(
    tables: Iterable[str],
    named: Mapping[str, str],
    defined_otherwise: Container[str],
    was: Mapping[str, Footprint],
    now: Mapping[str, Footprint],
) -> dict[str, Suspect]:
    """Return those of the tables that are to be read first.

    `named` are tables that the migration is said to change: table → who says so. `was` and `now` are footprints of one database;
    of a table that lacks one of them nothing is concluded.
    """
    found = {}
    for table in tables:
        if table in named:
            found[table] = Suspect(named[table], TOUCHED)
        elif table in defined_otherwise:
            found[table] = Suspect("its definition differs", TOUCHED)
        elif table in was and table in now and (suspect := _trace(was[table], now[table])):
            found[table] = suspect
    return found


def _trace(was: Footprint, now: Footprint) -> Suspect | None:
    """Return what shows that somebody wrote to a table; None if nothing does, which proves nothing."""
    if was.file != now.file:
        return Suspect("rewritten since the baseline", TOUCHED)
    counts = [(old.inserted, old.updated, old.deleted) for old in (was, now)]
    were_reset = any(fewer < more for more, fewer in zip(*counts, strict=True))
    if was.pages != now.pages or (counts[0] != counts[1] and not were_reset):
        return Suspect("written to since the baseline", WRITTEN)
    return None


def order(sizes: Mapping[str, int], known: Mapping[str, Suspect]) -> list[str]:
    """Return the suspects among these tables, whose `sizes` are in pages, in the order in which they are read."""
    return sorted(sizes.keys() & known.keys(), key=lambda table: (sizes[table] / known[table].urgency, table))
