"""The original, back from the backup: whole, or nothing at all.

1 the backup is looked at, 2 the migrated tables are dropped, 3 made again and filled, 4 get back constraints, indexes
and all the rest, 5 the result is looked at, 6 the log says so: 2 to 6 in one transaction.
"""

from . import backup
from .console import logger
from .content import columns_since, deleted_since, stored_columns, written_since
from .database import Database, name
from .definitions import (
    BEFORE_ROWS,
    FINISH,
    KINDS,
    Definition,
    analyze_views,
    capture,
    differences,
    execute_all,
    grant,
    kind_of_view,
    make,
    of,
    take_apart,
)
from .errors import Refused, Wrong
from .log import steps_since_rollback
from .plan import WORK, Plan, aside, copy, live
from .preflight import require_backup_schema, require_nobody_else, require_privileges, require_room
from .run import Answer, Run
from .states import MISSING, ORIGINAL, in_words, states
from .validation import problems_of_restored

ROOM = 2  # the tables with their indexes, and as much again for the write-ahead log
AFTER_ROWS = tuple(kind for kind in KINDS if kind not in (*BEFORE_ROWS, *FINISH))


def rollback(run: Run) -> Answer:
    """Undo the migration, however far it came."""
    database = run.database
    require_backup_schema(run)
    require_privileges(database, run.plan.names)
    run.log.open()
    with run.logged() as operation:
        require_nobody_else(run)
        with run.log.done("validate backup", database):
            _require_sound_backup(run)
        found = states(database, run.plan)
        wanted = backup.definitions(database, "original", with_positions=True)
        if _untouched(run, found, wanted):
            with database.transaction():
                _drop_work(database)
                operation.complete(database, detail="no table had been changed")
            return Answer(["rolled back: no table had been changed yet"], {"tables": found})
        require_room(run, ROOM)
        logger.info("rolling back from: %s", in_words(found))
        with run.locked():
            kept = _restore(run, wanted, found)
            operation.complete(database, rows=sum(f.rows for f in backup.contents(database).values()))
    lines = ["rolled back: the tables are the original ones again", *kept]
    if run.options.force:
        lines.append("nothing was validated, as --force demands: run --operation=validate_rollback now")
    return Answer(lines, {"tables": states(database, run.plan), "set_aside": kept})


def _require_sound_backup(run: Run) -> None:
    # Without its parts there is nothing to restore from: no force helps.
    look = backup.parts_missing if run.options.force else backup.problems
    found = look(run.database, run.plan)
    if found:
        advice = "" if run.options.force else "\n(--force does not look at rows, and restores what there is)"
        raise Refused("the backup cannot be trusted, and nothing was changed:\n  " + "\n  ".join(found) + advice)


def _untouched(run: Run, found: dict[str, str], wanted: list[Definition]) -> bool:
    """Tell whether the migration came to an end before it changed a table; refuse if there was none at all."""
    database = run.database
    before = [definition for definition in wanted if definition.kind != "positions"]
    if set(found.values()) != {ORIGINAL} or any(differences(before, capture(database, run.plan))):
        return False
    steps = steps_since_rollback(database)
    if not steps and not database.exists(WORK):
        raise Refused(
            "there is nothing to roll back: every table is the original one, and no migration was begun since"
        )
    return "switch" not in steps


def _restore(run: Run, wanted: list[Definition], found: dict[str, str]) -> list[str]:
    """Do it all, inside the transaction that the caller holds."""
    database = run.database
    with run.log.done("set aside", database):
        kept = _set_aside(run, found)
    with run.log.done("drop", database):
        _drop_migrated(run, wanted)
    with run.log.done("make again", database):
        make(database, run.plan, of(wanted, BEFORE_ROWS))
    for table in run.plan.tables:
        with run.log.entry("fill", table) as entry:
            entry.complete(database, rows=_fill(database, table))
    with run.log.done("connect", database):
        _connect(database, run.plan, wanted)
    if not run.options.force:
        with run.log.done("validate", database):
            if wrong := problems_of_restored(run):
                raise Wrong("nothing was changed, because the result would be wrong:", *wrong)
    return kept


def _connect(database: Database, plan: Plan, wanted: list[Definition]) -> None:
    """Make all that comes after the rows."""
    make(database, plan, of(wanted, (*AFTER_ROWS, "owners")))
    grant(database, plan, wanted)
    make(database, plan, of(wanted, ("comments",)))
    execute_all(database, of(wanted, ("positions",)))
    _drop_work(database)
    database.execute(f"ANALYZE {', '.join(map(live, plan.tables))}")
    analyze_views(database, wanted)


def _set_aside(run: Run, found: dict[str, str]) -> list[str]:
    """Keep the rows that were written since the backup, which the rollback takes away; return what to tell."""
    database, told = run.database, []
    for table in (table for table, state in found.items() if state != MISSING):
        kept = aside(table, run.log.run)
        number = database.execute(f"CREATE TABLE {kept} AS {written_since(database, run.plan, table)}").rowcount
        if number:
            added = columns_since(database, table)
            why = f"with columns that it does not have ({', '.join(added)})" if added else "written"
            told.append(f"{number:,} rows of {table} {why} since the backup are set aside in {kept}")
        else:
            database.execute(f"DROP TABLE {kept}")
        if deleted := deleted_since(database, run.plan, table):
            told.append(f"{deleted:,} rows of {table} deleted since the backup are back")
    return told


def _drop_migrated(run: Run, wanted: list[Definition]) -> None:
    """Drop tables and views; what somebody made over them since is not ours to drop, and stops us."""
    database = run.database
    take_apart(database, run.plan, wanted)
    for view in of(wanted, ("views",)):
        if database.exists(view.name):  # it reads other things by now
            database.execute(f"DROP {kind_of_view(view)} {view.name}")
    if tables := [live(table) for table in run.plan.tables if database.exists(live(table))]:
        database.execute(f"DROP TABLE {', '.join(tables)}")


def _fill(database: Database, table: str) -> int:
    names = ", ".join(map(name, stored_columns(database, live(table))))
    rows = database.execute(f"INSERT INTO {live(table)} ({names}) SELECT {names} FROM {copy(table)}").rowcount
    logger.info("%s: %s rows restored", table, f"{rows:,}")
    return rows


def _drop_work(database: Database) -> None:
    if database.exists(WORK):
        database.execute(f"DROP SCHEMA {WORK} CASCADE")
