"""Triggers and rules of a table that must not fire while its rows are put back, and their exact states given back. Pure.

Each is switched off by its name, which the owner of the table may do; `session_replication_role` would do it in one line, but for
superusers only, and foreign keys would not be checked.
"""

from collections.abc import Collection

from rollproof.repair.firing import enabled, fires
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side

_FIRE = ("ENABLE", "ENABLE ALWAYS")  # the others do not, whatever is written in a session like any other


def silenced(table: str, side: Side, gone: Collection[Object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the statements that silence what fires on a table of this side, and those that give it its voice again.

    What is `gone` by then, because it is dropped and made again, is left out.
    """
    off: list[str] = []
    on: list[str] = []
    for facet in ("triggers", "rules"):
        for identity, text in sorted(side.parts(table, facet).items()):
            of, (words, _, _) = Object(facet, identity), fires(text)
            if of not in gone and words in _FIRE:
                off.append(enabled(of, "DISABLE"))
                on.append(enabled(of, words))
    return tuple(off), tuple(on)
