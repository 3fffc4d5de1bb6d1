"""What is not as it should be: against the backup, and, where there is none, against the application's own schema.sql."""

from pathlib import Path

import psycopg

from . import backup
from .content import deleted_since, fingerprint, orphans, written_since
from .database import Database
from .definitions import Definition, Differences, capture, differences, positions
from .errors import Refused, Wrong
from .log import operations
from .plan import BACKUP, SCHEMA, WORK, copy, live
from .preflight import require_backup_schema
from .run import Answer, Run
from .states import MISSING, ORIGINAL, states

SCHEMA_SQL = Path(__file__).parent.parent / "schema.sql"
SCRATCH = "migration_schema_to_compare"


def problems_of_restored(database: Database) -> list[str]:
    """Return what differs from the original: types, rows, definitions, positions of sequences, orphans."""
    found = [f"{table} is {state}" for table, state in states(database).items() if state != ORIGINAL]
    if found:
        return found
    now = capture(database)
    wanted = backup.definitions(database, "original", with_positions=True)
    found += differences(wanted, [*now, *positions(database, now)]).lines()
    for table, then in backup.contents(database).items():
        if fingerprint(database, live(table)) != then:
            found.append(_rows_differ(database, table))
    return found + orphans(database)


def _rows_differ(database: Database, table: str) -> str:
    written = database.value(f"SELECT count(*) FROM ({written_since(database, table)}) AS w")
    back = deleted_since(database, table)
    return f"{table} differs from {copy(table)}: {written:,} rows are new or changed, {back:,} are missing"


def validate_rollback(run: Run) -> Answer:
    """Say whether everything is the original again; run it before the application writes."""
    database = run.database
    require_backup_schema(database)
    with database.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY"):
        if missing := backup.parts_missing(database):
            raise Refused("the backup is not whole: " + "; ".join(missing))
        found = backup.problems(database) + problems_of_restored(database)
        if database.exists(WORK):
            found.append(f"left behind: schema {WORK}")
    if found:
        raise Wrong(*found)
    return Answer(["the rollback is valid: rows, types, constraints, indexes and all the rest are the original's"])


def validate_schema(run: Run) -> Answer:
    """Say which schema this is, the original or the migrated one, or where it is neither."""
    database = run.database
    if database.exists(f"{BACKUP}.definitions"):
        source = f"{BACKUP}.definitions"
        with database.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY"):
            original, migrated = (backup.definitions(database, form) for form in ("original", "migrated"))
            found = capture(database)
    else:
        source = SCHEMA_SQL.name
        original, migrated, found = _from_schema_sql(database)
    against = {"original": differences(original, found), "migrated": differences(migrated, found)}
    for form, difference in against.items():
        if not any(difference):
            return Answer([f"this is the {form} schema, as {source} has it"], {"schema": form})
    form, nearest = min(against.items(), key=lambda item: _number(item[1]))
    raise Wrong(f"this is neither schema; it is nearest to the {form} one of {source}:", *nearest.lines())


def _number(difference: Differences) -> int:
    return sum(map(len, difference))


def _from_schema_sql(database: Database) -> tuple[list[Definition], list[Definition], list[Definition]]:
    """Build schema.sql in a schema of its own, in a transaction that is never committed, and read that."""
    found = capture(database)
    database.execute("BEGIN")
    try:
        database.execute(f"CREATE SCHEMA {SCRATCH}")
        database.execute(f"SET LOCAL search_path = {SCRATCH}")
        database.execute(SCHEMA_SQL.read_text("utf-8"))
        database.execute("SET LOCAL search_path = ''")
        forms = [_moved(capture(database, schema=SCRATCH, migrated=migrated)) for migrated in (False, True)]
    except psycopg.errors.InsufficientPrivilege as error:
        raise Refused(
            f"there is no {BACKUP} to compare with, and schema.sql cannot be built to compare with either: {error}"
        ) from error
    finally:
        database.execute("ROLLBACK")
    return forms[0], forms[1], found


def _moved(definitions: list[Definition]) -> list[Definition]:
    moved = (tuple(part and part.replace(f"{SCRATCH}.", f"{SCHEMA}.") for part in d) for d in definitions)
    return [Definition(*parts) for parts in moved]  # type: ignore[arg-type]


def status(run: Run) -> Answer:
    """Say what state everything is in; changes nothing, waits for nobody."""
    database = run.database
    with database.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY"):
        tables = {
            table: {"state": state, "rows": _rows(database, live(table)), "backup_rows": _rows(database, copy(table))}
            for table, state in states(database).items()
        }
        facts = {
            "tables": tables,
            "backup": _backup(database),
            "operations": operations(database),
            "at_risk": _at_risk(database, tables),
            "half_done": database.exists(WORK),
            "integrity": _integrity(database, {str(t["state"]) for t in tables.values()}),
        }
    return Answer(_status_lines(facts), facts)


def _rows(database: Database, table: str) -> int | None:
    return int(database.value(f"SELECT count(*) FROM {table}")) if database.exists(table) else None


def _backup(database: Database) -> dict[str, object]:
    if not database.exists(BACKUP):
        return {"exists": False, "problems": [f"schema {BACKUP} does not exist"]}
    return {"exists": True, "run": backup.about(database), "problems": backup.problems(database)}


def _at_risk(database: Database, tables: dict[str, dict[str, object]]) -> dict[str, dict[str, int]]:
    """Return, by table, the rows that a rollback would set aside or bring back."""
    both = [table for table in tables if database.exists(live(table)) and database.exists(copy(table))]
    found = {
        table: {
            "written": int(database.value(f"SELECT count(*) FROM ({written_since(database, table)}) AS w")),
            "deleted": deleted_since(database, table),
        }
        for table in both
    }
    return {table: numbers for table, numbers in found.items() if any(numbers.values())}


def _integrity(database: Database, found: set[str]) -> list[str]:
    if MISSING in found:
        return ["not every table is there"]
    problems = orphans(database)
    if database.exists(f"{BACKUP}.definitions") and len(found) == 1:
        form = found.pop()
        if form in ("original", "migrated"):
            problems += differences(backup.definitions(database, form), capture(database)).lines()
    return problems


def _status_lines(facts: dict) -> list[str]:
    shown = "{:17}{:10}{:>14}{:>14}"
    lines = [shown.format("table", "state", "rows", "backup")]
    for table, about in facts["tables"].items():
        numbers = ("-" if about[key] is None else f"{about[key]:,}" for key in ("rows", "backup_rows"))
        lines.append(shown.format(table, about["state"], *numbers))
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
