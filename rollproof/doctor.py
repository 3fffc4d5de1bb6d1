"""What a verification of this database would meet: said beforehand, by the same eyes."""

from dataclasses import dataclass
from pathlib import Path

from rollproof.capture import Scope, origin
from rollproof.relations import relations
from rollproof.session import Connection, Target, View, one
from rollproof.settings import Settings
from rollproof.snapshot import load
from rollproof.spelling import schema_of, sql_name
from rollproof.verification import limits

_SECONDS_PER_PAGE = 8192 / 200e6  # a scan reads about 200 MB a second where it was measured; an order of magnitude

_ABOUT = """
SELECT pg_catalog.current_setting('server_version'), pg_catalog.pg_is_in_recovery(),
       (SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()),
       (SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user)
"""
_UNREADABLE = """
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'),
       pg_catalog.row_security_active(c.oid)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'm', 'S') AND c.relpersistence <> 't'
"""


# A pooler gives its clients process numbers of its own.
_POOLER = "pooler     yes: it needs one server connection for each of --jobs and one more, all at the same time"


@dataclass(frozen=True)
class Findings:
    """What to print, and what is missing for a whole verification (each with the statement that would mend it)."""

    lines: tuple[str, ...]
    missing: tuple[str, ...]


def examine(settings: Settings) -> Findings:
    """Look at the subject and the baseline. Raises `CannotTell` if the server cannot be reached."""
    scope = Scope.of(settings)
    with View(Target.parse(settings.database_url or ""), limits(settings)) as view:
        schemas = view.ask(scope.names)
        lines = view.ask(lambda connection: _about(connection, view))
        found = view.ask(lambda connection: relations(connection, schemas))
        missing = view.ask(lambda connection: _missing(connection, [*schemas, scope.backup_schema], view.role))
        lines += _baseline(settings, view.ask(lambda connection: origin(connection, scope)).system)
    pages = sum(max(relation.pages, 0) for relation in found.values())
    lines.append(
        f"content    {len(found)} tables, about {pages * 8 / 1024:,.0f} MB: some {max(1, pages * _SECONDS_PER_PAGE):.0f} s to scan"
    )
    return Findings(tuple(lines), missing)


def _about(connection: Connection, view: View) -> list[str]:
    version, standby, tls, sees_all = connection.execute(_ABOUT.encode()).fetchone() or ("", False, False, False)
    host = view.target.parameters.get("host", "localhost")
    local = host in {"localhost", "127.0.0.1", "::1"} or host.startswith("/")
    plain = "no" if local else "NO: what is read crosses the network in the clear; sslmode=verify-full prevents it"
    return [
        f"subject    {view.target}",
        f"server     PostgreSQL {version}, {'a standby' if standby else 'a primary'}",
        f"role       {view.role}{', sees every row' if sees_all else ', sees what it is granted'}",
        f"TLS        {'yes' if tls else plain}",
        *([_POOLER] if one(connection, "SELECT pg_catalog.pg_backend_pid()") != connection.info.backend_pid else []),
    ]


def _missing(connection: Connection, schemas: list[str], role: str) -> tuple[str, ...]:
    rows = connection.execute(_UNREADABLE.encode(), (schemas,)).fetchall()
    name = sql_name(role)
    grants = [
        f"- {table} cannot be read: GRANT USAGE ON SCHEMA {schema_of(str(table))} TO {name}; GRANT SELECT ON {table} TO {name}"
        for table, readable, _ in sorted(rows)
        if not readable
    ]
    hidden = [
        f"- rows of {table} are hidden: ALTER ROLE {name} BYPASSRLS" for table, _, active in sorted(rows) if active
    ]
    return (*grants, *hidden)


def _baseline(settings: Settings, system: str) -> list[str]:
    where = settings.reference or "baseline.json"
    if where == "backup" or "://" in where:
        return [f"reference  {where if where == 'backup' else Target.parse(where)}"]
    if not settings.reference and not Path(where).exists():
        return ["reference  none yet: rollproof capture --database-url URL --output baseline.json"]
    taken = load(Path(where)).origin
    same = "this cluster" if taken.system == system else f"ANOTHER cluster ({taken.system})"
    return [f"reference  {where}: database {taken.database} of {same}, taken {taken.taken} by rollproof {taken.tool}"]
