"""The UUID migration of vibes and its rollback: `python data_migration.py --operation=OP --database-url URL`.

status             what state each table is in, what the log knows, whether anything is amiss
backup             copy the tables, and the definitions of all that belongs to them, into schema migration_backup
migrate            backup, then keys and foreign keys from varchar(36) to uuid, in batches; run it again to go on
rollback           the original back from the backup, in one transaction: whole, or nothing; --tables=A,B for some tables
validate_rollback  is everything the original again?
validate_schema    is this the original schema, the migrated one, or neither?

Exit codes: 0 done; 1 something is not as it should be; 2 refused, and nothing was changed; 3 failed: a rollback has then
changed nothing, a migration can go on; 128 + N stopped by signal N.
"""

import argparse
import csv
import json
import os
import sys
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import psycopg
from migration import backup
from migration.console import Stop, logger, open_log
from migration.database import Database
from migration.errors import Interrupted, Refused, Wrong
from migration.log import Log
from migration.migrate import migrate
from migration.plan import Asked, Plan
from migration.plan_file import read
from migration.planning import planned
from migration.preflight import (
    require_convertible,
    require_nobody_else,
    require_original,
    require_privileges,
    require_room,
)
from migration.rollback import rollback
from migration.run import Answer, Options, Run
from migration.schemas import validate_schema
from migration.status import status
from migration.validation import validate_rollback

READING = ("status", "validate_rollback", "validate_schema")
WHAT_NOW = {
    "status": "nothing was changed",
    "backup": "nothing was changed",
    "migrate": "what was committed stays: look at --operation=status, then migrate again to go on, or roll back",
    "rollback": "nothing was changed: the same command tries again",
    "validate_rollback": "nothing was changed",
    "validate_schema": "nothing was changed",
}


def take_backup(run: Run) -> Answer:
    """Take the backup alone; `migrate` takes it over if the tables are still the same."""
    require_privileges(run.database, run.plan.names)
    run.log.open()
    with run.logged() as operation:
        require_original(run, "only the original is worth a backup, and this is")
        require_nobody_else(run)
        require_convertible(run.database, run.plan)
        require_room(run, 1)
        backup.take(run)
        operation.complete(run.database)
    return Answer(["the backup is taken, and is the same as the tables"])


OPERATIONS: dict[str, Callable[[Run], Answer]] = {
    "status": status,
    "backup": take_backup,
    "migrate": migrate,
    "rollback": rollback,
    "validate_rollback": validate_rollback,
    "validate_schema": validate_schema,
}


def perform(operation: str, url: str, options: Options) -> Answer:
    """Connect twice, for the work and for the log, and do it."""
    stop = Stop()
    stop.listen()
    asked = read(options.plan) if options.plan else None
    log = Log(Database(url, "vibes data_migration log"), operation)
    if operation not in READING:
        log.lock()
    database = Database(url, f"vibes data_migration {operation}")
    database.before_each = stop.check
    return OPERATIONS[operation](Run(database, log, stop, options, the_plan(database, operation, asked)))


def the_plan(database: Database, operation: str, asked: Asked | None) -> Plan:
    """Return what was planned when the backup was taken; before there is one, what the catalogue and the plan file say."""
    try:
        known = backup.recorded_plan(database)
    except psycopg.errors.InsufficientPrivilege:
        if operation not in READING:
            require_privileges(database, (asked or Asked()).tables)
        raise
    if known and asked not in (None, known.asked):
        raise Refused(
            "the backup was taken with another plan file, or with none, and what is migrated cannot change on the way:"
            " leave --plan away, or roll back first and rename the schema migration_backup"
        )
    return known or planned(database, asked or Asked())


def outcome(operation: str, url: str, options: Options) -> Answer:
    """Turn whatever ends the operation into an answer."""
    try:
        return perform(operation, url, options)
    except (Wrong, Refused, Interrupted, KeyboardInterrupt, psycopg.Error) as error:
        lines, exit_code = told(error, operation)
        return Answer(lines, exit_code=exit_code)


def told(error: BaseException, operation: str) -> tuple[list[str], int]:
    """Return what to say of an error, and the exit code."""
    match error:
        case Wrong():
            lines, code = [str(line) for line in error.args], 1
        case Refused():
            lines, code = [f"refused: {error}"], 2
        case psycopg.errors.DependentObjectsStillExist():
            lines, code = [f"refused: {in_the_way(error)}", WHAT_NOW[operation]], 2
        case psycopg.errors.ForeignKeyViolation() if operation == "rollback":
            lines, code = [f"refused: {in_the_way(error)}", WHAT_NOW[operation]], 2
        case psycopg.errors.InsufficientPrivilege() if operation in READING:
            way_out = "reading takes SELECT on the tables, public.migration_log and everything in migration_backup"
            lines, code = [f"refused: {error}; {way_out}"], 2
        case Interrupted():
            lines, code = [f"{error}; {WHAT_NOW[operation]}"], 128 + error.signal_number
        case KeyboardInterrupt():
            lines, code = [f"stopped in the middle of a statement, which was cancelled; {WHAT_NOW[operation]}"], 130
        case _:
            lines, code = [f"failed: {type(error).__name__}: {str(error).strip()}", WHAT_NOW[operation]], 3
    return lines, code


def in_the_way(error: psycopg.Error) -> str:
    """Return what depends on the tables, without PostgreSQL's hint (DROP … CASCADE) and without values of rows."""
    if isinstance(error, psycopg.errors.DependentObjectsStillExist):
        return f"something made since depends on the tables; take it away first:\n{error.diag.message_detail}"
    key, table = error.diag.constraint_name, error.diag.table_name
    return f"rows of {table} refer by {key} to rows that the backup does not have; roll {table} back as well"


def positive(text: str) -> int:
    """Return a number of at least one, or let argparse say so."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def names(text: str) -> tuple[str, ...]:
    """Return the names of a list with commas; one that holds a comma itself stands in double quotes."""
    found = tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True), ()))
    if not all(found) or not found:
        raise argparse.ArgumentTypeError("names of tables, with commas between them")
    return found


OPTIONS: dict[str, dict[str, Any]] = {
    "--operation": {"choices": OPERATIONS, "required": True},
    "--database-url": {"help": "default: DATABASE_URL, then ROLLPROOF_DATABASE_URL"},
    "--force": {"action": "store_true", "help": "rollback in an emergency: without validation, whoever is connected"},
    "--while-connected": {"action": "store_true", "help": "other sessions may stay connected; all else is validated"},
    "--batch-size": {"type": positive, "default": Options.batch_size, "metavar": "N", "help": "rows (%(default)s)"},
    "--free-disk": {"type": int, "metavar": "BYTES", "help": "on the server, where this script cannot look for itself"},
    "--plan": {"metavar": "FILE", "help": "TOML: tables, keep, references; what the catalogue cannot know"},
    "--schema": {"metavar": "FILE", "help": "validate_schema without a backup: the SQL that makes the original tables"},
    "--tables": {"type": names, "default": (), "metavar": "A,B", "help": "rollback: only these, where keys allow it"},
    "--log-file": {"default": "data_migration.log", "metavar": "FILE", "help": "progress, for tail -f; '' for none"},
    "--json": {"action": "store_true", "help": "answer in JSON on stdout; progress still goes to stderr"},
}


def command_line() -> argparse.Namespace:
    """Read the command line; the URL may come from the environment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, meaning in OPTIONS.items():
        parser.add_argument(option, **meaning)
    given = parser.parse_args()
    given.database_url = (
        given.database_url or os.environ.get("DATABASE_URL") or os.environ.get("ROLLPROOF_DATABASE_URL")
    )
    if given.tables and given.operation != "rollback":
        parser.error(f"--tables is for --operation=rollback; {given.operation} is about all of them")
    if not given.database_url:
        parser.error("which database? give --database-url or set DATABASE_URL")
    return given


def main() -> int:
    """Run one operation and return the exit code."""
    given = command_line()
    open_log("" if given.operation in READING else given.log_file)
    options = Options(**{option.name: getattr(given, option.name) for option in fields(Options)})
    answer = outcome(given.operation, given.database_url, options)
    text = "\n".join(answer.lines)
    (logger.info if answer.exit_code == 0 else logger.error)("%s: exit %d", given.operation, answer.exit_code)
    if given.json:
        text = json.dumps(
            {"operation": given.operation, "exit_code": answer.exit_code, "lines": answer.lines, **answer.facts},
            indent=2,
        )
    print(text, flush=True)  # noqa: T201 - the answer
    return answer.exit_code


if __name__ == "__main__":
    sys.exit(main())
