"""What is looked at after the rollback: structures, rows, orphans, the application, the speed of look-ups."""

from collections.abc import Iterator

from rollproof.model.phase import DEFAULT_PHASE
from rollproof.report.runbook.document import Part, Prose, Section, Table, code, shell, sql
from rollproof.report.runbook.known import Known, KnownKey, KnownTable
from rollproof.report.runbook.typed import first, left, literal, rollproof


def after_the_rollback(known: Known) -> Iterator[Section]:
    """Yield the verification, and the same by hand."""
    verify = shell(rollproof(known, f"verify {DEFAULT_PHASE}"))
    yield Section(
        "After the rollback",
        (Prose("One command asks for all of this; the statements below are to see it yourself:"), verify),
    )
    yield Section("Structures", tuple(_structures(known)), level=3)
    yield Section("Rows", tuple(_rows(known)), level=3)
    yield Section("Rows without a parent row", tuple(_orphans(known)), level=3)
    yield Section("The application answers", tuple(_answers(known)), level=3)
    yield Section("Look-ups are fast", tuple(_lookups(known)), level=3)


def _structures(known: Known) -> Iterator[Part]:
    if known.types:
        rows = tuple((code(table), code(column), code(kind)) for table, column, kind in first(known.types))
        yield Table(("table", "column", "type before the migration" if known.is_original else "type"), rows)
        yield from map(Prose, left(known.types, "columns"))
    yield Prose("Constraints that are there:")
    yield sql(
        "SELECT conrelid::regclass AS table, conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint\n"
        f"WHERE conrelid = ANY (ARRAY({_oids(known)})) ORDER BY 1, 2;"
    )


def _rows(known: Known) -> Iterator[Part]:
    if not known.tables:
        yield Prose("No table is known.")
        return
    yield sql("\nUNION ALL\n".join(map(_count, first(known.tables))) + ";")
    yield from map(Prose, left(known.tables, "tables"))


def _count(table: KnownTable) -> str:
    expected = str(table.rows) if table.rows is not None and table.is_counted else "NULL"
    return (
        f"SELECT {literal(table.name)} AS table, count(*) AS rows, {expected}::bigint AS before FROM ONLY {table.name}"
    )


def _orphans(known: Known) -> Iterator[Part]:
    if not known.keys:
        yield Prose("No foreign key is known. Keys that only the application relies on are named by `[[foreign_key]]`.")
        return
    yield Prose("Each must return 0:")
    yield sql(*map(_orphan, first(known.keys)))
    yield from map(Prose, left(known.keys, "foreign keys"))


def _orphan(key: KnownKey) -> str:
    return f"{key.orphans};"


def _answers(known: Known) -> Iterator[Part]:
    application = known.application
    if application.endpoints:
        yield Prose(f"Endpoints: {', '.join(map(code, application.endpoints))}.")
        yield shell(rollproof(known, f"verify {DEFAULT_PHASE} -k endpoint"))
    else:
        yield Prose(
            "No `[[endpoints]]` are configured: open the application, log in, and read something that was there before."
        )
    if application.commands:
        yield Prose(
            f"The application's own tests: {', '.join(map(code, application.commands))}; the verification runs them."
        )
    else:
        yield Prose("No `[[commands]]` are configured: run the application's own tests by hand.")


def _lookups(known: Known) -> Iterator[Part]:
    asked = [*_by_keys(known), *_by_references(known)]
    if not asked:
        yield Prose("No key is known by which a row is looked up.")
        return
    yield Prose("An index scan is what you want to see; a sequential scan of a small table is no harm:")
    yield sql(*first(asked))
    if known.application.plans:
        yield Prose(
            f"Recorded plans, which the verification compares: {', '.join(map(code, known.application.plans))}."
        )
    yield Prose("Indexes that are there:")
    yield sql(
        "SELECT indrelid::regclass AS table, indexrelid::regclass AS index, indisvalid AS valid FROM pg_index\n"
        f"WHERE indrelid = ANY (ARRAY({_oids(known)})) ORDER BY 1, 2;"
    )


def _oids(known: Known) -> str:
    """Return the query for the tables that are there of those that are named."""
    tables = ", ".join(literal(each.name) for each in first(known.tables))
    return f"SELECT to_regclass(name)::oid FROM unnest(ARRAY[{tables}]::text[]) AS name"


def _by_keys(known: Known) -> Iterator[str]:
    for table in known.tables:
        if table.key:
            yield _explained(table.name, table.key)


def _by_references(known: Known) -> Iterator[str]:
    for key in known.keys:
        yield _explained(key.table, key.columns)


def _explained(table: str, columns: tuple[str, ...]) -> str:
    row = ", ".join(columns)
    filled = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    found = f"(SELECT {row} FROM {table} WHERE {filled} LIMIT 1)"
    return f"EXPLAIN (ANALYZE, BUFFERS) SELECT count(*) FROM {table} WHERE ({row}) = {found};"
