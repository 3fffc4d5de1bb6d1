"""Fixtures of the checks about a migration: its log, its types, the state of its tables and the fate of rows."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rollproof.backup.copies import Copies, Copy
from rollproof.migration import envelope, table_rows
from rollproof.migration.announced_changes import additions, announced, notes
from rollproof.migration.at_risk import at_risk as at_risk_of
from rollproof.migration.backup_age import Step, completed
from rollproof.migration.catalogue_loss import losable, losses
from rollproof.migration.log import MigrationLog, told
from rollproof.migration.lost_parents import Edges
from rollproof.migration.lost_rows import write
from rollproof.migration.row_fate import RowFates, primary_keys
from rollproof.migration.table_rows import MigratedTables
from rollproof.migration.table_states import State, Types, states, types_of_copies, types_on_both, wanted, without
from rollproof.model.errors import Misuse
from rollproof.model.finding import Finding
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.probes.leftovers import Leftover
from rollproof.settings.sections import Log, Migration
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING


@pytest.fixture
def migration(sides: Any) -> Migration:
    """The section [migration] of rollproof.toml."""
    return sides.settings.migration


@pytest.fixture(scope="session")
def log_table(sides: Any) -> str:
    """The name of the migration log table, which may not exist."""
    return (sides.settings.log or Log()).table


@pytest.fixture(scope="session")
def steps(sides: Any) -> list[Step]:
    """The completed steps of the migration log with their times. Skips the check if there is none."""
    log = sides.settings.log or Log()
    if not (done := completed(sides.opened.after.view, log)):
        pytest.skip(f"no step in {log.table} is completed; [log] in rollproof.toml says how to read yours")
    return done


@pytest.fixture
def log(sides: Any) -> MigrationLog:
    """The rows of the migration log."""
    found: MigrationLog = sides.opened.begin_log().result()
    sides.logged = told(found)
    return found


@pytest.fixture
def known_log(sides: Any) -> MigrationLog | None:
    """The rows of the migration log; None if there is no such table, or its columns are others."""
    with suppress(Misuse):
        found: MigrationLog = sides.opened.begin_log().result()
        return found if found.there else None
    return None


@pytest.fixture
def slower(sides: Any, log: MigrationLog) -> list[Finding]:
    """That the rollback took longer than in the rehearsal that `--envelope` names; nothing if it names none."""
    named, view = sides.settings.envelope, sides.opened.after.view
    if named is None or sides.run.phase is not DEFAULT_PHASE:
        return []
    return list(envelope.slower(envelope.read(Path(named)), log, view.ask(envelope.size)))


@pytest.fixture(scope="session")
def types(sides: Any) -> tuple[Types, Types]:
    """The column types before and now, by table and column, without columns that [migration] drops until the rollback."""
    was, now = types_on_both(sides.opened.before, sides.opened.after, sides.opened.copies)
    drops = sides.settings.migration.drops if sides.run.phase.tables != "original" else ()
    return without(was, now, drops), now


@pytest.fixture(scope="session")
def to_migrate(sides: Any, types: tuple[Types, Types], foreign_keys: Any) -> frozenset[tuple[str, str]]:
    """The columns that the migration changes: (table, column)."""
    return wanted(*types, foreign_keys.values(), sides.settings.migration)


@pytest.fixture(scope="session")
def table_states(sides: Any, types: tuple[Types, Types], to_migrate: frozenset[tuple[str, str]]) -> dict[str, State]:
    """The state of every table of the reference."""
    return states(*types, to_migrate, sides.settings.migration)


@pytest.fixture(scope="session")
def migrated_types(sides: Any, types: tuple[Types, Types], to_migrate: frozenset[tuple[str, str]]) -> set[str]:
    """The types, old and new, of columns that the migration changes."""
    was, now = types
    may_write = sides.settings.migration.may_write
    columns = {(table, column) for table in was for column in was[table] if may_write(table, column)} | to_migrate
    pairs = {(was[table][column], now.get(table, {}).get(column)) for table, column in columns}
    return {type_ for pair in pairs if len({*pair, None}) > 2 for type_ in pair if type_}  # noqa: PLR2004 (both are there, and differ)


@pytest.fixture(scope="session")
def on_purpose(sides: Any) -> Any:
    """Call it with a facet and a difference: True if [migration] announces that difference."""
    return announced(sides.opened.before, sides.settings.migration).covers


@pytest.fixture
def lost(before: Source, after: Live, migrated_types: set[str], on_purpose: Any) -> Callable[[str], Iterable[Finding]]:
    """Call it with a facet: what the migration removed or changed of it without need."""
    return lambda facet: losses(facet, before, after, EVERYTHING, migrated_types, on_purpose)


@pytest.fixture
def new(sides: Any, types: tuple[Types, Types]) -> list[Leftover]:
    """The objects that are new since the reference; notes name them, and the columns with another type."""
    found, untold = additions(sides.opened.before, sides.opened.after)
    sides.run.notes.extend([*notes(found, *types), *filter(None, [untold])])
    return found


@pytest.fixture(scope="session")
def held_facets(sides: Any) -> list[str]:
    """The facets of which the check nothing_lost looks for losses; the others have checks of their own."""
    return losable(sides.opened.after.view.version)


@pytest.fixture(scope="session")
def fates(sides: Any, types: tuple[Types, Types]) -> RowFates:
    """The comparison of tables with their copies, row by row."""
    opened = sides.opened
    knows = opened.after if opened.before.unavailable("constraints") else opened.before
    may_write = sides.settings.migration.may_write
    return RowFates(opened.after.view, types[1], types_of_copies(opened.copies), primary_keys(knows), may_write)


@pytest.fixture
def edges(sides: Any, fates: RowFates, foreign_keys: Any, copies: Copies) -> Edges:
    """The comparison of parent-child relations with those between the copies, by foreign key."""
    there = {table: copy for table in copies.tables if (copy := copies.copy_of(table))}
    return Edges(fates, sides.opened.after.view, foreign_keys, there)


@pytest.fixture
def at_risk(sides: Any, fates: RowFates) -> Callable[[Copy], Iterable[Finding]]:
    """Call it with a copy: rows that the rollback would lose; `--at-risk` also writes them to a file."""
    run, view = sides.run, sides.opened.after.view
    folder = run.runs.own("at-risk") if sides.settings.at_risk else None
    steps = completed(view, sides.settings.log or Log())

    def ask(copy: Copy) -> Iterator[Any]:
        for difference in at_risk_of(view, fates, copy, steps):
            if folder:
                pair = fates.pair(copy)
                path = view.ask(lambda connection, pair=pair: write(connection, pair, folder), reads=pair.sources)
                run.notes.append(f"rows at risk written: {path}")
            yield difference

    return ask


@pytest.fixture
def touched(sides: Any, types: tuple[Types, Types], to_migrate: frozenset[tuple[str, str]]) -> list[str]:
    """The tables that the migration changes, or has copied."""
    was, now = types
    may_write = sides.settings.migration.may_write
    named = {table for table, _ in to_migrate} | {
        table for table in was if any(may_write(table, name) for name in was[table])
    }
    there = [table for table in sides.opened.before.scanned if table in was]
    return [
        table for table in there if table in named or was[table] != now.get(table) or sides.opened.copies.copy_of(table)
    ]


@pytest.fixture
def untouched(sides: Any, touched: list[str], types: tuple[Types, Types], may_grow: Callable[[str], bool]) -> list[str]:
    """The tables that the migration leaves alone, without those that may grow."""
    rest = [table for table in sides.opened.before.scanned if table in types[0] and table not in {*touched}]
    if not rest:
        pytest.skip("the migration changes or copies every table, so other checks look after their rows")
    if not (strict := [table for table in rest if not may_grow(table)]):
        pytest.skip("these tables may grow, so nobody can say what their rows should be")
    return strict


@pytest.fixture
def lost_rows(
    sides: Any, fates: RowFates, touched: list[str], types: tuple[Types, Types]
) -> Callable[[str], Iterable[Finding]]:
    """Call it with a changed table: rows it lost, compared with its copy, or else with the reference by their old columns."""
    if not touched:
        pytest.skip("the migration changes no column of any table, so untouched_rows looks after them")
    opened, may_write = sides.opened, sides.settings.migration.may_write
    return MigratedTables(opened.before, opened.after, opened.copies, fates, types, may_write).lost


@pytest.fixture
def other_rows(before: Source, after: Live) -> Callable[[str], Iterable[Finding]]:
    """Call it with a table: a finding if its rows are not those of the reference."""
    return partial(table_rows.other_rows, before, after)
