"""The UUID migration of vibes and its rollback: `python data_migration.py --operation=OP --database-url URL`.

migrate            copy the tables into migration_backup, then turn every key from varchar(36) into uuid
rollback           rebuild the tables from the application's own schema.sql and fill them from the copies, in one transaction
validate_rollback  say whether counts, types, constraints and references are as they should be
status             say which state each table is in, and what the log knows

Exit codes: 0 done, 1 something is not as it should be, 2 refused or failed (and nothing was changed).
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

Connection = psycopg.Connection
SCHEMA = Path(__file__).with_name("schema.sql")
MARKER = "-- data.py puts the rows in here"
MIGRATION = "uuid_keys"
KEYS = {
    "users": ("id", "invited_by"),
    "journal_entries": ("id", "user_id", "follows"),
    "tags": ("id", "entry_id"),
    "reminders": ("id", "user_id", "entry_id"),
}
REFERENCES = (
    ("users", "invited_by", "users"),
    ("journal_entries", "user_id", "users"),
    ("journal_entries", "follows", "journal_entries"),
    ("tags", "entry_id", "journal_entries"),
    ("reminders", "user_id", "users"),
    ("reminders", "entry_id", "journal_entries"),
)
UUID = "^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$"
LOG = """
CREATE TABLE IF NOT EXISTS public.migration_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    migration text NOT NULL, operation text NOT NULL, step text, table_name text, status text NOT NULL, rows bigint,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(), finished_at timestamptz, detail text
)"""
# What stands between a key and its new type; the statements of schema.sql about them put them back.
IN_THE_WAY = (
    "DROP VIEW user_activity, entry_overview",
    "DROP POLICY own_entries ON journal_entries",
    "DROP TRIGGER users_touch ON users",
    "ALTER TABLE reminders DROP CONSTRAINT reminders_entry_fkey, DROP CONSTRAINT reminders_user_id_fkey",
    "ALTER TABLE tags DROP CONSTRAINT tags_entry_id_fkey",
    "ALTER TABLE journal_entries DROP CONSTRAINT journal_entries_user_id_fkey, DROP CONSTRAINT journal_entries_follows_fkey",
    "ALTER TABLE users DROP CONSTRAINT users_invited_by_fkey, DROP CONSTRAINT users_id_is_an_id",
)
PUT_BACK = ("FOREIGN KEY", "user_activity", "entry_overview", "own_entries", "users_touch", "tags_entry_id_fkey")


class Refused(Exception):  # noqa: N818 (a decision, not a malfunction)
    """Nothing was changed, and this is why."""


def main() -> int:
    """Run one operation and return the exit code."""
    operations = {"status": status, "migrate": migrate, "rollback": rollback, "validate_rollback": validate_rollback}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operation", choices=operations, required=True)
    parser.add_argument("--database-url", default=os.environ.get("DATABASE_URL"), help="default: DATABASE_URL")
    options = parser.parse_args()
    if not options.database_url:
        parser.error("which database? give --database-url or set DATABASE_URL")
    url = options.database_url.replace("postgresql+psycopg:", "postgresql:", 1)
    try:
        with psycopg.connect(url) as work, psycopg.connect(url, autocommit=True) as log:
            work.execute("SET lock_timeout = '5s'")
            work.commit()
            return operations[options.operation](work, log)
    except (Refused, psycopg.Error) as error:
        say(f"{options.operation}: {error}".strip(), sys.stderr)
        return 2


def say(text: str, where=None) -> None:
    """Print one line."""
    print(text, file=where or sys.stdout, flush=True)


@contextmanager
def logged(log: Connection, operation: str) -> Iterator[None]:
    """Write started, then completed or failed, on a connection of its own, so that a failed transaction leaves a trace."""
    log.execute("SET client_min_messages = warning")
    log.execute(LOG)
    (row,) = log.execute(
        "INSERT INTO public.migration_log (migration, operation, status) VALUES (%s, %s, 'started') RETURNING id",
        (MIGRATION, operation),
    ).fetchone()
    end = "UPDATE public.migration_log SET status = %s, finished_at = clock_timestamp(), detail = %s WHERE id = %s"
    try:
        yield
    except BaseException as error:
        log.execute(end, ("failed", str(error)[:1000], row))
        raise
    log.execute(end, ("completed", None, row))


def types(work: Connection, table: str) -> set[str]:
    """Return the types that a table's keys have; empty if the table is not there."""
    rows = work.execute(
        "SELECT DISTINCT format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = to_regclass('public.' || %s) AND attname = ANY (%s)",
        (table, list(KEYS[table])),
    )
    return {kind for (kind,) in rows}


def state(work: Connection, table: str) -> str:
    """Return original, migrated, mixed or missing."""
    found = types(work, table)
    if not found:
        return "missing"
    if len(found) > 1:
        return "mixed"
    return {"uuid": "migrated", "character varying(36)": "original"}.get(found.pop(), "mixed")


def count(work: Connection, query: str) -> int:
    """Return the number that a query counts."""
    return work.execute(query).fetchone()[0]


def orphans(work: Connection) -> list[str]:
    """Return one sentence for each reference that some row breaks."""
    found = []
    for table, column, parent in REFERENCES:
        broken = count(
            work,
            f"SELECT count(*) FROM {table} AS c WHERE c.{column} IS NOT NULL"
            f" AND NOT EXISTS (SELECT FROM {parent} AS p WHERE p.id = c.{column})",
        )
        if broken:
            found.append(f"{broken} rows of {table} have a {column} that is not in {parent}")
    return found


def migrate(work: Connection, log: Connection) -> int:
    """Copy, then convert; one transaction, so that a failure leaves the original."""
    if any(state(work, table) != "original" for table in KEYS):
        raise Refused("not every table is in its original state; look at --operation=status")
    with logged(log, "migrate"):
        work.execute(f"LOCK TABLE {', '.join(KEYS)} IN ACCESS EXCLUSIVE MODE")
        require_uuids(work)
        if broken := orphans(work):
            raise Refused("; ".join(broken))
        back_up(work)
        for statement in IN_THE_WAY:
            work.execute(statement)
        for table, columns in KEYS.items():
            changes = [f"ALTER {column} TYPE uuid USING {column}::uuid" for column in columns]
            work.execute(f"ALTER TABLE {table} ALTER id DROP DEFAULT, {', '.join(changes)}")
            work.execute(f"ALTER TABLE {table} ALTER id SET DEFAULT gen_random_uuid()")
        for statement in statements_over_tables():
            if any(word in statement for word in PUT_BACK):
                work.execute(statement.replace("'vibes.user_id', true)", "'vibes.user_id', true)::uuid"))
        work.commit()
        log.execute(f"ANALYZE {', '.join(KEYS)}")
    say("migrated: the keys are uuid, the copies are in migration_backup")
    return 0


def require_uuids(work: Connection) -> None:
    """Refuse what cannot be a UUID, naming some; and ids that differ only in spelling, which would become one."""
    for table in KEYS:
        rows = work.execute(f"SELECT id FROM {table} WHERE id !~ %s ORDER BY id LIMIT 5", (UUID,)).fetchall()
        if rows:
            raise Refused(f"{table} has ids that are not UUIDs: {', '.join(value for (value,) in rows)}")
        if count(work, f"SELECT count(*) - count(DISTINCT id::uuid) FROM {table}"):
            raise Refused(f"{table} has ids that are the same UUID in two spellings")


def back_up(work: Connection) -> None:
    """Copy the tables and the positions of their sequences. A backup that is there already is never overwritten."""
    if count(work, "SELECT count(*) FROM pg_namespace WHERE nspname = 'migration_backup'"):
        raise Refused("schema migration_backup is there already; it may be the only copy: rename or drop it yourself")
    work.execute("CREATE SCHEMA migration_backup")
    for table in KEYS:
        work.execute(f"CREATE TABLE migration_backup.{table}_backup AS TABLE public.{table}")
    work.execute("CREATE TABLE migration_backup.sequence_positions (name text, last_value bigint, is_called boolean)")
    for name in sequences(work):
        work.execute(
            f"INSERT INTO migration_backup.sequence_positions SELECT '{name}', last_value, is_called FROM {name}"
        )


def sequences(work: Connection) -> list[str]:
    """Return the sequences that the tables own."""
    rows = work.execute(
        "SELECT format('%%I.%%I', n.nspname, s.relname) FROM pg_depend AS d"
        " JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'"
        " JOIN pg_namespace AS n ON n.oid = s.relnamespace"
        " WHERE d.refobjid = ANY (SELECT to_regclass('public.' || t) FROM unnest(%s::text[]) AS t) ORDER BY 1",
        (list(KEYS),),
    )
    return [name for (name,) in rows]


def statements_over_tables() -> list[str]:
    """Return what schema.sql builds over the tables, statement by statement."""
    after = SCHEMA.read_text("utf-8").partition(MARKER)[2].partition("\n")[2]
    return [statement.strip() for statement in after.split(";\n") if statement.strip()]


def tables_of_schema() -> str:
    """Return the part of schema.sql that makes the tables; the roles, types and functions before it still exist."""
    before = SCHEMA.read_text("utf-8").partition(MARKER)[0]
    return before[before.index("CREATE SEQUENCE") :]


def rollback(work: Connection, log: Connection) -> int:
    """Rebuild from the copies: whole, or nothing."""
    require_backup(work)
    with logged(log, "rollback"):
        work.execute("DROP VIEW IF EXISTS user_activity, entry_overview")
        work.execute(f"DROP TABLE IF EXISTS {', '.join(KEYS)}")
        work.execute(tables_of_schema())
        for table in KEYS:
            fill(work, table)
        for statement in statements_over_tables():
            work.execute(statement)
        work.execute("SELECT setval(name::regclass, last_value, is_called) FROM migration_backup.sequence_positions")
        if wrong := problems(work):
            raise Refused("nothing was changed, because the result would be wrong: " + "; ".join(wrong))
        work.commit()
        log.execute(f"ANALYZE {', '.join(KEYS)}")
    say("rolled back: the tables are rebuilt from migration_backup")
    return 0


def require_backup(work: Connection) -> None:
    """Refuse without a whole backup, and when there is nothing to roll back."""
    if missing := [t for t in KEYS if not count(work, f"SELECT count(to_regclass('migration_backup.{t}_backup'))")]:
        raise Refused(f"there is no backup of {', '.join(missing)} in schema migration_backup")
    if all(state(work, table) == "original" for table in KEYS):
        raise Refused("every table is in its original state already")
    for table in KEYS:
        if state(work, table) != "missing":
            lost = against_copy(work, table)
            if lost:
                raise Refused(
                    f"{table} and its copy differ by {lost} rows: the copy is damaged, or rows were written since"
                )


def against_copy(work: Connection, table: str) -> int:
    """Return how many more rows a table has than its copy."""
    return count(
        work, f"SELECT (SELECT count(*) FROM {table}) - (SELECT count(*) FROM migration_backup.{table}_backup)"
    )


def fill(work: Connection, table: str) -> None:
    """Insert the copies' rows; generated columns compute themselves again."""
    rows = work.execute(
        "SELECT quote_ident(attname) FROM pg_attribute"
        " WHERE attrelid = to_regclass('public.' || %s) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        (table,),
    )
    names = ", ".join(name for (name,) in rows)
    work.execute(
        f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM migration_backup.{table}_backup"
    )


def problems(work: Connection) -> list[str]:
    """Return what is not as it was before the migration, as far as this script can know."""
    found = [f"{table} is {state(work, table)}" for table in KEYS if state(work, table) != "original"]
    if found:
        return found
    for table in KEYS:
        differ = against_copy(work, table)
        found += [f"{table} has {differ:+d} rows against its copy"] if differ else []
    names = {name for (name,) in work.execute("SELECT conname FROM pg_constraint").fetchall()}
    wanted = {
        word for s in (tables_of_schema(), *statements_over_tables()) for word in words_after("ADD CONSTRAINT ", s)
    }
    return [*found, *(f"constraint {name} is missing" for name in sorted(wanted - names)), *orphans(work)]


def words_after(mark: str, text: str) -> list[str]:
    """Return the word after each `mark`."""
    return [part.split()[0] for part in text.split(mark)[1:]]


def validate_rollback(work: Connection, log: Connection) -> int:
    """Print what is wrong, or that nothing is."""
    del log
    if not count(work, "SELECT count(*) FROM pg_namespace WHERE nspname = 'migration_backup'"):
        raise Refused("there is no schema migration_backup to compare with")
    wrong = problems(work)
    for line in wrong or ["rolled back: counts, types, constraints and references are as they should be"]:
        say(line)
    return 1 if wrong else 0


def status(work: Connection, log: Connection) -> int:
    """Print the state of each table and the last entries of the log."""
    for table in KEYS:
        say(f"{table:16} {state(work, table)}")
    if count(log, "SELECT count(to_regclass('public.migration_log'))"):
        for line in log.execute(
            "SELECT started_at, operation, status, detail FROM public.migration_log ORDER BY id DESC LIMIT 5"
        ):
            say("  ".join(str(value) for value in line if value is not None))
    return 0


if __name__ == "__main__":
    sys.exit(main())
