"""Every reason not to start, found before anything is changed, and all of them at once."""

import shutil
from ipaddress import ip_address
from pathlib import Path

from .console import logger
from .content import fingerprint, orphans
from .database import Database
from .definitions import FOLDER, capture, kind_of_view
from .errors import Refused
from .plan import BACKUP, KEY_COLUMNS, KEYS, LOG, SCHEMA, TABLES, UUID_PATTERN, WORK, copy, live
from .run import Run

SHOWN = 10  # examples in a message; the number is always there
STRANGERS = Path(__file__).with_name("strangers.sql").read_text("utf-8")
PRIVILEGES = Path(__file__).with_name("privileges.sql").read_text("utf-8")
ODDITIES = Path(__file__).with_name("oddities.sql").read_text("utf-8")
# Of another role's session, a role without pg_read_all_stats sees neither the type nor the address.
OTHERS = """
SELECT pid, usename::text, coalesce(nullif(application_name, ''), 'no name'),
       CASE WHEN client_addr IS NOT NULL THEN host(client_addr) WHEN client_port = -1 THEN 'local' ELSE 'unknown' END,
       coalesce(state, 'unknown state')
FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND pid <> ALL (ARRAY[$1, $2]::int[])
    AND (backend_type = 'client backend' OR (backend_type IS NULL AND usesysid IS NOT NULL))
ORDER BY pid
"""
ROOM = 3  # copies, new tables with their indexes, and as much again for the write-ahead log


def require_privileges(database: Database) -> None:
    """Refuse a role that would fail half way, and say what to GRANT."""
    query = (FOLDER / "_subject.sql").read_text("utf-8") + PRIVILEGES
    missing = [statement for (statement,) in database.rows(query, SCHEMA, list(TABLES), [], BACKUP, WORK, LOG)]
    if missing:
        raise Refused("the role lacks privileges; somebody who may should run:\n  " + ";\n  ".join(missing) + ";")


def require_nobody_else(run: Run) -> None:
    """Refuse while other sessions are connected to the database: what they write now might be lost."""
    if run.options.while_connected or run.options.force:
        return
    others = run.database.rows(
        OTHERS,
        run.database.connection.info.backend_pid, run.log.database.connection.info.backend_pid,
    )  # fmt: skip
    if others:
        named = "\n  ".join("process {}: {}, {}, from {}, {}".format(*row) for row in others)
        raise Refused(
            f"{len(others)} other sessions are connected to this database:\n  {named}\n"
            "stop the application, or say --while-connected (what it writes meanwhile may be set aside by a rollback);"
            " in an emergency --force"
        )


def require_room(run: Run, times: int) -> None:
    """Refuse when the disk cannot hold `times` the tables' size; where nobody can know, go on."""
    size = run.database.value(
        "SELECT coalesce(sum(pg_total_relation_size(to_regclass(t))), 0)::bigint FROM unnest($1::text[]) AS t",
        [copy(table) if run.database.exists(copy(table)) else live(table) for table in TABLES],
    )
    free = free_bytes(run)
    if free is None:
        logger.warning("how much disk is free cannot be seen from here: %s bytes are needed", f"{size * times:,}")
    elif free < size * times:
        raise Refused(
            f"not enough disk: {size * times:,} bytes are needed ({times} times the tables), {free:,} are free"
            " (known better? --free-disk BYTES)"
        )


def free_bytes(run: Run) -> int | None:
    """Return what the operator said, or what the data directory's file system has, if it is on this machine."""
    if run.options.free_disk is not None:
        return run.options.free_disk
    address, directory = run.database.rows(
        "SELECT host(inet_server_addr()), CASE WHEN pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')"
        " THEN current_setting('data_directory') END"
    )[0]
    if directory is None or (address and not ip_address(address).is_loopback):
        return None
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return None


def require_convertible(database: Database) -> None:
    """Refuse rows and objects that the migration could not carry over."""
    problems = [
        *_not_uuids(database),
        *_two_spellings(database),
        *orphans(database),
        *_oddities(database),
        *_strangers(database),
        *_stale_views(database),
    ]
    if problems:
        raise Refused("nothing was changed, because these would not survive:\n  " + "\n  ".join(problems))


def _not_uuids(database: Database) -> list[str]:
    found = []
    for table, columns in KEYS.items():
        for column in columns:
            bad = f"FROM {live(table)} WHERE {column} !~ $1"
            if number := database.value(f"SELECT count(*) {bad}", UUID_PATTERN):
                rows = database.rows(f"SELECT id, {column} {bad} ORDER BY id LIMIT {SHOWN}", UUID_PATTERN)
                examples = ", ".join(f"{value!r} (id {key!r})" for key, value in rows)
                found.append(
                    f"{table}.{column} is no UUID in {number:,} rows: {examples}{', …' if number > SHOWN else ''}"
                )
    return found


def _two_spellings(database: Database) -> list[str]:
    found = []
    for table in TABLES:
        rows = database.rows(
            f"SELECT array_agg(id ORDER BY id) FROM {live(table)}"
            f" GROUP BY lower(replace(id, '-', '')) HAVING count(*) > 1 ORDER BY 1 LIMIT {SHOWN}"
        )
        found += [f"{table} has one UUID in several spellings: {', '.join(ids)}" for (ids,) in rows]
    return found


def _strangers(database: Database) -> list[str]:
    """Name what depends on the tables or their views and is not in the definitions: it could not be made again."""
    rows = database.rows(STRANGERS, [live(table) for table in TABLES], KEY_COLUMNS)
    return [f"{thing} depends on {table}, and this script does not know how to make it again" for table, thing in rows]


def _oddities(database: Database) -> list[str]:
    return [text for (text,) in database.rows(ODDITIES, [live(table) for table in TABLES])]


def _stale_views(database: Database) -> list[str]:
    """Name materialised views that are not what their query gives now: they can only be filled anew, not put back."""
    views = [d.name for d in capture(database, ("views",)) if kind_of_view(d) == "MATERIALIZED VIEW"]
    found = []
    for view in views:
        query = database.value(
            "SELECT rtrim(pg_get_viewdef(oid), ';') FROM pg_catalog.pg_class WHERE oid = to_regclass($1) AND relispopulated",
            view,
        )
        if query and fingerprint(database, view) != fingerprint(database, f"({query})"):
            found.append(
                f"materialised view {view} is not what its query gives now: REFRESH MATERIALIZED VIEW {view} first"
            )
    return found


def require_backup_schema(database: Database) -> None:
    """Refuse without a backup, and say what else there is."""
    if not database.exists(BACKUP):
        raise Refused(
            f"there is no schema {BACKUP}, so there is nothing to roll back from. With a dump from before the migration:\n"
            f"  DROP TABLE {', '.join(map(live, TABLES))} CASCADE;\n"
            "  pg_restore --clean --if-exists --single-transaction DUMP\n"
            "(what was written since is lost by it: dump that first.) Without one: make the original by hand from schema.sql,"
            " and fill it.\nAfter either: data_migration.py --operation=validate_schema"
        )
