"""Troubleshooting with this database's statements, and the two ways to recover where no rollback can."""

from collections.abc import Iterator
from dataclasses import replace
from shlex import quote

from rollproof.model.phase import DEFAULT_PHASE
from rollproof.report.runbook.document import Part, Prose, Section, points, shell, sql
from rollproof.report.runbook.known import MOST, Known
from rollproof.report.runbook.typed import beside, first, left, literal, rollproof

_CONSTRAINTS = 5 * MOST


def troubleshooting(known: Known) -> Iterator[Section]:
    """Yield what to do where the backup is not found, the rollback is incomplete, or constraints are missing."""
    yield Section("Troubleshooting")
    yield Section("The backup schema is not found", tuple(_no_backup(known)), level=3)
    yield Section("The rollback is incomplete", tuple(_incomplete(known)), level=3)
    yield Section("Constraints are missing", tuple(_constraints(known)), level=3)


def _no_backup(known: Known) -> Iterator[Part]:
    yield Prose("Was it ever made? Is it under another name, or in another database?")
    yield sql(
        "SELECT n.nspname AS schema, c.relname AS table, c.reltuples::bigint AS about_rows\n"
        "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace\n"
        f"WHERE c.relkind = 'r' AND (n.nspname = {literal(known.backup_schema)} OR concat(n.nspname, c.relname) ~* 'backup')\n"
        "ORDER BY 1, 2;",
        "SELECT datname FROM pg_database WHERE datallowconn ORDER BY 1;",
    )
    yield points(
        (
            "If it is there, name it under `[backup]` in rollproof.toml, and go on.",
            "If a dump from before the migration exists: Recovery 1.",
            "If there is none: Recovery 2 makes the structures again; rows are only where somebody kept them.",
        )
    )


def _incomplete(known: Known) -> Iterator[Part]:
    yield Prose("Which tables are back, and which are not:")
    yield shell(rollproof(known, f"verify {DEFAULT_PHASE} -k 'table_states or columns or rows'"))
    if known.log and known.log.is_there is not False:
        yield Prose("Which steps failed, or never ended:")
        yield sql(_unfinished(known))
    yield Prose(
        "Restore the rest: run the rollback again, if the tool can; else print the statements for one table, read them, run them:"
    )
    yield shell(*(rollproof(known, f"repair --only {quote(each.name)}") for each in first(known.tables)))
    yield from map(Prose, left(known.tables, "tables"))
    yield Prose("Then validate again (step 5).")


def _unfinished(known: Known) -> str:
    assert known.log, "it is asked for where there is one"
    columns = known.log.columns
    failed = ", ".join(map(literal, known.log.failed)) or "''"
    open_ended = f" OR {columns['finished']} IS NULL" if "finished" in columns else ""
    return (
        f"SELECT {', '.join(columns.values())} FROM {known.log.table}\n"
        f"WHERE {columns['status']} IN ({failed}){open_ended} ORDER BY {columns['started']};"
    )


def _constraints(known: Known) -> Iterator[Part]:
    if not known.constraints:
        yield Prose("No constraint is known.")
        return
    yield Prose(
        "Only those that are missing, as psql's `\\d` shows. Rows that break one are refused with a message: mend the rows first."
    )
    yield sql(*first(known.constraints, _CONSTRAINTS))
    yield from map(Prose, left(known.constraints, "constraints, in recreate.sql", _CONSTRAINTS))
    yield Prose("What is missing, in order, with all that stands on it:")
    yield shell(f"{rollproof(known, 'repair --definitions-only')} > repair.sql")


def recovery(known: Known) -> Iterator[Section]:
    """Yield the two ways to recover."""
    yield Section("Recovery")
    yield Section("Recovery 1: restore a dump from before the migration", tuple(_restore(known)), level=3)
    yield Section("Recovery 2: make the original structures again", tuple(_recreate(known)), level=3)


def _restore(known: Known) -> Iterator[Part]:
    yield Prose("Into a new database beside the old one, which stays as it is until the new one is verified:")
    if known.commands.restore:
        yield shell(known.commands.restore)
    else:
        yield shell(
            f"createdb --maintenance-db={quote(known.url)} --template=template0 restored",
            f"pg_restore --exit-on-error -d {quote(beside(known, 'restored'))} before-migration.dump",
        )
    yield Prose(
        "Validate it against the reference before anybody uses it, and mind what was written since the dump was made:"
    )
    restored = replace(known, url=beside(known, "restored"))
    yield shell(rollproof(restored, f"verify {DEFAULT_PHASE} --other-database"))


def _recreate(known: Known) -> Iterator[Part]:
    if not known.recreates:
        yield Prose(
            "No definitions are known, so there is no script: take a baseline before the migration (`rollproof capture`)."
        )
        return
    of = (
        "as the reference has it"
        if known.is_original
        else "as it was when this was written, which may be the migrated one"
    )
    yield Prose(
        f"Beside this file stands recreate.sql: the whole schema, {of}, in an order that runs. It brings no rows."
    )
    yield shell(
        f"createdb --maintenance-db={quote(known.url)} --template=template0 recreated",
        f"psql -X -v ON_ERROR_STOP=1 -d {quote(beside(known, 'recreated'))} -f recreate.sql",
    )
    if known.is_original:
        yield Prose("The same script, made anew, and proven by running it on an empty database:")
        yield shell(f"{rollproof(known, 'repair --recreate --prove', database=False)} > recreate.sql")
    yield Prose("Rows come from the copies or a dump; then validate (step 5).")
