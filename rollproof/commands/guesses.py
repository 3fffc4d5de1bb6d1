"""What names, columns and counters of tables suggest: copies, a log, growing tables, keys. Pure; a guess may be wrong."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rollproof.commands.survey import Table
from rollproof.model.names import sql_name
from rollproof.settings.sections import Backup, ForeignKey, Log

MANY_ROWS = 1000  # inserts from which on it means something that there was no update and no delete

_LIKE_A_COPY = re.compile(
    r"(?i)(?<![a-z])(?:back_?ups?|bak|cop(?:y|ies)|orig(?:inals?)?|old|snapshots?|before|archived?)(?![a-z])"
)
_BESIDE = re.compile(r"(?i)(.+?)_(?:back_?up|bak|copy|orig|old)(?:_?\d+)?")
_LIKE_A_LOG = re.compile(r"(?i)migrat|rollback|schema_(?:change|history|version)|deploy|release")
_GROWS = re.compile(
    r"(?i)(?:^|_)(?:audits?|logs?|logins?|events?|histor(?:y|ies)|journal|activit(?:y|ies)|sessions?|outbox|inbox|messages?"
    r"|queues?|jobs|notifications?|metrics|visits|clicks|requests|tokens)(?:_|$)"
)
_POINTS = re.compile(r"(.+?)_?[Ii][Dd]")
_TEXTUAL = re.compile(r"character varying|character\(|text$|bpchar")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "migration_column": ("migration", "migration_name", "migration_id", "version", "name", "script"),
    "operation_column": ("operation", "action", "direction", "command", "kind", "type"),
    "status_column": ("status", "state", "result", "outcome"),
    "started_column": ("started_at", "start_time", "started", "begun_at", "started_on", "created_at"),
    "finished_column": ("finished_at", "completed_at", "ended_at", "end_time", "finished", "finished_on", "updated_at"),
}


@dataclass(frozen=True)
class Copies:
    """A schema whose tables are named after others: the backup as it would be configured, and of which tables there are copies."""

    backup: Backup
    of: tuple[Table, ...]
    besides: int  # tables there that are named after none


def copies(tables: Iterable[Table]) -> Copies | None:
    """Return the schema that looks most like a migration's copies of other tables."""
    schemas: dict[str, list[Table]] = {}
    for table in tables:
        schemas.setdefault(table.schema, []).append(table)
    found = (each for schema in schemas if (each := _copies(schema, schemas)))
    return max(found, key=lambda each: len(each.of), default=None)


def _copies(schema: str, schemas: Mapping[str, list[Table]]) -> Copies | None:
    here = schemas[schema]
    if schema == "public" or not any(_LIKE_A_COPY.search(name) for name in (schema, *(each.name for each in here))):
        return None
    others = [each for other, among in schemas.items() if other != schema for each in among]
    counted = Counter(pattern for copy in here for pattern in {*_patterns(copy, others)})
    if not counted:
        return None
    pattern = max(sorted(counted), key=lambda each: (counted[each], each != "{table}", -len(each)))
    names = {each.name for each in here}
    of = tuple(each for each in others if pattern.replace("{table}", each.name) in names)
    if not (_LIKE_A_COPY.search(schema) or _LIKE_A_COPY.search(pattern)) or 2 * counted[pattern] < len(here):
        return None
    return Copies(Backup(schema=schema, table=pattern), of, len(here) - counted[pattern])


def _patterns(copy: Table, others: Iterable[Table]) -> Iterator[str]:
    """Yield how a copy may be named after a table that has most of its columns."""
    for table in others:
        before, there, behind = copy.name.partition(table.name)
        alike = 2 * len(copy.columns.keys() & table.columns.keys()) >= len(table.columns) > 0
        if there and alike and not set("{}") & {*before, *behind}:
            yield f"{before}{{table}}{behind}"


def beside(tables: Iterable[Table]) -> Iterator[tuple[Table, Table]]:
    """Yield each table that looks like a copy of another one in its own schema, with that one."""
    known = {(each.schema, each.name): each for each in tables}
    for table in known.values():
        found = _BESIDE.fullmatch(table.name)
        if found and (original := known.get((table.schema, found[1]))):
            yield table, original


def logs(tables: Iterable[Table]) -> Iterator[Log]:
    """Yield the logs that a migration tool may keep; first the table that is one where nobody says anything."""
    for table in sorted(tables, key=lambda each: each.quoted != Log().table):
        if _LIKE_A_LOG.search(table.name) and table.kind == "r" and not table.books:
            columns = {
                key: next((each for each in names if each in table.columns), "") for key, names in _COLUMNS.items()
            }
            if all(columns.values()):
                yield Log(table=table.quoted, **columns)  # type: ignore[arg-type] # texts for texts


Growth = Literal["name and counters", "name", "counters"]


def growth(table: Table) -> Growth | None:
    """Return why rows may be added to a table at any time; None if nothing says so."""
    named = bool(_GROWS.search(table.name))
    counted = table.inserted >= MANY_ROWS and table.changed == 0
    if named and counted:
        return "name and counters"
    return "name" if named else "counters" if counted else None


def textual_keys(tables: Iterable[Table]) -> Iterator[tuple[Table, str, str]]:
    """Yield each table whose primary key is one column of text, with the column and its type."""
    for table in tables:
        if len(table.key) == 1 and _TEXTUAL.match(kind := table.columns[table.key[0]]) and table.kind == "r":
            yield table, table.key[0], kind


def unenforced_keys(tables: Iterable[Table]) -> Iterator[tuple[Table, ForeignKey]]:
    """Yield each column that is named after another table's key and has no foreign key, as the key that it may be."""
    known = {(each.schema, each.name.lower()): each for each in tables}
    for table in known.values():
        for column, kind in table.columns.items():
            parent = _parent(known, table.schema, column)
            is_own = column in table.referring or table.key == (column,) or parent is table
            if parent and not is_own and not table.is_part and parent.columns[parent.key[0]] == kind:
                yield table, ForeignKey(table.quoted, (sql_name(column),), parent.quoted, (sql_name(parent.key[0]),))


def _parent(known: Mapping[tuple[str, str], Table], schema: str, column: str) -> Table | None:
    found = _POINTS.fullmatch(column)
    if not found:
        return None
    one = found[1].lower()
    forms = (f"{one}s", one, f"{one}es", f"{one[:-1]}ies")
    parents = (known[schema, form] for form in forms if (schema, form) in known)
    return next((each for each in parents if len(each.key) == 1), None)
