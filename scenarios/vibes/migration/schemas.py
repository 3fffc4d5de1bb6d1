"""Which schema this is: measured by the backup, by the SQL that made the tables, or, with neither, by the keys alone."""

from pathlib import Path

import psycopg

from . import backup
from .content import column_types, orphans, untold
from .database import Database
from .definitions import Definition, Differences, capture, differences
from .errors import Refused, Wrong
from .plan import BACKUP, MIGRATED_TYPE, ORIGINAL_TYPE, SCHEMA, Asked, Column, live
from .planning import planned
from .run import Answer, Run
from .states import MIGRATED, ORIGINAL, states

SCHEMA_SQL = Path(__file__).parent.parent / "schema.sql"
SCRATCH = "migration_schema_to_compare"
# A column of each of the bundled tables that others' tables of that name hardly have.
BUNDLED = (
    Column("users", "account_number"),
    Column("journal_entries", "entry_number"),
    Column("tags", "colour"),
    Column("reminders", "repeat_every"),
)


def validate_schema(run: Run) -> Answer:
    """Say which schema this is, the original or the migrated one, or where it is neither."""
    database = run.database
    if database.exists(BACKUP) and database.exists(f"{BACKUP}.definitions"):
        with database.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY"):
            forms = [backup.definitions(database, form) for form in (ORIGINAL, MIGRATED)]
            return _nearest(f"{BACKUP}.definitions", forms, capture(database, run.plan))
    if file := Path(run.options.schema) if run.options.schema else _bundled(database):
        return _nearest(file.name, _built(database, run.plan.asked, file), capture(database, run.plan))
    return _by_keys(run)


def _nearest(source: str, forms: list[list[Definition]], found: list[Definition]) -> Answer:
    against = dict(zip((ORIGINAL, MIGRATED), (differences(form, found) for form in forms), strict=True))
    for form, difference in against.items():
        if not _number(difference):
            return Answer([f"this is the {form} schema, as {source} has it"], {"schema": form, "measure": source})
    form, nearest = min(against.items(), key=lambda item: _number(item[1]))
    raise Wrong(f"this is neither schema; it is nearest to the {form} one of {source}:", *nearest.lines())


def _number(difference: Differences) -> int:
    return len(difference.missing) + len(difference.changed) + len(difference.left_behind)


def _bundled(database: Database) -> Path | None:
    """Return schema.sql if these are its tables, or what is left of them; others' tables are not to be measured by it."""
    there = {column: types for column in BUNDLED if (types := column_types(database, live(column.table)))}
    ours = sum(column.name in types for column, types in there.items())
    return SCHEMA_SQL if ours * 2 >= len(there) else None


def _built(database: Database, asked: Asked, file: Path) -> list[list[Definition]]:
    """Build a file's tables in a schema of its own, in a transaction that is never committed, and read them in both forms."""
    try:
        script = file.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise Refused(f"the schema file cannot be read: {error}") from error
    database.execute("BEGIN")
    try:
        database.execute(f"CREATE SCHEMA {SCRATCH}")
        database.execute(f"SET LOCAL search_path = {SCRATCH}")
        database.execute(script)
        database.execute("SET LOCAL search_path = ''")
        plan = planned(database, asked, SCRATCH)
        return [_moved(capture(database, plan, schema=SCRATCH, migrated=migrated)) for migrated in (False, True)]
    except (psycopg.errors.InsufficientPrivilege, psycopg.ProgrammingError) as error:
        raise Refused(
            f"there is no {BACKUP} to compare with, and {file.name} cannot be built to compare with either: {error}"
        ) from error
    finally:
        database.execute("ROLLBACK")


def _moved(definitions: list[Definition]) -> list[Definition]:
    moved = (tuple(part and part.replace(f"{SCRATCH}.", f"{SCHEMA}.") for part in d) for d in definitions)
    return [Definition(*parts) for parts in moved]  # type: ignore[arg-type]


def _by_keys(run: Run) -> Answer:
    """Say what the keys and what hangs together by them say, and that nothing else was compared."""
    database, plan = run.database, run.plan
    with database.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY"):
        found = states(database, plan)
        wrong = [*plan.problems]
        if not wrong:
            kinds = (ORIGINAL_TYPE, MIGRATED_TYPE) if MIGRATED in found.values() else (ORIGINAL_TYPE,)
            wrong = [*untold(database, plan, kinds), *orphans(database, plan)]
    if wrong or len({*found.values()}) > 1:
        raise Wrong("this is neither schema:", *(f"{table} is {state}" for table, state in found.items()), *wrong)
    form = found[plan.names[0]]
    but = (
        f"nothing else could be compared: there is no {BACKUP}, and these are not the tables of {SCHEMA_SQL.name}"
        " (the SQL that made them is a measure, too: --schema FILE)"
    )
    by_its_keys = f"by its keys this is the {form} schema: {', '.join(map(str, plan.columns))}"
    return Answer([by_its_keys, but], {"schema": form, "measure": "keys"})
