"""Asking a schema about statements: each is prepared and planned, in a transaction that is rolled back, and never run."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

import psycopg
from psycopg import sql

from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.doors import catalogue
from rollproof.rehearsal.doors.facts import Relation
from rollproof.rehearsal.doors.form import Form, form, insert
from rollproof.rehearsal.doors.look import Look, Looks, Refusal
from rollproof.rehearsal.doors.preparing import NAME, Prepared, alone, prepared, types
from rollproof.rehearsal.doors.statement import Statement
from rollproof.rehearsal.doors.surroundings import Surroundings

Connection = psycopg.Connection[tuple[object, ...]]
_WOULD_WRITE = "25006"  # a function that says IMMUTABLE, and that the planner therefore runs, writes all the same
_OF_DOMAINS = ("23502", "23514")
NO_ROLE = "no role"
"""In the place of an SQLSTATE: the role of a statement is not there."""
_WITH_OTHERS = re.compile(r"\bCASCADE\b|,", re.IGNORECASE)
_LIMITS = {
    "statement_timeout": "60s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "0",
    "transaction_timeout": "0",
    "client_encoding": "utf8",
    "default_transaction_read_only": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}
"""What holds for the asking, whatever the database or a role sets."""
_SINCE = {"transaction_timeout": 170_000}


def looked(url: str, role: str, statements: Sequence[Statement]) -> Looks:
    """Return what the schema at a superuser's address says of statements, each as its own role, else as `role`.

    Nothing is changed there. Raises `Inconclusive` if the session is lost.
    """
    try:
        with _connected(url) as connection:
            asking = _Asking(connection, role)
            looks = tuple(asking.look(each) for each in statements)
            return Looks(looks, role, asking.names(sorted({role, *(each.role for each in statements)})))
    except psycopg.OperationalError as error:
        raise Inconclusive(f"the throw-away database could not be asked about statements: {error}") from error


def _connected(url: str) -> Connection:
    connection = psycopg.connect(url, autocommit=True)
    for name, value in _LIMITS.items():
        if connection.info.server_version >= _SINCE.get(name, 0):
            connection.execute("SELECT pg_catalog.set_config(%s, %s, false)", [name, value])
    connection.set_autocommit(False)
    return connection


@dataclass
class _Asking:
    connection: Connection
    role: str
    _known: dict[tuple[str, object], Relation] = field(default_factory=dict)
    _settings: dict[str, list[tuple[str, str]] | None] = field(default_factory=dict)

    def names(self, roles: list[str]) -> frozenset[tuple[str, str, str]]:
        """Return the names of all that there is, and what each of these roles may do with it."""
        with self._undone("", ""):
            self.connection.execute("SET LOCAL search_path = pg_catalog")
            rows = self.connection.execute(catalogue.NAMES, [roles]).fetchall()
        return frozenset((str(name), str(within), str(what)) for name, within, what in rows)

    def look(self, statement: Statement) -> Look:
        """Ask about one statement."""
        asked = form(statement.text)
        if asked.kind == "nothing":
            return Look(nothing=asked.text)
        role = statement.role or self.role
        if self._settings_of(role) is None:
            return Look(Refusal(NO_ROLE, f'role "{role}" does not exist'))
        try:
            with self._undone(role, statement.search_path):
                return self._look(statement, asked, role)
        except psycopg.OperationalError:
            if self.connection.closed:
                raise
            return Look(nothing="it took too long to plan")
        except psycopg.Error as error:
            return Look(refused(error))

    def _look(self, statement: Statement, asked: Form, role: str) -> Look:
        for each in statement.temporary:
            with self._may_fail():
                alone(self.connection, each)
        known = types(self.connection, statement.types)
        columns = self._columns(asked) if asked.kind == "copy in" else ()
        text = insert(asked.name, columns) if asked.kind == "copy in" else asked.text
        ready = prepared(self.connection, text, known)
        around = Surroundings(self.connection, role, statement.values, known=self._known)
        if asked.kind == "call":
            return around.of_call(ready, asked)
        if reason := self._why_not(text, ready):
            return Look(refused(reason))
        if asked.kind == "truncate":
            self._may_truncate(asked.name, alone=not _WITH_OTHERS.search(statement.text))
        return around.of_query(ready, text, () if asked.columns else columns)

    def _may_truncate(self, table: str, *, alone: bool) -> None:
        """Raise what the server raises only when it runs a TRUNCATE."""
        found = self.connection.execute(catalogue.TRUNCATE, {"table": table}).fetchone()
        if found and not found[0]:
            raise psycopg.errors.InsufficientPrivilege(f"permission denied for table {table}")
        if found and found[1] and alone:
            raise psycopg.errors.FeatureNotSupported("cannot truncate a table referenced in a foreign key constraint")

    def _why_not(self, text: str, ready: Prepared) -> psycopg.Error | None:
        """Return why it cannot be planned, or its role may not do it.

        NULL stands for each parameter; where its domain does not take that, for one of the type below.
        """
        reason = self._refusal(ready)
        while reason and reason.sqlstate in _OF_DOMAINS and ready.bases != ready.oids:
            self.connection.execute("DEALLOCATE ALL")
            ready = prepared(self.connection, text, ready.bases)
            reason = self._refusal(ready)
        return None if reason and reason.sqlstate == _WOULD_WRITE else reason

    def _refusal(self, ready: Prepared) -> psycopg.Error | None:
        """Have it planned, and its permissions checked, where nothing may be written."""
        nulls = sql.SQL(", ").join([sql.NULL] * len(ready.parameters))
        arguments = sql.SQL("({})").format(nulls) if ready.parameters else sql.SQL("")
        reason: list[psycopg.Error] = []
        with self._may_fail(reason):
            self.connection.execute("SET TRANSACTION READ ONLY")
            self.connection.execute(sql.SQL("EXPLAIN EXECUTE {}{}").format(sql.Identifier(NAME), arguments))
        return reason[0] if reason else None

    def _columns(self, asked: Form) -> tuple[str, ...]:
        """Return the columns of a COPY: those that it names, or all."""
        if asked.columns:
            return asked.columns
        listed = self.connection.execute(
            "SELECT quote_ident(attname) FROM pg_catalog.pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
            "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            [asked.name],
        )
        return tuple(str(name) for (name,) in listed)

    @contextmanager
    def _may_fail(self, reason: list[psycopg.Error] | None = None) -> Iterator[None]:
        """Undo what is done inside if it fails; with a list for the `reason`, in any case."""
        self.connection.execute("SAVEPOINT inside")
        try:
            yield
        except psycopg.Error as error:
            if self.connection.closed:
                raise
            self.connection.execute("ROLLBACK TO SAVEPOINT inside")
            if reason is not None:
                reason.append(error)
        else:
            if reason is not None:
                self.connection.execute("ROLLBACK TO SAVEPOINT inside")
        self.connection.execute("RELEASE SAVEPOINT inside")

    @contextmanager
    def _undone(self, role: str, path: str) -> Iterator[None]:
        """Be this role, with its settings, in a transaction that is rolled back."""
        settings = self._settings_of(role) or ()
        try:
            self.connection.execute("SELECT")  # psycopg begins the transaction with its own first statement
            for each in self._event_triggers:
                self.connection.execute(f"ALTER EVENT TRIGGER {each} DISABLE".encode())
            for name, value in settings:
                self.connection.execute("SELECT set_config(%s, %s, true)", [name, value])
            if role:
                self.connection.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
            if path:
                alone(self.connection, f"SET LOCAL search_path = {path}")
            yield
        finally:
            if not self.connection.closed:
                self.connection.rollback()
                self.connection.execute("DEALLOCATE ALL")
                self.connection.rollback()

    @cached_property
    def _event_triggers(self) -> list[str]:
        """The user's event triggers, which would act on the functions and temporary tables that are made for the asking."""
        asked = "SELECT quote_ident(evtname) FROM pg_event_trigger WHERE evtenabled <> 'D'"
        return [str(name) for (name,) in self.connection.execute(asked).fetchall()]

    def _settings_of(self, role: str) -> list[tuple[str, str]] | None:
        """Return a role's own settings; None if there is no such role."""
        if role not in self._settings:
            there = not role or self.connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            rows = self.connection.execute(catalogue.SETTINGS, [role]).fetchall()
            pairs = [str(setting).partition("=")[::2] for (setting,) in rows]
            self._settings[role] = [each for each in pairs if each[0].lower() not in _LIMITS] if there else None
            self.connection.rollback()
        return self._settings[role]


def refused(error: psycopg.Error) -> Refusal:
    """Return a server's error as a value."""
    told = error.diag
    return Refusal(error.sqlstate or "", told.message_primary or str(error), told.message_hint or "")
