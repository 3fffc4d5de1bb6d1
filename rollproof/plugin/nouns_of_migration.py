"""Fixtures of the checks about a migration: its log, its types, the state of its tables and the fate of rows."""

from contextlib import suppress

import pytest

from rollproof.backup import old_columns
from rollproof.backup.copies import TABLE, fact_about, partition_parents, with_ancestors
from rollproof.catalog.queries import queries
from rollproof.migration.announced_changes import additions, announced, notes
from rollproof.migration.at_risk import at_risk as at_risk_of
from rollproof.migration.backup_age import completed
from rollproof.migration.catalogue_loss import LOSABLE, losses
from rollproof.migration.log import read
from rollproof.migration.log_table import source
from rollproof.migration.lost_parents import Edges
from rollproof.migration.lost_rows import write
from rollproof.migration.row_fate import RowFates, primary_keys
from rollproof.migration.table_states import states, types_of_copies, types_on_both, wanted, without
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.finding import Finding
from rollproof.settings.sections import Log
from rollproof.sources.table_groups import EVERYTHING


@pytest.fixture
def migration(sides):
    """What the configuration says of the migration."""
    return sides.settings.migration


@pytest.fixture(scope="session")
def log_table(sides):
    """The name of the migration's log, which need not be there."""
    return (sides.settings.log or Log()).table


@pytest.fixture(scope="session")
def steps(sides):
    """What the migration's log says was done, and when; without one nothing is known of that."""
    log = sides.settings.log or Log()
    if not (done := completed(sides.opened.after.view, log)):
        pytest.skip(f"no step in {log.table} is completed; [log] in rollproof.toml says how to read yours")
    return done


@pytest.fixture
def log(sides):
    """What the migration's log says."""
    words = sides.settings.log or Log()
    return sides.opened.after.view.ask(lambda connection: read(connection, words), reads=[source(words.table)])


@pytest.fixture
def known_log(sides):
    """What the migration's log says, where there is one that can be understood; else None."""
    words = sides.settings.log or Log()
    with suppress(Misuse):
        found = sides.opened.after.view.ask(lambda connection: read(connection, words), reads=[source(words.table)])
        return found if found.there else None
    return None


@pytest.fixture(scope="session")
def types(sides):
    """The types before and now, by table and column; as long as it is migrated, without what was dropped on purpose."""
    was, now = types_on_both(sides.opened.before, sides.opened.after, sides.opened.copies)
    drops = sides.settings.migration.drops if sides.run.phase.tables != "original" else ()
    return without(was, now, drops), now


@pytest.fixture(scope="session")
def to_migrate(sides, types, keys):
    """The columns that the migration is to change: (table, column)."""
    return wanted(*types, keys.values(), sides.settings.migration)


@pytest.fixture(scope="session")
def table_states(sides, types, to_migrate):
    """The state of every table of the reference."""
    return states(*types, to_migrate, sides.settings.migration)


@pytest.fixture(scope="session")
def migrated_types(sides, types, to_migrate):
    """The types that the migration changes, the old and the new ones."""
    was, now = types
    may_write = sides.settings.migration.may_write
    columns = {(table, column) for table in was for column in was[table] if may_write(table, column)} | to_migrate
    pairs = {(was[table][column], now.get(table, {}).get(column)) for table, column in columns}
    return {type_ for pair in pairs if len({*pair, None}) > 2 for type_ in pair}  # noqa: PLR2004 (both are there, and differ)


@pytest.fixture(scope="session")
def on_purpose(sides):
    """Tells of a facet and a difference whether the configuration announces it."""
    return announced(sides.opened.before, sides.settings.migration).covers


@pytest.fixture
def lost(before, after, migrated_types, on_purpose):
    """Tells of a facet what the migration took away."""
    return lambda facet: losses(facet, before, after, EVERYTHING, migrated_types, on_purpose)


@pytest.fixture
def new(sides, types):
    """The objects that are new since the reference, which a note tells, as it does what is of another type."""
    found, untold = additions(sides.opened.before, sides.opened.after)
    sides.run.notes.extend([*notes(found, *types), *filter(None, [untold])])
    return found


@pytest.fixture(scope="session")
def held_facets(sides):
    """The kinds of facts that a migration may take away, without those that belong to other checks."""
    return [facet for facet in queries(sides.opened.after.view.version) if facet in LOSABLE]


@pytest.fixture(scope="session")
def fates(sides, types):
    """What became of the rows that the migration copied, by table."""
    opened = sides.opened
    knows = opened.after if opened.before.unavailable("constraints") else opened.before
    may_write = sides.settings.migration.may_write
    return RowFates(opened.after.view, types[1], types_of_copies(opened.copies), primary_keys(knows), may_write)


@pytest.fixture
def edges(sides, fates, keys, copies):
    """What became of the parent-child edges between the copies, by foreign key."""
    there = {table: copy for table in copies.tables if (copy := copies.copy_of(table))}
    return Edges(fates, sides.opened.after.view, keys, there)


@pytest.fixture
def at_risk(sides, fates):
    """Tells of a copy what the rollback would lose, and writes it down if that was asked for."""
    run, view = sides.run, sides.opened.after.view
    folder = run.runs.own("at-risk") if sides.settings.at_risk else None
    steps = completed(view, sides.settings.log or Log())

    def ask(copy):
        for difference in at_risk_of(view, fates, copy, steps):
            if sides.settings.at_risk:
                pair = fates.pair(copy)
                path = view.ask(lambda connection, pair=pair: write(connection, pair, folder), reads=pair.sources)
                run.notes.append(f"rows at risk written: {path}")
            yield difference

    return ask


@pytest.fixture
def touched(sides, types, to_migrate):
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
def untouched(sides, touched, types, may_grow):
    """The tables that the migration leaves alone, without those that may grow."""
    rest = [table for table in sides.opened.before.scanned if table in types[0] and table not in {*touched}]
    if not rest:
        pytest.skip("the migration changes or copies every table, so other checks look after their rows")
    if not (strict := [table for table in rest if not may_grow(table)]):
        pytest.skip("these tables may grow, so nobody can say what their rows should be")
    return strict


@pytest.fixture
def lost_rows(sides, fates, touched, types):
    """Tells of a touched table what it lost: held against its copy, else read back as it was."""
    if not touched:
        pytest.skip("the migration changes no column of any table, so untouched_rows looks after them")
    opened, (was, now) = sides.opened, types
    above, may_write = partition_parents(opened.after), sides.settings.migration.may_write

    def ask(table):
        found = filter(None, map(opened.copies.copy_of, with_ancestors(table, above)))
        copy = next((copy for copy in found if copy.kind == TABLE), None)
        return fates.lost(copy) if copy else without_a_copy(table)

    def without_a_copy(table):
        try:
            columns = was[table], now.get(table, {})
            yield from old_columns.lost(
                opened.before, opened.after, table, *columns, lambda name: may_write(table, name)
            )
        except Inconclusive as error:
            raise Inconclusive(
                f"{table} has no copy in {opened.copies.schema} to be compared with, and {error}"
            ) from error

    return ask


@pytest.fixture
def other_rows(before, after):
    """Tells of an untouched table whether its rows are others than they were."""

    def ask(table):
        for facet in ("rows", "content"):
            was, now = (fact_about(side, facet, table) for side in (before, after))
            if was != now:
                holds = f"{now} rows, and had {was}" if facet == "rows" else "as many rows as before, but other ones"
                yield Finding("untouched_rows", table, was, now, f"{table} has {holds}")
                return

    return ask
