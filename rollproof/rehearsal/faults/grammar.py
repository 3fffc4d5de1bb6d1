"""The grammar of faults: for each kind of object the query that lists the objects, and the faults that each can have.

A file of `grammar/` is one kind of object:

    objects = '''SELECT …'''      one row for each object; its columns are texts, ready to stand in SQL
    facet, identity, touches      templates over these columns, for all faults of the file
    part                          which part of the fact it is, where several rows are about one

    [[fault]]
    name = "NOT NULL lost"
    when = "is_not_null"          SQL over the columns: which objects can have it; all, if it is left out
    change = "ALTER TABLE {table} ALTER {column} DROP NOT NULL"
    facet, identity, touches, since, until, alone, shared       where it differs from the file's

In a template `{name}` is the column of that name, `{{` and `}}` are braces. What is touched is a path, `schema.relation.part`;
a column that is a list (text[]) stands there for each of its elements. A fault touches whatever it changes or drops, also by
CASCADE: it would hide another fault there. The queries may use what `grammar/words.sql` makes, and read from `objects`, which are
all that have a name of their own (`objects.sql`); they are asked with an empty search_path.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "grammar"


class FaultRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One fault of a kind of object; `since` and `until` are the first and last major versions that have it."""

    name: str
    change: str
    when: str = "true"
    facet: str = ""
    identity: str = ""
    touches: tuple[str, ...] = ()
    since: int = 0
    until: int = 99
    alone: bool = False
    shared: bool = False


class ObjectKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of object: the query that lists them, and its faults."""

    objects: str
    facet: str
    identity: str
    touches: tuple[str, ...]
    fault: tuple[FaultRule, ...]
    part: str = ""
    since: int = 0
    until: int = 99


@cache
def grammar() -> dict[str, ObjectKind]:
    """Return the kinds of objects by the names of their files."""
    return dict(_read())


def _read() -> Iterator[tuple[str, ObjectKind]]:
    for file in sorted(FOLDER.glob("*.toml")):
        yield file.stem, msgspec.convert(tomllib.loads(file.read_text("utf-8")), ObjectKind)
