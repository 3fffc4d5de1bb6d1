"""What the role may do beyond reading, and what ran when it logged in: advice, never a verdict."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

import msgspec

from rollproof.model.errors import Inconclusive
from rollproof.model.names import sql_name
from rollproof.server.reader import Connection, SnapshotReader

READER = "rollproof_reader"
SHOWN = 3  # triggers and settings of one kind
_MIGHTY = (
    "pg_create_subscription",
    "pg_execute_server_program",
    "pg_maintain",
    "pg_read_server_files",
    "pg_write_all_data",
    "pg_write_server_files",
)
_AT_LOGIN = ("local_preload_libraries", "role", "session_preload_libraries")
_EVENT_TRIGGERS_AT_LOGIN = 170000  # the version that brought them, as server_version_num

# The role that logged in is looked at, not the one that a setting made of it: whatever runs as us can go back to it.
_POWERS = """
SELECT r.rolname::text AS role, r.rolsuper AS superuser,
    ARRAY_REMOVE(ARRAY[CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END], NULL)
        AS attributes,
    ARRAY(
        SELECT g.rolname::text FROM pg_catalog.pg_roles AS g
        WHERE g.rolname = ANY ($1) AND pg_catalog.pg_has_role(r.oid, g.oid, 'MEMBER') ORDER BY g.rolname
    ) AS groups,
    pg_catalog.pg_has_role(r.oid, d.datdba, 'MEMBER') AS owns_database,
    c.owned, c.hidden, d.datname::text AS database,
    pg_catalog.has_database_privilege('public', d.oid, 'CONNECT') AS all_connect,
    pg_catalog.has_function_privilege('public', 'pg_catalog.pg_control_system()', 'EXECUTE') AS all_identify,
    EXISTS (SELECT FROM pg_catalog.pg_roles AS o WHERE o.rolname = $3) AS reader
FROM pg_catalog.pg_roles AS r
JOIN pg_catalog.pg_database AS d ON d.datname = pg_catalog.current_database()
CROSS JOIN LATERAL (
    SELECT pg_catalog.count(*) FILTER (WHERE pg_catalog.pg_has_role(r.oid, t.relowner, 'MEMBER')) AS owned,
           pg_catalog.count(*) FILTER (WHERE t.relrowsecurity) AS hidden
    FROM pg_catalog.pg_class AS t
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
    WHERE n.nspname = ANY ($2) AND t.relkind IN ('r', 'p', 'm', 'v', 'f', 'S') AND t.relpersistence <> 't'
) AS c
WHERE r.rolname = session_user
"""
_TRIGGERS = """
SELECT pg_catalog.format(
    '%I of %I calls %s', e.evtname, pg_catalog.pg_get_userbyid(e.evtowner), e.evtfoid::pg_catalog.regprocedure
)
FROM pg_catalog.pg_event_trigger AS e
WHERE e.evtevent = 'login' AND pg_catalog.current_setting('event_triggers') = 'on' AND e.evtenabled = ANY (
    CASE pg_catalog.current_setting('session_replication_role') WHEN 'replica' THEN '{A,R}' ELSE '{A,O}' END::"char"[]
)
ORDER BY e.evtname
"""
_SETTINGS = """
SELECT x.text || ' FOR ' || COALESCE('ROLE ' || pg_catalog.quote_ident(r.rolname), 'EVERY ROLE')
    || CASE WHEN s.setdatabase = 0 THEN '' ELSE pg_catalog.format(' IN DATABASE %I', pg_catalog.current_database()) END
FROM pg_catalog.pg_db_role_setting AS s
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS x (text)
WHERE (s.setrole = 0 OR r.rolname = session_user)
    AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()))
    AND pg_catalog.split_part(x.text, '=', 1) = ANY ($1)
ORDER BY 1
"""


class _RolePrivileges(msgspec.Struct, frozen=True):
    """The row that the query above returns."""

    role: str
    superuser: bool
    attributes: tuple[str, ...]
    groups: tuple[str, ...]
    owns_database: bool
    owned: int
    hidden: int
    database: str
    all_connect: bool
    all_identify: bool
    reader: bool

    @property
    def why(self) -> str:
        """What the role could do beyond reading; "" if nothing."""
        if self.superuser:
            return "is a superuser"
        may = [
            f"has or may take the rights of the owner of {self.owned:,} tables, views and sequences"
            if self.owned
            else "",
            "owns the database" if self.owns_database else "",
            f"has {' and '.join(self.attributes)}" if self.attributes else "",
            f"is a member of {', '.join(self.groups)}" if self.groups else "",
        ]
        return ", ".join(filter(None, may))


@dataclass(frozen=True)
class Advice:
    """Why to use another role, the statements that make one, and what ran at `login`."""

    role: str
    why: str
    statements: tuple[str, ...]
    hidden: int
    login: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """The sentences to print; none for a role that can only read, and for which nothing ran at login."""
        return (*self._about_the_role(), *self.login)

    def _about_the_role(self) -> Iterator[str]:
        if not self.why:
            return
        tables = "1 table" if self.hidden == 1 else f"{self.hidden:,} tables"
        bypass = (
            f". BYPASSRLS is for {tables} with row security; a superuser can give it, or who has it and CREATEROLE. "
            "Where nobody can, verify as the owner of what is so secured"
        )
        yield (
            f"role {sql_name(self.role)} {self.why}, and code that got to run here could do as much. A role that only reads is "
            f"enough; before the next baseline: {' '.join(self.statements)} and a password for it{bypass if self.hidden else ''}"
        )


def notes_about(view: SnapshotReader, schemas: Collection[str]) -> tuple[str, ...]:
    """Return the notes about one database, or that it could not be asked: that is no reason to end whatever else is done."""
    try:
        return advice(view, schemas).notes
    except Inconclusive as error:
        return (f"what this role could do beyond reading is not known: {error}",)


def merged_notes(found: Iterable[Advice]) -> tuple[str, ...]:
    """Return the notes about the roles of several databases; equal roles share a note."""
    merged: dict[tuple[str, str], Advice] = {}
    for each in found:
        known = merged.setdefault((each.role, each.why), replace(each, statements=(), hidden=0, login=()))
        merged[each.role, each.why] = replace(
            known,
            statements=tuple(dict.fromkeys([*known.statements, *each.statements])),
            hidden=known.hidden + each.hidden,
            login=tuple(dict.fromkeys([*known.login, *each.login])),
        )
    return tuple(dict.fromkeys(note for each in merged.values() for note in each.notes))


def advice(view: SnapshotReader, schemas: Collection[str]) -> Advice:
    """Return what is to be said of the role of a view; `schemas` are the raw names that are looked at.

    Raises `Inconclusive` if the server cannot be asked.
    """
    powers = view.ask(lambda connection: _powers(connection, schemas))
    return Advice(
        powers.role, powers.why, tuple(_statements(powers)), powers.hidden, tuple(view.ask(lambda it: list(_login(it))))
    )


def _powers(connection: Connection, schemas: Collection[str]) -> _RolePrivileges:
    cursor = connection.execute(_POWERS.encode(), (list(_MIGHTY), list(schemas), READER))
    names = [column.name for column in cursor.description or ()]
    return msgspec.convert(dict(zip(names, cursor.fetchone() or (), strict=True)), _RolePrivileges)


def _statements(powers: _RolePrivileges) -> Iterator[str]:
    if not powers.reader:
        yield f"CREATE ROLE {READER} LOGIN;"
    yield f"GRANT pg_read_all_data, pg_monitor TO {READER};"
    if not powers.all_connect:
        yield f"GRANT CONNECT ON DATABASE {sql_name(powers.database)} TO {READER};"
    if not powers.all_identify:
        yield f"GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO {READER};"
    if powers.hidden:
        yield f"ALTER ROLE {READER} BYPASSRLS;"


def _login(connection: Connection) -> Iterator[str]:
    triggers: list[str] = []
    if connection.info.server_version >= _EVENT_TRIGGERS_AT_LOGIN:
        triggers = [str(text) for (text,) in connection.execute(_TRIGGERS.encode()).fetchall()]
    if triggers:
        yield (
            f"WARNING: code ran as this role when it logged in, before anything could be asked: event trigger {_some(triggers)}; "
            "only a superuser can make one, so ask whether you know it (docs/production.md)"
        )
    settings = [str(text) for (text,) in connection.execute(_SETTINGS.encode(), (list(_AT_LOGIN),)).fetchall()]
    if settings:
        yield (
            "WARNING: settings of the role or the database decide at login who it is or what the server loads for it: "
            f"{_some(settings)}; ask whether you know them (docs/production.md)"
        )


def _some(found: list[str]) -> str:
    more = f", and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
    return "; ".join(found[:SHOWN]) + more
