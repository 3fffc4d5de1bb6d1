"""Recorded against actual versions of collations: which indexes may be out of order, and how to repair them. Pure."""

import re
from collections.abc import Iterator

from rollproof.model.compare import Difference
from rollproof.model.finding import Statement
from rollproof.model.names import sql_name
from rollproof.model.plain_text import SHOWN
from rollproof.model.printable_sql import pasteable

_OTHER = "recorded with "  # how the description of a collation begins whose library is another now
_DATABASE = "this (database)"
_KINDS = "index|partitioned table|range type"
_NAME = r'(?:"(?:[^"]|"")*"|[^",.\s]+)'
_SORTED = rf"({_KINDS}) ({_NAME}\.{_NAME})(?:, |$)"


def sorted_as_before(difference: Difference, *, same_server: bool) -> bool:
    """Tell whether a collation's recorded version fits the library as well as before.

    What the library sorts otherwise than it was recorded must have been so before. A version that was recorded anew is fine
    on another server than the reference's, where all was made in that order, and on the same one is not: nobody can see
    whether what it sorted was made again.
    """
    was, now = ((text or "").partition("\n")[0] for text in (difference.before, difference.after))
    if now.startswith(_OTHER):
        return was == now
    return not (was and now) or was.startswith(_OTHER) or not same_server


def repairs(identity: str, description: str, database: str) -> Iterator[Statement]:
    """Yield what to do about a collation whose library is another; `database` is the raw name of the subject."""
    yield from (Statement(pasteable(line), identity) for line in _lines(identity, description, database))


def _lines(identity: str, description: str, database: str) -> Iterator[str]:
    if not description.startswith(_OTHER):
        yield f"-- {identity}: if what it sorts was not made again since its version changed, REINDEX it"
        return
    concerned = re.findall(_SORTED, description.partition("\nsorted by it: ")[2])
    indexes = [name for kind, name in concerned if kind == "index"]
    for name in indexes[:SHOWN]:
        yield f"REINDEX INDEX {name};  -- stops writing to its table meanwhile"
    if len(indexes) > SHOWN:
        yield f"-- and {len(indexes) - SHOWN:,} more indexes, all in result.json"
    for kind, name in concerned:
        if kind == "partitioned table":
            yield f"-- rows of {name} may belong into another partition now: look before you refresh the version"
        elif kind == "range type":
            yield f"-- values of {name} may have their ends the wrong way round now: look before you refresh the version"
    if description.partition("\n")[0].endswith("the library has none"):
        yield f"-- {identity}: the library tells no version, so PostgreSQL refuses to refresh it: waive this when all was done"
        return
    database = f"DATABASE {sql_name(database)} REFRESH COLLATION"
    what = database if identity == _DATABASE else f"COLLATION {identity} REFRESH"
    yield f"ALTER {what} VERSION;  -- last: it only says that all was done"
