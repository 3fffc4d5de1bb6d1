"""The copies and the definitions: taken in one transaction, and looked at again before anybody relies on them."""

from .content import Fingerprint, fingerprint
from .database import Database
from .definitions import Definition, capture, differences, positions
from .errors import Refused
from .log import Entry, run_of_latest_backup
from .plan import BACKUP, MIGRATION, SCHEMA, Plan, copy, live, recorded
from .planning import planned
from .run import Run

CREATE = f"""
CREATE SCHEMA {BACKUP};
CREATE TABLE {BACKUP}.about (
    migration text PRIMARY KEY, run text, taken_at timestamptz DEFAULT now(), server text DEFAULT version()
);
CREATE TABLE {BACKUP}.plan (plan json NOT NULL); -- not jsonb, which would lose the order
CREATE TABLE {BACKUP}.contents (table_name text PRIMARY KEY, rows bigint NOT NULL, hashes numeric NOT NULL);
CREATE TABLE {BACKUP}.definitions (
    form text, place integer, kind text NOT NULL, table_name text, name text NOT NULL, statement text NOT NULL,
    PRIMARY KEY (form, place)
);
COMMENT ON TABLE {BACKUP}.plan IS 'What is migrated: each table''s primary key, and its columns that become uuid';
COMMENT ON TABLE {BACKUP}.definitions IS 'Run the statements of form ''original'' by place, with the rows filled in after not_null'
"""


def take(run: Run) -> None:
    """Copy everything, and compare the copies with what was copied; readers go on meanwhile, writers wait."""
    database = run.database
    with run.log.entry("backup") as entry, run.locked("SHARE"):
        if database.exists(BACKUP):
            _take_over(run, entry)
            return
        if planned(database, run.plan.asked) != run.plan:
            raise Refused("somebody has just changed the tables' keys: try again")
        database.execute(CREATE)
        database.execute(f"INSERT INTO {BACKUP}.about (migration, run) VALUES ($1, $2)", MIGRATION, run.log.run)
        database.execute(f"INSERT INTO {BACKUP}.plan VALUES ($1)", run.plan.as_json())
        copied = sum(_copied(database, table) for table in run.plan.tables)
        original = capture(database, run.plan)
        _store(database, "original", [*original, *positions(database, original)])
        _store(database, "migrated", capture(database, run.plan, migrated=True))
        entry.complete(database, rows=copied)


def _copied(database: Database, table: str) -> int:
    database.execute(f"CREATE TABLE {copy(table)} AS TABLE {live(table)}")
    original, copy_of_it = fingerprint(database, live(table)), fingerprint(database, copy(table))
    if original != copy_of_it:
        raise Refused(f"{copy(table)} is not the same as {live(table)}: {copy_of_it} against {original}")
    database.execute(f"INSERT INTO {BACKUP}.contents VALUES ($1, $2, $3)", table, *original)
    return original.rows


def _store(database: Database, form: str, definitions: list[Definition]) -> None:
    columns = [list(column) for column in zip(*definitions, strict=True)]
    database.execute(
        f"INSERT INTO {BACKUP}.definitions SELECT $1, row_number() OVER (), u.*"
        " FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS u",
        form, *columns,
    )  # fmt: skip


def _take_over(run: Run, entry: Entry) -> None:
    """Go on with a backup that is there if the tables are still what it holds; never write over one."""
    database = run.database
    stale = problems(database, run.plan) or _changed_since(database, run.plan)
    if stale:
        old = about(database) or "old"
        raise Refused(
            f"schema {BACKUP} is there already, of an earlier run ({old}), and not the same as the tables:\n  "
            + "\n  ".join(stale)
            + f"\nit may be the only copy of something: drop it, or ALTER SCHEMA {BACKUP} RENAME TO {BACKUP}_{old}"
        )
    database.execute(f"UPDATE {BACKUP}.about SET run = $1", run.log.run)
    entry.complete(database, detail="the backup that was there is still the same as the tables: taken over")


def _changed_since(database: Database, plan: Plan) -> list[str]:
    copied = contents(database)
    changed = [
        f"{table} has changed since" for table in plan.tables if fingerprint(database, live(table)) != copied[table]
    ]
    return changed + differences(definitions(database, "original"), capture(database, plan)).lines()


def about(database: Database) -> str | None:
    """Return the run that the backup belongs to."""
    return database.value(f"SELECT run FROM {BACKUP}.about") if database.exists(f"{BACKUP}.about") else None


def recorded_plan(database: Database) -> Plan | None:
    """Return what was planned when the backup was taken; None if there is no such record."""
    known = database.exists(BACKUP) and database.exists(f"{BACKUP}.plan")
    plan = database.value(f"SELECT plan FROM {BACKUP}.plan") if known else None
    return recorded(plan) if plan else None


def contents(database: Database) -> dict[str, Fingerprint]:
    """Return what was copied, as it was seen then."""
    rows = database.rows(f"SELECT table_name, rows, hashes FROM {BACKUP}.contents")
    return {table: Fingerprint(int(number), int(hashes)) for table, number, hashes in rows}


def definitions(database: Database, form: str, *, with_positions: bool = False) -> list[Definition]:
    """Return the definitions as they were ("original"), or as the migration makes them ("migrated")."""
    rows = database.rows(
        f"SELECT kind, table_name, name, statement FROM {BACKUP}.definitions WHERE form = $1 ORDER BY place", form
    )
    return [Definition(*row) for row in rows if with_positions or row[0] != "positions"]


def parts_missing(database: Database, plan: Plan) -> list[str]:
    """Say which tables a backup should have and does not."""
    wanted = [*(f"{BACKUP}.{part}" for part in ("about", "plan", "contents", "definitions")), *map(copy, plan.tables)]
    return [f"{table} is missing" for table in wanted if not database.exists(table)]


def problems(database: Database, plan: Plan) -> list[str]:
    """Say what is wrong with the backup: parts missing, rows fewer or other than those that were copied."""
    if missing := parts_missing(database, plan):
        return missing
    copied = contents(database)
    found = [f"{BACKUP}.contents knows nothing of {table}" for table in plan.tables if table not in copied]
    for table, then in copied.items():
        now = fingerprint(database, copy(table))
        if now.rows != then.rows:
            found.append(f"{copy(table)} has {now.rows:,} rows, {then.rows:,} were copied")
        elif now != then:
            found.append(f"{copy(table)} holds other rows than those that were copied")
    latest, own = run_of_latest_backup(database), about(database)
    if latest not in (None, own):
        found.append(f"it is the backup of an earlier run ({own}); the run to undo is {latest}")
    if not definitions(database, "original"):
        found.append(f"{BACKUP}.definitions is empty, so {SCHEMA} could not be made again")
    return found
