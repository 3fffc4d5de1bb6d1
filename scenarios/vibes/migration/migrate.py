"""Keys from varchar(36) to uuid: new tables are filled in batches, then put in the old ones' place, one by one.

Whatever is committed is a place to go on from, or to roll back from. The catalogue says where we are: a new table in
migration_work is being filled, a table whose keys are uuid is done, a foreign key that is missing is still to come.
"""

from . import backup
from .console import Progress
from .content import as_migrated, column_types, fingerprint, stored_columns
from .database import Database, name
from .definitions import (
    CONNECTIONS,
    FINISH,
    OF_ONE_TABLE,
    Definition,
    analyze_views,
    capture,
    differences,
    execute_all,
    grant,
    make,
    of,
    positions,
    take_apart,
)
from .errors import Refused, Wrong
from .plan import BACKUP, WORK, Plan, live, new
from .preflight import (
    ROOM,
    require_convertible,
    require_nobody_else,
    require_original,
    require_privileges,
    require_room,
)
from .run import Answer, Run
from .states import MIGRATED, ORIGINAL, states

PROGRESS = f"{WORK}.progress"


def migrate(run: Run) -> Answer:
    """Begin, or go on after a crash."""
    database = run.database
    require_privileges(database, run.plan.names)
    run.log.open()
    with run.logged() as operation:
        _begin(run)
        wanted = backup.definitions(database, "migrated")
        for table in run.plan.tables:
            _copy(run, table, wanted)
        if database.exists(WORK):
            _detach(run)
        for table in run.plan.tables:
            _switch(run, table, wanted)
        _connect(run, wanted)
        with run.locked():
            _finish(database, run.plan, wanted)
            operation.complete(database)
    return Answer(
        ["migrated: the keys are uuid; the originals are in migration_backup"], {"tables": states(database, run.plan)}
    )


def _begin(run: Run) -> None:
    """Decide between a fresh start and going on, and refuse everything else."""
    database = run.database
    require_nobody_else(run)
    found = states(database, run.plan)
    begun = database.exists(WORK) or MIGRATED in found.values()
    if begun and set(found.values()) <= {ORIGINAL, MIGRATED} and database.exists(BACKUP):
        if problems := backup.problems(database, run.plan):
            raise Refused("it cannot go on with a damaged backup:\n  " + "\n  ".join(problems))
        if not database.exists(WORK) and not any(
            differences(backup.definitions(database, "migrated"), capture(database, run.plan))
        ):
            raise Refused("there is nothing to migrate: every table has been migrated already")
        return
    require_original(run, "not every table is in its original state, and there is no backup to go on with")
    require_convertible(database, run.plan)
    require_room(run, ROOM)
    backup.take(run)


def _copy(run: Run, table: str, wanted: list[Definition]) -> None:
    """Fill the new table from the old one, batch by batch, in the order of the key."""
    database = run.database
    if states(database, run.plan)[table] == MIGRATED:
        return
    with run.log.entry("copy", table) as entry:
        _prepare(database, table, wanted)
        last, done = database.rows(f"SELECT last_key, rows FROM {PROGRESS} WHERE table_name = $1", table)[0]
        progress = Progress(table, done, database.value(f"SELECT count(*) FROM {live(table)}"))
        number = run.options.batch_size
        while number == run.options.batch_size:  # a batch that is not full is the last one
            with database.transaction():
                number, last = _copy_batch(run, table, last)
                done += number
                database.execute(
                    f"UPDATE {PROGRESS} SET last_key = $2, rows = $3 WHERE table_name = $1", table, last, done
                )
            progress.report(done)
        entry.complete(database, rows=done)


def _prepare(database: Database, table: str, wanted: list[Definition]) -> None:
    with database.transaction():
        database.execute(f"CREATE SCHEMA IF NOT EXISTS {WORK}")
        database.execute(
            f"CREATE TABLE IF NOT EXISTS {PROGRESS} (table_name text PRIMARY KEY, last_key text[], rows bigint)"
        )
        if not database.exists(new(table)):
            parts = of(wanted, ("tables", "columns", "not_null"), [table])
            was = parts[0].name  # of the kind "tables", as the server spells it
            execute_all(database, (d._replace(statement=d.statement.replace(was, new(table), 1)) for d in parts))
            database.execute(f"INSERT INTO {PROGRESS} VALUES ($1, NULL, 0)", table)


def _copy_batch(run: Run, table: str, last: list[str] | None) -> tuple[int, list[str] | None]:
    """Copy the rows with the next keys; return how many and the last one's key."""
    types = column_types(run.database, live(table))
    key = run.plan.tables[table].key
    names, by = ", ".join(map(name, types)), ", ".join(map(name, key))
    after = ", ".join(f"($1::text[])[{place}]::{types[column]}" for place, column in enumerate(key, 1))
    return run.database.rows(
        f"WITH batch AS MATERIALIZED (SELECT {names} FROM {live(table)}"
        f" WHERE $1::text[] IS NULL OR ({by}) > ({after}) ORDER BY {by} LIMIT $2),"
        f" copied AS (INSERT INTO {new(table)} ({names}) SELECT {as_migrated(run.plan, table, [*types])} FROM batch)"
        " SELECT (SELECT count(*) FROM batch), coalesce((SELECT ARRAY["
        f"{', '.join(f'{name(column)}::text' for column in key)}] FROM batch ORDER BY"
        f" {', '.join(f'{name(column)} DESC' for column in key)} LIMIT 1), $1)",
        last, run.options.batch_size,
    )[0]  # fmt: skip


def _detach(run: Run) -> None:
    """Take away what ties the tables to each other: between the first switch and the last, types do not fit."""
    database = run.database
    with run.log.entry("detach") as entry, run.locked():
        take_apart(database, run.plan)
        entry.complete(database)


def _switch(run: Run, table: str, wanted: list[Definition]) -> None:
    """Put the new table in the old one's place, with everything that belongs to it alone."""
    database = run.database
    if states(database, run.plan)[table] == MIGRATED:
        return
    with run.log.entry("switch", table) as entry, run.locked(tables=(table,)):
        rows = _catch_up(database, run.plan, table)
        stand = of(
            positions(database, capture(database, run.plan, ("sequences", "identities"))), ("positions",), [table]
        )
        database.execute(f"DROP TABLE {live(table)}")
        database.execute(f"ALTER TABLE {new(table)} SET SCHEMA {live(table).split('.')[0]}")
        make(database, run.plan, of(wanted, ("functions", "sequences", *OF_ONE_TABLE, "owners"), [table]))
        grant(database, run.plan, of(wanted, FINISH, [table]))
        execute_all(database, stand)
        database.execute(f"ANALYZE {live(table)}")
        entry.complete(database, rows=rows)


def _catch_up(database: Database, plan: Plan, table: str) -> int:
    """Make sure, while nobody can write, that the new table has every row as it is now; copy it again if not."""
    columns = stored_columns(database, live(table))
    names, cast = ", ".join(map(name, columns)), as_migrated(plan, table, columns)
    now = fingerprint(database, live(table), cast)
    if fingerprint(database, new(table), names) != now:
        database.execute(f"TRUNCATE {new(table)}")
        database.execute(f"INSERT INTO {new(table)} ({names}) SELECT {cast} FROM {live(table)}")
        if fingerprint(database, new(table), names) != now:
            raise Wrong(f"{new(table)} does not become the same as {live(table)}")
    return now.rows


def _connect(run: Run, wanted: list[Definition]) -> None:
    """Add the foreign keys, each in a transaction of its own: each reads two whole tables."""
    database = run.database
    with run.log.entry("foreign keys") as entry:
        missing = differences(of(wanted, ("foreign_keys",)), capture(database, run.plan, ("foreign_keys",))).missing
        for definition in missing:
            with run.locked():
                database.execute(definition.statement)
        entry.complete(database)


def _finish(database: Database, plan: Plan, wanted: list[Definition]) -> None:
    """Add what belongs to all tables together, and look whether everything is as it should be."""
    make(database, plan, of(wanted, (*CONNECTIONS, "owners")))
    grant(database, plan, of(wanted, FINISH))
    make(database, plan, of(wanted, ("comments",)))
    analyze_views(database, wanted)
    if database.exists(WORK):
        database.execute(f"DROP TABLE {PROGRESS}")
        database.execute(f"DROP SCHEMA {WORK}")
    found = differences(wanted, capture(database, plan))
    if any(found):
        raise Wrong(*found.lines())
