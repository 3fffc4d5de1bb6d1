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
from .partial import Part, chosen
from .plan import WORK, aside, copy, live
from .preflight import require_backup_schema, require_nobody_else, require_privileges, require_room
from .run import Answer, Run
from .states import MISSING, ORIGINAL, in_words, states
from .validation import problems_of_restored

PARTIAL = "partial rollback"  # in the log: to no reader is the migration undone by it
ROOM = 2  # the tables with their indexes, and as much again for the write-ahead log
AFTER_ROWS = tuple(kind for kind in KINDS if kind not in (*BEFORE_ROWS, *FINISH))


def rollback(run: Run) -> Answer:
    """Undo the migration, however far it came; of some tables only, if the operator names them and their keys allow it."""
    database = run.database
    require_backup_schema(run)
    require_privileges(database, run.plan.names)
    run.log.open()
    found = states(database, run.plan)
    part = _part(run, found)
    run.log.operation = "rollback" if part.is_all else PARTIAL
    with run.logged() as operation:
        require_nobody_else(run)
        with run.log.done("validate backup", database):
            _require_sound_backup(run)
        if _untouched(run, found, part):
            with database.transaction():
                _drop_work(database)
                operation.complete(database, detail="no table had been changed")
            return Answer(["rolled back: no table had been changed yet"], {"tables": found})
        require_room(run, ROOM)
        logger.info("rolling back from: %s", in_words(found))
        with run.locked():
            kept = _restore(run, part, found)
            operation.complete(database, rows=_rows(database, part), detail=_detail(part))
    return _answer(run, part, kept)


def _part(run: Run, found: dict[str, str]) -> Part:
    """Return what is rolled back; without its parts no backup can say what belongs together, and the next step names them."""
    if not run.options.tables or backup.parts_missing(run.database, run.plan):
        return Part(run.plan.names, {})
    return chosen(run.database, run.plan, found, run.options.tables)


def _rows(database: Database, part: Part) -> int:
    return sum(then.rows for table, then in backup.contents(database).items() if table in part.tables)


def _detail(part: Part) -> str | None:
    return None if part.is_all else f"only {', '.join(part.tables)}; {in_words(part.others)}"


def _answer(run: Run, part: Part, kept: list[str]) -> Answer:
    lines = ["rolled back: the tables are the original ones again"]
    if not part.is_all:
        lines = [f"rolled back in part: {', '.join(part.tables)}; as before: {in_words(part.others)}"]
    lines += kept
    if run.options.force:
        lines.append("nothing was validated, as --force demands: run --operation=validate_rollback now")
    facts = {"tables": states(run.database, run.plan), "rolled_back": part.tables, "set_aside": kept}
    return Answer(lines, facts)


def _require_sound_backup(run: Run) -> None:
    # Without its parts there is nothing to restore from: no force helps.
    look = backup.parts_missing if run.options.force else backup.problems
    found = look(run.database, run.plan)
    if found:
        advice = "" if run.options.force else "\n(--force does not look at rows, and restores what there is)"
        raise Refused("the backup cannot be trusted, and nothing was changed:\n  " + "\n  ".join(found) + advice)


def _untouched(run: Run, found: dict[str, str], part: Part) -> bool:
    """Tell whether the migration came to an end before it changed a table; refuse if there was none at all."""
    database = run.database
    before = [definition for definition in part.wanted(database) if definition.kind != "positions"]
    different = differences(part.ours(before), part.ours(capture(database, run.plan)))
    if {found[table] for table in part.tables} != {ORIGINAL} or any(different):
        return False
    if not part.is_all:
        raise Refused(f"there is nothing to roll back: {', '.join(part.tables)} is the original already")
    steps = steps_since_rollback(database)
    if not steps and not database.exists(WORK):
        raise Refused(
            "there is nothing to roll back: every table is the original one, and no migration was begun since"
        )
    return "switch" not in steps


def _restore(run: Run, part: Part, found: dict[str, str]) -> list[str]:
    """Do it all, inside the transaction that the caller holds."""
    database = run.database
    wanted = part.ours(part.wanted(database))
    with run.log.done("set aside", database):
        kept = _set_aside(run, {table: found[table] for table in part.tables})
    with run.log.done("drop", database):
        _drop_migrated(run, part, wanted)
    with run.log.done("make again", database):
        make(database, run.plan, of(wanted, BEFORE_ROWS))
    for table in part.tables:
        with run.log.entry("fill", table) as entry:
            entry.complete(database, rows=_fill(database, table))
    with run.log.done("connect", database):
        _connect(run, part, wanted)
    if not run.options.force:
        with run.log.done("validate", database):
            if wrong := problems_of_restored(run, part):
                raise Wrong("nothing was changed, because the result would be wrong:", *wrong)
    return kept


def _connect(run: Run, part: Part, wanted: list[Definition]) -> None:
    """Make all that comes after the rows."""
    database, plan = run.database, run.plan
    make(database, plan, of(wanted, (*AFTER_ROWS, "owners")))
    grant(database, plan, wanted)
    make(database, plan, of(wanted, ("comments",)))
    execute_all(database, of(wanted, ("positions",)))
    if part.is_all:
        _drop_work(database)
    database.execute(f"ANALYZE {', '.join(map(live, part.tables))}")
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


def _drop_migrated(run: Run, part: Part, wanted: list[Definition]) -> None:
    """Drop tables and views; what somebody made over them since is not ours to drop, and stops us."""
    database = run.database
    take_apart(database, run.plan, wanted, part.tables)
    for view in of(wanted, ("views",)):
        if database.exists(view.name):  # it reads other things by now
            database.execute(f"DROP {kind_of_view(view)} {view.name}")
    if tables := [live(table) for table in part.tables if database.exists(live(table))]:
        database.execute(f"DROP TABLE {', '.join(tables)}")


def _fill(database: Database, table: str) -> int:
    names = ", ".join(map(name, stored_columns(database, live(table))))
    rows = database.execute(f"INSERT INTO {live(table)} ({names}) SELECT {names} FROM {copy(table)}").rowcount
    logger.info("%s: %s rows restored", table, f"{rows:,}")
    return rows


def _drop_work(database: Database) -> None:
    if database.exists(WORK):
        database.execute(f"DROP SCHEMA {WORK} CASCADE")
