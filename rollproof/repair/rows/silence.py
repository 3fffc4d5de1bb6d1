"""Triggers and rules of a table that must not fire while its rows are put back, and their exact states given back. Pure.

Each is switched off by its name, which the owner of the table may do; `session_replication_role` would do it in one line, but for
superusers only, and foreign keys would not be checked.
"""

from collections.abc import Collection, Iterator

from rollproof.repair.objects import Object
from rollproof.repair.sides import Side

_FIRES = {"TRIGGER": "triggers", "RULE": "rules"}
_SILENT = ("DISABLED ", "ENABLED ON REPLICA ONLY ")


def silenced(table: str, side: Side, gone: Collection[Object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the statements that silence what fires on a table of this side, and those that give it its voice again.

    What is `gone` by then, because it is dropped and made again, is left out.
    """
    off: list[str] = []
    on: list[str] = []
    for kind, name, always in _firing(table, side, gone):
        off.append(f"ALTER TABLE ONLY {table} DISABLE {kind} {name};")
        on.append(f"ALTER TABLE ONLY {table} ENABLE {always}{kind} {name};")
    return tuple(off), tuple(on)


def _firing(table: str, side: Side, gone: Collection[Object]) -> Iterator[tuple[str, str, str]]:
    for kind, facet in _FIRES.items():
        for identity, text in sorted(side.parts(table, facet).items()):
            if Object(facet, identity) not in gone and not text.startswith(_SILENT):
                always = "ALWAYS " if text.startswith("ENABLED ALWAYS ") else ""
                yield kind, identity.removeprefix(f"{table}."), always
