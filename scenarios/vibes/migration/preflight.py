"""Every reason not to start, found before anything is changed, and all of them at once."""

import shutil
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from .console import logger
from .content import fingerprint, one_spelling, orphans, untold
from .database import Database, name
from .definitions import FOLDER, capture, kind_of_view
from .errors import Refused
from .plan import BACKUP, LOG, ORIGINAL_TYPE, SCHEMA, UUID_PATTERN, WORK, Column, Plan, copy, live
from .planning import planned
from .run import Run
from .states import ORIGINAL, in_words, states

SHOWN = 10  # examples in a message; the number is always there
STRANGERS, PRIVILEGES, ODDITIES, UNIQUE = (
    Path(__file__).with_name(f"{question}.sql").read_text("utf-8")
    for question in ("strangers", "privileges", "oddities", "unique")
)
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


def require_privileges(database: Database, tables: Sequence[str]) -> None:
    """Refuse a role that would fail half way, and say what to GRANT."""
    query = (FOLDER / "_subject.sql").read_text("utf-8") + PRIVILEGES
    missing = [statement for (statement,) in database.rows(query, SCHEMA, list(tables), [], BACKUP, WORK, LOG)]
    if missing:
        raise Refused("the role lacks privileges; somebody who may should run:\n  " + ";\n  ".join(missing) + ";")


def require_original(run: Run, why: str) -> None:
    """Refuse tables of which some are not the original ones, and say what is wrong with them."""
    found = states(run.database, run.plan)
    if {*found.values()} != {ORIGINAL}:
        raise Refused("\n  ".join((f"{why}: {in_words(found)}", *run.plan.problems)))


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
        [copy(table) if run.database.exists(copy(table)) else live(table) for table in run.plan.tables],
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


def require_convertible(database: Database, plan: Plan) -> None:
    """Refuse rows and objects that the migration could not carry over."""
    # Planned anew: what is recorded may be of a backup that somebody took long before.
    problems = [*planned(database, plan.asked).problems] or [
        *untold(database, plan, (ORIGINAL_TYPE,)),
        *_not_uuids(database, plan),
        *_two_spellings(database, plan),
        *orphans(database, plan),
        *_oddities(database, plan),
        *_strangers(database, plan),
        *_stale_views(database, plan),
    ]
    if problems:
        raise Refused("nothing was changed, because these would not survive:\n  " + "\n  ".join(problems))


def _not_uuids(database: Database, plan: Plan) -> list[str]:
    found = []
    for column in plan.columns:
        key = [name(part) for part in plan.tables[column.table].key]
        bad = f'FROM {live(column.table)} WHERE {name(column.name)} COLLATE "C" !~ $1'
        if number := database.value(f"SELECT count(*) {bad}", UUID_PATTERN):
            rows = database.rows(
                f"SELECT concat_ws(', ', {', '.join(key)}), {name(column.name)} {bad} ORDER BY {', '.join(key)} LIMIT {SHOWN}",
                UUID_PATTERN,
            )
            examples = ", ".join(
                f"{value!r} ({', '.join(plan.tables[column.table].key)} {row!r})" for row, value in rows
            )
            found.append(f"{column} is no UUID in {number:,} rows: {examples}{', …' if number > SHOWN else ''}")
    return found


def _two_spellings(database: Database, plan: Plan) -> list[str]:
    """Name the rows that a key tells apart only by how a UUID is spelled: as uuids they would collide."""
    found = []
    for table, columns, nulls_too in database.rows(UNIQUE, SCHEMA, list(plan.names)):
        migrating = {Column(table, column) for column in columns} & {*plan.columns}
        if migrating:
            found += _colliding(database, table, columns, {column.name for column in migrating}, nulls_too=nulls_too)
    return list(dict.fromkeys(found))  # two keys may have the same columns


def _colliding(
    database: Database, table: str, columns: list[str], migrating: set[str], *, nulls_too: bool
) -> list[str]:
    by = [one_spelling(name(column)) if column in migrating else name(column) for column in columns]
    whole = "" if nulls_too else f"WHERE ROW({', '.join(map(name, columns))}) IS NOT NULL"
    rows = database.rows(
        f"SELECT array_agg(concat_ws(', ', {', '.join(map(name, columns))}) ORDER BY {name(columns[0])})"
        f" FROM {live(table)} {whole} GROUP BY {', '.join(by)} HAVING count(*) > 1 ORDER BY 1 LIMIT {SHOWN}"
    )
    return [f"{table} has one UUID in several spellings in ({', '.join(columns)}): {' and '.join(r)}" for (r,) in rows]


def _strangers(database: Database, plan: Plan) -> list[str]:
    """Name what depends on the tables or their views and is not in the definitions: it could not be made again."""
    rows = database.rows(STRANGERS, [live(table) for table in plan.tables])
    return [f"{thing} depends on {table}, and this script does not know how to make it again" for table, thing in rows]


def _oddities(database: Database, plan: Plan) -> list[str]:
    return [text for (text,) in database.rows(ODDITIES, [live(table) for table in plan.tables])]


def _stale_views(database: Database, plan: Plan) -> list[str]:
    """Name materialised views that are not what their query gives now: they can only be filled anew, not put back."""
    views = [d.name for d in capture(database, plan, ("views",)) if kind_of_view(d) == "MATERIALIZED VIEW"]
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


def require_backup_schema(run: Run) -> None:
    """Refuse without a backup, and say what else there is."""
    if not run.database.exists(BACKUP):
        raise Refused(
            f"there is no schema {BACKUP}, so there is nothing to roll back from. With a dump from before the migration:\n"
            f"  DROP TABLE {', '.join(map(live, run.plan.tables))} CASCADE;\n"
            "  pg_restore --clean --if-exists --single-transaction DUMP\n"
            "(what was written since is lost by it: dump that first.) Without one: make the original by hand, by the SQL that made"
            " it once (of the bundled tables schema.sql), and fill it.\nAfter either: data_migration.py --operation=validate_schema"
        )
