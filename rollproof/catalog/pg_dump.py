"""pg_dump on the same snapshot: an independent witness, which knows nothing of our SQL.

It works in one transaction, which keeps a lock (ACCESS SHARE) on every table until it ends, and sets its session up with
plain SET. So it is not run where that could hurt: where the tables would take more than a quarter of the server's room for
locks, and behind a pooler, which gives one server session to several clients. Then the facet is absent, with the reason.
"""

import os
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path

import msgspec
from psycopg.conninfo import make_conninfo

from rollproof.catalog.concurrent_ddl import require_steady
from rollproof.catalog.pg_dump_parser import facts
from rollproof.model.dump_facts import STYLE
from rollproof.model.errors import Inconclusive
from rollproof.model.names import sql_name, table_of
from rollproof.server.connection import with_defaults
from rollproof.server.pg_binaries import pg_dump
from rollproof.server.reader import CLOSE_SECONDS, Connection, SnapshotReader
from rollproof.server.sockets import server_keepalives
from rollproof.system.background import ENDED, background
from rollproof.system.child_process import ChildProcess

_SHARE = 4  # we take at most one in so many of the locks the server has room for
_FOR_SUPERUSERS = (" (SUBSCRIPTION)", " (USER MAPPING)")  # another role's pg_dump leaves them out or shortens them

# PostgreSQL writes definitions by these too, and pg_dump leaves them as it finds them. The time zone is set by PGTZ.
_SITUATION = """
SELECT
    pg_catalog.pg_backend_pid() AS pid,
    pg_catalog.current_database()::pg_catalog.text AS database,
    pg_catalog.current_setting('server_encoding') AS encoding,
    (
        SELECT pg_catalog.string_agg(s.name || ' ' || s.reset_val, ', ' ORDER BY s.name)
        FROM pg_catalog.pg_settings AS s
        WHERE s.name IN ('quote_all_identifiers', 'bytea_output', 'standard_conforming_strings') AND s.reset_val <> s.boot_val
    ) AS style,
    pg_catalog.current_setting('max_locks_per_transaction')::integer * (
        pg_catalog.current_setting('max_connections')::integer
        + pg_catalog.current_setting('max_prepared_transactions')::integer
    ) AS room,
    (
        SELECT pg_catalog.count(*)
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'v', 'm')
    ) AS relations,
    ARRAY(
        SELECT n.nspname::pg_catalog.text
        FROM pg_catalog.pg_namespace AS n
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname <> ALL ($1)
        ORDER BY n.nspname
    ) AS others
"""


class _Situation(msgspec.Struct, frozen=True):
    """The columns of the query above."""

    pid: int
    database: str
    encoding: str
    style: str | None
    room: int
    relations: int
    others: tuple[str, ...]  # schemas that are not looked at, raw names


class PgDump:
    """One run of pg_dump in the background; `facts` and `unavailable` wait for its end.

    `schemas` are the raw names to dump, `own` the tables to leave out with all that belongs to them; `wanted` is the major
    version of the pg_dump that dumped the other source, if that is known.
    """

    def __init__(self, view: SnapshotReader, schemas: list[str], own: frozenset[str], wanted: int | None) -> None:
        self._view = view
        self._schemas = schemas
        self._own = own
        self._wanted = wanted
        self._met = view.ask(lambda connection: _situation(connection, schemas))
        self._running: Future[Mapping[str, str]] | None = None
        self._process: ChildProcess | None = None
        self._closed = False
        self.seconds = 0.0
        """How long it ran; 0.0 if it did not, or did not end."""
        view.at_close(self._close)

    def begin(self) -> "Future[Mapping[str, str]]":
        """Start pg_dump, unless it was started already, and return the future of its facts."""
        if self._running is None:
            self._running = background(self._run)
        return self._running

    @property
    def facts(self) -> Mapping[str, str]:
        """The entries of the dump. Raises `Inconclusive` if pg_dump was not run or failed."""
        return self.begin().result()

    @property
    def unavailable(self) -> str | None:
        """Why there is no dump; None if there is one."""
        try:
            self.begin().result()
        except Inconclusive as reason:
            return str(reason)
        return None

    def section(self, name: str) -> str:
        """Return what pg_dump writes of one section (`pre-data`, `post-data`), with owners and privileges: a script for psql.

        Of all schemas, if the role may read them; else of those that are dumped for the facts. Tablespaces and subscriptions are
        left out. Raises `Inconclusive` if pg_dump was not run or failed.
        """
        situation, program, _ = self._found()
        plainly = ("--no-tablespaces", "--no-subscriptions", f"--section={name}")
        command = [str(program), *plainly, *self._connecting(situation)]
        try:
            return self._said([*command, "--schema-only"], situation)
        except Inconclusive:
            if not situation.others:
                raise
            return self._said([*command, "--schema-only", *self._narrowed(situation)], situation)

    def whole(self, file: Path) -> tuple[list[str], dict[str, str]]:
        """Return a command that dumps all of the database, rows too, into a file in custom format; and its environment.

        Raises `Inconclusive` if pg_dump must not be run, or is not at hand.
        """
        situation, program, _ = self._found()
        command = [str(program), "--format=custom", f"--file={file}", *self._connecting(situation)]
        return command, {**os.environ, **self._environment()}

    def _found(self) -> tuple[_Situation, Path, int]:
        """Return what was met, a pg_dump that fits, and its major version."""
        situation = self._met
        if isinstance(situation, str):
            raise Inconclusive(situation)
        major = self._view.version // 10_000
        found = pg_dump(major, self._wanted)
        if found is None:
            raise Inconclusive(
                f"no pg_dump of PostgreSQL {major} or newer is at hand, on PATH or where it is usually installed: "
                f"install one (postgresql-client-{major}, postgresql{major})"
            )
        return situation, *found

    def _run(self) -> Mapping[str, str]:
        situation, program, version = self._found()
        major = self._view.version // 10_000
        began = time.monotonic()
        said = self._said([str(program), *self._arguments(situation)], situation)
        self.seconds = time.monotonic() - began
        require_steady(self._view, self._schemas)  # it prints names and definitions as they are, not as they were
        known = {
            identity: text
            for identity, text in facts(said, situation.database).items()
            if table_of(identity) not in self._own and not identity.endswith(_FOR_SUPERUSERS)
        }
        if not known:
            raise Inconclusive(f"what pg_dump {version} writes was not understood")
        style = f", {situation.style}" if situation.style else ""
        return {STYLE: f"written by pg_dump {version} of PostgreSQL {major}{style}"} | dict(sorted(known.items()))

    def _arguments(self, situation: _Situation) -> list[str]:
        return [
            "--schema-only",
            "--create",
            *self._connecting(situation),
            *self._narrowed(situation),
            *(f"--exclude-table={table}" for table in self._own),
        ]

    def _connecting(self, situation: _Situation) -> list[str]:
        return [
            f"--snapshot={self._view.snapshot}",
            f"--lock-wait-timeout={self._view.limits.lock_timeout * 1000:.0f}",
            f"--encoding={'SQL_ASCII' if situation.encoding == 'SQL_ASCII' else 'UTF8'}",
            f"--dbname={self._conninfo()}",
        ]

    @staticmethod
    def _narrowed(situation: _Situation) -> list[str]:
        return [f"--exclude-schema={_pattern(name)}" for name in situation.others]

    def _conninfo(self) -> str:
        """Return the connection string without passwords: `ps` shows command lines."""
        known = {
            name: value
            for name, value in with_defaults(self._view.target, self._view.limits.silence).items()
            if not name.endswith("password")
        }
        mode = known.get("sslmode", os.environ.get("PGSSLMODE", "prefer"))
        if self._view.encrypted and mode in {"allow", "prefer"}:
            known["sslmode"] = "require"  # a pg_dump that cannot speak TLS would quietly talk in the clear
        return make_conninfo(**known)

    def _said(self, command: list[str], situation: _Situation) -> str:
        """Run pg_dump and return its output. Raises `Inconclusive` if it fails or takes too long."""
        limits = self._view.limits
        with tempfile.TemporaryFile() as text, tempfile.TemporaryFile() as complaint:
            # Into files, not pipes, so that it ends its transaction also when we are made to stand still.
            self._process = ChildProcess(command, {**os.environ, **self._environment()}, text, complaint)
            try:
                code = 0 if self._closed else self._process.wait(min(limits.statement_timeout, limits.deadline.left))
            finally:
                self._process.end(0)
            if self._closed:
                raise Inconclusive(ENDED)
            if code is None:
                limits.deadline.require()
                raise Inconclusive("pg_dump was given up; raise --statement-timeout")
            said, complained = (as_printed(file.read()) for file in (text, complaint) if not file.seek(0))
        if code:
            limits.deadline.require()
            raise Inconclusive(reason(self._view.target.hide(complained.decode("utf-8", "replace")), self._view.role))
        return said.decode("latin-1" if situation.encoding == "SQL_ASCII" else "utf-8")

    def _environment(self) -> dict[str, str]:
        password = self._view.target.parameters.get("password")
        manners = {**server_keepalives(self._view.limits.silence), "client_connection_check_interval": "1s"}
        options = " ".join(
            [os.environ.get("PGOPTIONS", ""), *(f"-c {name}={value}" for name, value in manners.items())]
        )
        own = {
            "PGTZ": "UTC",
            "PGAPPNAME": "rollproof pg_dump",
            "LC_ALL": "C",
            "PG_COLOR": "never",
            "PGOPTIONS": options,
        }
        return own if password is None else own | {"PGPASSWORD": password}

    def _close(self) -> None:
        self._closed = True
        if self._process:
            self._process.end(CLOSE_SECONDS)


def _situation(connection: Connection, schemas: list[str]) -> _Situation | str:
    """Return the server's limits and settings that matter to pg_dump, or why it must not be run."""
    cursor = connection.execute(_SITUATION.encode(), (schemas,))
    names = [column.name for column in cursor.description or ()]
    found = msgspec.convert(dict(zip(names, cursor.fetchone() or (), strict=True)), _Situation)
    if found.pid != connection.info.backend_pid:
        return "there is a pooler between us and the server, and pg_dump would leave its settings in other clients' sessions"
    if found.relations > found.room // _SHARE:
        return (
            f"pg_dump locks all {found.relations:,} tables and views at once, and the server has room for {found.room:,} locks: "
            "more than a quarter of it is not ours to take; raise max_locks_per_transaction"
        )
    return found


def reason(complaint: str, role: str) -> str:
    """Return pg_dump's error message, with advice where there is some."""
    errors = [line.removeprefix("pg_dump: error: ") for line in complaint.splitlines() if "error: " in line]
    said = "; ".join(errors) or complaint.strip() or "pg_dump failed and did not say why"
    if "permission denied" in said:
        return f"{said}; GRANT pg_read_all_data TO {sql_name(role)}"
    if "lock timeout" in said or "statement timeout" in said:  # it sets no other
        return f"{said}; another session holds a lock; try again when it is done, or raise --lock-timeout"
    return said


def as_printed(printed: bytes) -> bytes:
    """Return what a program printed; on Windows it puts a carriage return before every end of a line, one of a value's too."""
    return printed.replace(os.linesep.encode(), b"\n")


def _pattern(name: str) -> str:
    """Return a raw name as pg_dump's options take it: quoted, so that no letter in it is a pattern's."""
    return '"' + name.replace('"', '""') + '"'
