"""The faults that the objects of a database can have, listed by the grammar, and those of its rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.faults.grammar import FOLDER, FaultRule, ObjectKind, grammar
from rollproof.rehearsal.faults.rows import row_faults

WORDS = FOLDER / "words.sql"
"""Views and functions that the questions share."""

OBJECTS = (
    f"CREATE TEMPORARY TABLE objects AS {Path(__file__).with_name('objects.sql').read_text('utf-8')}; ANALYZE objects"
)
"""Lists every object of a database: what the grammar's queries call `objects`."""


def faults_of(connection: psycopg.Connection) -> tuple[Fault, ...]:
    """Return every fault that an object of the database that is connected to can have, those of rows first, then kind by kind."""
    major = connection.info.server_version // 10_000
    kinds = ((name, kind) for name, kind in grammar().items() if kind.since <= major <= kind.until)
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL search_path = ''; SET LOCAL jit = off")  # the server writes out every name then
        connection.execute(WORDS.read_bytes())
        connection.execute(OBJECTS.encode())
        of_objects = tuple(fault for name, kind in kinds for fault in _of_kind(connection, name, kind, major))
    return (*row_faults(connection), *of_objects)


def _of_kind(connection: psycopg.Connection, name: str, kind: ObjectKind, major: int) -> Iterator[Fault]:
    rules = [rule for rule in kind.fault if rule.since <= major <= rule.until]
    asked = ", ".join(f"({rule.when}) AS when_{number}" for number, rule in enumerate(rules))
    query = f"SELECT each.*, {asked} FROM ({kind.objects}) AS each"
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query.encode()).fetchall()
    for row in rows:
        texts = {column: "" if value is None else str(value) for column, value in row.items()}
        for number, rule in enumerate(rules):
            if row[f"when_{number}"]:
                yield _fault(name, kind, rule, texts, frozenset(_touched(rule.touches or kind.touches, row, texts)))


def _touched(templates: tuple[str, ...], row: dict[str, Any], texts: dict[str, str]) -> Iterator[str]:
    """Yield what a fault touches; a template that is one column, which is a list, stands for each of the list."""
    for template in templates:
        several = row.get(template.strip("{}"))
        if isinstance(several, list):
            yield from several
        else:
            yield template.format_map(texts)


def _fault(name: str, kind: ObjectKind, rule: FaultRule, texts: dict[str, str], touches: frozenset[str]) -> Fault:
    return Fault(
        kind=name,
        name=rule.name,
        facet=rule.facet or kind.facet,
        identity=(rule.identity or kind.identity).format_map(texts),
        statement=rule.change.format_map(texts),
        touches=touches,
        alone=rule.alone,
        is_shared=rule.shared,
        part=kind.part.format_map(texts),
    )
