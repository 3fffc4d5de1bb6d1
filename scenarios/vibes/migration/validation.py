"""What is not as it should be, against the backup; and the state of everything."""

from collections.abc import Iterable
from typing import Any

from . import backup
from .content import deleted_since, fingerprint, orphans, untold, written_since
from .database import Database
from .definitions import capture, differences, positions
from .errors import Refused, Wrong
from .log import operations
from .partial import Part
from .plan import BACKUP, ORIGINAL_TYPE, WORK, Plan, copy, live
from .preflight import require_backup_schema
from .run import Answer, Run
from .states import MISSING, ORIGINAL, states


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


def status(run: Run) -> Answer:
    """Say what state everything is in; changes nothing, waits for nobody."""
    database, plan = run.database, run.plan
    with database.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY"):
        tables = {
            table: {"state": state, "rows": _rows(database, live(table)), "backup_rows": _rows(database, copy(table))}
            for table, state in states(database, plan).items()
        }
        facts = {
            "tables": tables,
            "keys": [str(column) for column in plan.columns],
            "staying": [str(column) for column in plan.staying],
            "backup": _backup(run),
            "operations": operations(database),
            "at_risk": _at_risk(run, tables),
            "half_done": database.exists(WORK),
            "integrity": _integrity(run, {str(t["state"]) for t in tables.values()}),
        }
    return Answer(_status_lines(facts), facts)


def _rows(database: Database, table: str) -> int | None:
    return int(database.value(f"SELECT count(*) FROM {table}")) if database.exists(table) else None


def _backup(run: Run) -> dict[str, object]:
    database = run.database
    if not database.exists(BACKUP):
        return {"exists": False, "problems": [f"schema {BACKUP} does not exist"]}
    return {"exists": True, "run": backup.about(database), "problems": backup.problems(database, run.plan)}


def _at_risk(run: Run, tables: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return, by table, the rows that a rollback would set aside or bring back."""
    database, plan = run.database, run.plan
    both = [table for table in tables if database.exists(live(table)) and database.exists(copy(table))]
    found = {
        table: {
            "written": int(database.value(f"SELECT count(*) FROM ({written_since(database, plan, table)}) AS w")),
            "deleted": deleted_since(database, plan, table),
        }
        for table in both
    }
    return {table: numbers for table, numbers in found.items() if any(numbers.values())}


def _integrity(run: Run, found: set[str]) -> list[str]:
    """Say what is amiss: in the plan, which has nothing in its way once it is recorded; in rows; in definitions."""
    database, plan = run.database, run.plan
    if MISSING in found:
        return ["not every table is there", *plan.problems]
    kinds = (ORIGINAL_TYPE,) if found == {ORIGINAL} else ()
    problems = [*plan.problems, *untold(database, plan, kinds), *orphans(database, plan)]
    if database.exists(f"{BACKUP}.definitions") and len(found) == 1:
        form = found.pop()
        if form in ("original", "migrated"):
            problems += differences(backup.definitions(database, form), capture(database, plan)).lines()
    return problems


def _status_lines(facts: dict[str, Any]) -> list[str]:
    shown = "{:17}{:10}{:>14}{:>14}"
    lines = [shown.format("table", "state", "rows", "backup")]
    for table, about in facts["tables"].items():
        numbers = ("-" if about[key] is None else f"{about[key]:,}" for key in ("rows", "backup_rows"))
        lines.append(shown.format(table, about["state"], *numbers))
    lines.append(f"keys: {', '.join(facts['keys'])}")
    lines += [f"no keys, these stay as they are: {', '.join(facts['staying'])}"] if facts["staying"] else []
    lines.append(f"backup: {'; '.join(facts['backup']['problems']) or 'sound, of run ' + str(facts['backup']['run'])}")
    lines += [
        f"{table}: {n['written']:,} rows written and {n['deleted']:,} deleted since the backup; a rollback sets the former"
        f" aside in {BACKUP} and brings the latter back"
        for table, n in facts["at_risk"].items()
    ]
    lines += [f"half done: schema {WORK} is still there"] if facts["half_done"] else []
    lines.append("integrity: " + ("\n  ".join(facts["integrity"]) or "no orphans, nothing missing"))
    lines += [
        f"{o['started_at'][:19]}  {o['operation']:9} {o['status']:10}{o['detail'] or ''}" for o in facts["operations"]
    ]
    return lines
