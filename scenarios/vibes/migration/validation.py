"""What is not as it should be, against the backup."""

from . import backup
from .content import deleted_since, fingerprint, orphans, written_since
from .database import Database
from .definitions import capture, differences, positions
from .errors import Refused, Wrong
from .partial import Part
from .plan import WORK, Plan, copy, live
from .preflight import require_backup_schema
from .run import Answer, Run
from .states import ORIGINAL, states


def problems_of_restored(run: Run, part: Part | None = None) -> list[str]:
    """Return what differs from the original: types, rows, definitions, positions of sequences, orphans.

    With `part` in what a partial rollback has made again.
    """
    database, plan = run.database, run.plan
    part = part or Part(plan.names, {})
    found = [f"{t} is {state}" for t, state in states(database, plan).items() if t in part.tables and state != ORIGINAL]
    if found:
        return found
    now = capture(database, plan)
    found += differences(part.ours(part.wanted(database)), part.ours([*now, *positions(database, now)])).lines()
    copied = backup.contents(database)
    for table in part.tables:
        if fingerprint(database, live(table)) != copied[table]:
            found.append(_rows_differ(database, plan, table))
    return found + orphans(database, plan)


def _rows_differ(database: Database, plan: Plan, table: str) -> str:
    written = database.value(f"SELECT count(*) FROM ({written_since(database, plan, table)}) AS w")
    back = deleted_since(database, plan, table)
    return f"{table} differs from {copy(table)}: {written:,} rows are new or changed, {back:,} are missing"


def validate_rollback(run: Run) -> Answer:
    """Say whether everything is the original again; run it before the application writes."""
    database = run.database
    require_backup_schema(run)
    with database.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY"):
        if missing := backup.parts_missing(database, run.plan):
            raise Refused("the backup is not whole: " + "; ".join(missing))
        found = backup.problems(database, run.plan) + problems_of_restored(run)
        if database.exists(WORK):
            found.append(f"left behind: schema {WORK}")
    if found:
        raise Wrong(*found)
    return Answer(["the rollback is valid: rows, types, constraints, indexes and all the rest are the original's"])
