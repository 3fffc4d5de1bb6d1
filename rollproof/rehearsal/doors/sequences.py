"""Which sequences a statement draws from, and which rights that needs: planning does not ask for them. Pure."""

import re
from collections.abc import Iterable, Iterator

from rollproof.rehearsal.doors.facts import Column, Relation
from rollproof.rehearsal.doors.written import Write

_CALL = re.compile(r"\b(nextval|currval|setval)\('((?:[^']|'')+)'::regclass")
_PERHAPS = re.compile(r"\b(?:CASE|COALESCE)\b")
_RIGHTS = {"nextval": "USAGE, UPDATE", "currval": "USAGE, SELECT", "setval": "UPDATE"}


def asked_of_sequences(body: str, written: Iterable[Write], relations: Iterable[Relation]) -> Iterator[tuple[str, str]]:
    """Yield each sequence of the statement, and of defaults that it leaves, with the rights of which one must be there."""
    tables = {each.name: each for each in relations}
    left = [
        column.default or ""
        for write in written
        if write.kind == "insert" and (table := tables.get(write.table))
        for column in table.columns
        if _left_out(column, write)
    ]
    for text in (body, *left):
        if not _PERHAPS.search(text):
            for what, name in _CALL.findall(text):
                yield name.replace("''", "'"), _RIGHTS[what]


def _left_out(column: Column, write: Write) -> bool:
    given = [row.get(column.name) for row in write.rows]
    return any(each is None or each.kind == "default" for each in given)
