"""The state of everything, for people and for monitors; changes nothing, and waits for nobody.

While another run is at work, its tables are not read: that would wait for it, or have it wait for us. What the catalogue and the
log say then is enough to see how far it is.
"""

from collections.abc import Iterable
from typing import Any

import psycopg

from . import backup
from .content import deleted_since, orphans, untold, written_since
from .database import Database
from .definitions import capture, differences
from .log import counted, last_error, operations, unfinished
from .partial import Part
from .plan import BACKUP, ORIGINAL_TYPE, WORK, copy, live
from .run import Answer, Run
from .states import MIGRATED, MISSING, ORIGINAL, states

FORMAT = 1  # raised when a field changes its meaning or goes
BRIEF = 250  # milliseconds: as long as somebody may hold the table of progress


def status(run: Run) -> Answer:
    """Say what state everything is in; the fields are documented, docs/vibes-migration.md."""
    holder = run.log.holder()
    if holder is not None:
        facts = _while_at_work(run, holder)
    else:
        with run.database.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY"):
            facts = _at_rest(run)
    facts = _of_the_log(run, holder) | facts
    facts["sound"] = None if holder is not None else _sound(facts)
    return Answer(lines(facts), {"format": FORMAT, **facts})


def _of_the_log(run: Run, holder: int | None) -> dict[str, Any]:
    """Return what the log and the catalogue say."""
    database, plan = run.database, run.plan
    open_run = unfinished(database)
    found, half = states(database, plan), database.exists(WORK)
    running = {**(open_run or {}), "process": holder, "progress": _progress(run, found, open_run)} if holder else None
    return {
        "at": str(database.value("SELECT clock_timestamp()")),
        "state": _state({*found.values()}, half=half),
        "tables": {table: {"state": state, "rows": None, "backup_rows": None} for table, state in found.items()},
        "keys": [str(column) for column in plan.columns],
        "staying": [str(column) for column in plan.staying],
        "half_done": half,
        "running": running,
        "died": open_run if holder is None else None,
        "last_error": last_error(database),
        "counts": counted(database),
        "operations": operations(database),
    }


def _state(found: set[str], *, half: bool) -> str:
    if found <= {ORIGINAL, MIGRATED}:
        if half:
            return "half migrated"
        return found.pop() if len(found) == 1 else "rolled back in part"
    return "mixed"


def _while_at_work(run: Run, holder: int) -> dict[str, Any]:
    exists = run.database.exists(BACKUP)
    return {
        "backup": {"exists": exists, "run": backup.about(run.database) if exists else None, "problems": None},
        "at_risk": None,
        "integrity": None,
        "not_looked_at": f"rows, backup, integrity: another run is at work here (server process {holder})",
    }


def _progress(run: Run, found: dict[str, str], open_run: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return how many of all rows are copied, or filled in again; None where the run does neither, or that is not known."""
    database = run.database
    if open_run is None or not database.exists(f"{BACKUP}.contents"):
        return None
    database.execute(f"SET lock_timeout = {BRIEF}")
    try:
        copied = {table: then.rows for table, then in backup.contents(database).items()}
        done = _copied(database, copied, found) if open_run["operation"] == "migrate" else _filled(open_run, copied)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.UndefinedTable):
        return None
    total = sum(copied.values())
    return {"rows": done, "of": total, "percent": round(100 * done / total, 1) if total else 100.0}


def _copied(database: Database, copied: dict[str, int], found: dict[str, str]) -> int:
    there = dict(database.rows(f"SELECT table_name, rows FROM {WORK}.progress")) if database.exists(WORK) else {}
    return sum(rows if found.get(table) == MIGRATED else there.get(table, 0) for table, rows in copied.items())


def _filled(open_run: dict[str, Any], copied: dict[str, int]) -> int:
    """Return the rows of the tables whose filling is over: it was followed by another step."""
    filled = [table for step, table in open_run["steps"] if step == "fill"]
    over = filled[:-1] if open_run["step"] == "fill" else filled
    return sum(copied.get(table, 0) for table in over)


def _at_rest(run: Run) -> dict[str, Any]:
    """Return what reading the tables says."""
    database = run.database
    tables = {
        table: {"state": state, "rows": _rows(database, live(table)), "backup_rows": _rows(database, copy(table))}
        for table, state in states(database, run.plan).items()
    }
    return {
        "tables": tables,
        "backup": _backup(run),
        "at_risk": _at_risk(run, tables),
        "integrity": _integrity(run, {table: str(about["state"]) for table, about in tables.items()}),
        "not_looked_at": None,
    }


def _rows(database: Database, table: str) -> int | None:
    return int(database.value(f"SELECT count(*) FROM {table}")) if database.exists(table) else None


def _backup(run: Run) -> dict[str, object]:
    database = run.database
    if not database.exists(BACKUP):
        return {"exists": False, "run": None, "problems": [f"schema {BACKUP} does not exist"]}
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


def _integrity(run: Run, found: dict[str, str]) -> list[str]:
    """Say what is amiss: in the plan, which has nothing in its way once it is recorded; in rows; in definitions."""
    database, plan = run.database, run.plan
    kinds = {*found.values()}
    if MISSING in kinds:
        return ["not every table is there", *plan.problems]
    told = (ORIGINAL_TYPE,) if kinds == {ORIGINAL} else ()
    problems = [*plan.problems, *untold(database, plan, told), *orphans(database, plan)]
    complete = len(kinds) == 1 or not database.exists(WORK)  # half way, what ties tables together is away on purpose
    if database.exists(f"{BACKUP}.definitions") and complete and kinds <= {ORIGINAL, MIGRATED}:
        original = tuple(table for table, state in found.items() if state == ORIGINAL)
        part = Part(original, {table: state for table, state in found.items() if state != ORIGINAL})
        wanted = [d for d in part.wanted(database) if d.kind != "positions"]
        problems += differences(wanted, capture(database, plan)).lines()
    return problems


def _sound(facts: dict[str, Any]) -> bool:
    """Tell whether nothing asks for a person: all of one kind, nothing amiss, and a way back where one may be needed."""
    way_back = not facts["backup"]["problems"] or (facts["state"] == ORIGINAL and not facts["backup"]["exists"])
    return facts["state"] in (ORIGINAL, MIGRATED) and not facts["integrity"] and way_back and not facts["died"]


def lines(facts: dict[str, Any]) -> list[str]:
    """Return the same for people."""
    shown = "{:17}{:10}{:>14}{:>14}"
    told = [shown.format("table", "state", "rows", "backup")]
    for table, about in facts["tables"].items():
        numbers = ("-" if about[key] is None else f"{about[key]:,}" for key in ("rows", "backup_rows"))
        told.append(shown.format(table, about["state"], *numbers))
    told += [f"state: {facts['state']}", f"keys: {', '.join(facts['keys'])}"]
    told += [f"no keys, these stay as they are: {', '.join(facts['staying'])}"] if facts["staying"] else []
    told += _of_running(facts) if facts["not_looked_at"] else _of_reading(facts)
    if facts["died"]:
        told.append(f"died: {facts['died']['operation']} of {facts['died']['since'][:19]}, by {facts['died']['actor']}")
    return told + [
        f"{o['started_at'][:19]}  {o['operation']:17}{o['status']:10}{o['detail'] or ''}" for o in facts["operations"]
    ]


def _of_running(facts: dict[str, Any]) -> list[str]:
    running = facts["running"]
    step = " ".join(filter(None, (running.get("operation"), running.get("step"), running.get("table"))))
    told = [f"running: {step or 'it has not begun to log'}, since {running.get('since', 'this moment')[:19]}"]
    if progress := running["progress"]:
        told.append(f"progress: {progress['rows']:,} of {progress['of']:,} rows ({progress['percent']:g} %)")
    return [*told, f"not looked at: {facts['not_looked_at']}"]


def _of_reading(facts: dict[str, Any]) -> list[str]:
    told = [f"backup: {'; '.join(facts['backup']['problems']) or 'sound, of run ' + str(facts['backup']['run'])}"]
    told += [
        f"{table}: {n['written']:,} rows written and {n['deleted']:,} deleted since the backup; a rollback sets the former"
        f" aside in {BACKUP} and brings the latter back"
        for table, n in facts["at_risk"].items()
    ]
    told += [f"half done: schema {WORK} is still there"] if facts["half_done"] else []
    return [*told, "integrity: " + ("\n  ".join(facts["integrity"]) or "no orphans, nothing missing")]
