"""A database cloned to a throw-away server: all definitions, and the rows of some tables; the original is only read.

What the clone has not, it says: an extension that the server has not, with all that needs it; who connects to other servers
(subscriptions, user mappings), so that the clone can reach nobody; large objects.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from rollproof.model.errors import Inconclusive
from rollproof.server.connection import Connection
from rollproof.server.reader import SnapshotReader
from rollproof.system.deadline import Deadline
from rollproof.throwaway.cloned_roles import Shared
from rollproof.throwaway.cloned_states import States
from rollproof.throwaway.psql import Psql
from rollproof.throwaway.tamed import NEEDS_MORE, TRUST, Tamed

QUIET: Mapping[str, str] = {"max_logical_replication_workers": "0", "autovacuum": "off"}
"""Settings of a server for clones: nothing that a script makes on it connects to other servers."""

# Errors of a restore that say nothing about the clone: another release's settings, and pg_dump's own guard within ours.
_NOTHING = re.compile(
    r"backslash commands are restricted|unrestrict: wrong key|unrecognized configuration parameter"
    r"|schema \"public\" already exists|must be owner of extension plpgsql"
)
_COUNTLESS = 5
_DESCRIBED = """
SELECT
    d.datname::text,
    pg_encoding_to_char(d.encoding)::text,
    d.datcollate::text,
    d.datctype::text,
    to_jsonb(d) ->> 'datlocprovider',
    COALESCE(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'),
    to_regnamespace('public') IS NOT NULL
FROM pg_catalog.pg_database AS d
WHERE d.datname = current_database()
"""
_MAPPINGS = """
SELECT format(
    'DROP USER MAPPING FOR %s SERVER %I', CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE m.umuser::regrole::text END, m.srvname
)
FROM pg_catalog.pg_user_mappings AS m
"""


@dataclass(frozen=True)
class Described:
    """A database that another one is made like: its raw name, its encoding and its locale, as `pg_database` has them."""

    name: str
    encoding: str
    collate: str
    ctype: str
    provider: str = "c"
    locale: str = ""
    has_public: bool = True

    @classmethod
    def of(cls, connection: Connection) -> "Described":
        """Ask for the one that is connected to."""
        (found,) = connection.execute(_DESCRIBED.encode()).fetchall()
        name, encoding, collate, ctype, provider, locale = ("" if text is None else str(text) for text in found[:-1])
        return cls(name, encoding, collate, ctype, provider, locale, bool(found[-1]))

    def create(self, tamed: Tamed) -> list[str]:
        """Make an empty database like it; return what is not alike. Raises `Inconclusive` if the server cannot make it."""
        lacks = self._created(tamed)
        if not self.has_public:
            with tamed.connect(self.name) as admin:
                admin.execute("DROP SCHEMA public")
        tamed.open(self.name)
        return lacks

    def _created(self, tamed: Tamed) -> list[str]:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {}").format(
            sql.Identifier(self.name), sql.Literal(self.encoding)
        )
        alike = sql.SQL(" LC_COLLATE {} LC_CTYPE {}").format(sql.Literal(self.collate), sql.Literal(self.ctype))
        if kind := {"i": ("icu", "ICU_LOCALE"), "b": ("builtin", "BUILTIN_LOCALE")}.get(self.provider):
            alike += sql.SQL(f" LOCALE_PROVIDER {kind[0]} {kind[1]} ") + sql.Literal(self.locale)
        with tamed.connect("template1") as admin:
            if self.name == "postgres":
                admin.execute("DROP DATABASE postgres")
            try:
                admin.execute(made + alike)
            except psycopg.Error as error:
                why = str(error).strip()
            else:
                return []
            try:
                admin.execute(made + sql.SQL(" LC_COLLATE 'C' LC_CTYPE 'C'"))
            except psycopg.Error as error:
                raise Inconclusive(f"{tamed.server.name} cannot make a database like {self.name}: {error}") from error
        return [f"its locale: {why}"]


@dataclass
class Clone:
    """The clone of the database that a `view` reads, on a server of our own that is `tamed`.

    `lacks` says what it has not, one sentence each.
    """

    view: SnapshotReader
    tamed: Tamed
    deadline: Deadline
    database: str = ""
    lacks: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The clone's address, for a superuser."""
        return self.tamed.url(self.database)

    @property
    def psql(self) -> Psql:
        """What runs scripts on it."""
        return Psql(self.tamed.server, self.tamed.url_for_scripts(self.database), self.deadline)

    def make(
        self, section: Callable[[str], str], positions: Mapping[str, str], fill: Callable[["Clone"], Iterable[str]]
    ) -> None:
        """Make it: `section` returns a section of a dump; sequences go on at `positions`; `fill` puts rows into bare tables.

        Raises `Inconclusive` if it cannot be made.
        """
        shared, before, states = self.view.ask(lambda asked: (Shared.of(asked), Described.of(asked), States.of(asked)))
        with self.tamed.connect("template1") as admin:
            self.lacks += shared.make(admin, self.tamed.kept)
        self.tamed.tame()
        self.lacks += before.create(self.tamed)
        self.database = before.name
        self._restored(section("pre-data"))
        self.lacks += fill(self)
        self._restored(section("post-data") + states.missing)
        with self.tamed.connect(self.database) as admin:
            self.lacks += [*states.put(admin, positions), *without_mappings(admin), *shared.furnish(admin)]
        try:
            self.tamed.connect(self.database).close()
        except psycopg.Error as error:
            raise Inconclusive(f"the settings of the database let nobody into its clone: {error}") from error

    def _restored(self, script: str) -> None:
        ran = self.psql.run(script, is_strict=False)
        failed = [each.sentence for each in ran.complaints if not _NOTHING.search(each.sentence)]
        if not failed and ran.code:
            raise Inconclusive(f"the definitions could not be restored on {self.tamed.server.name}: {ran.said.strip()}")
        self.lacks += failed

    @property
    def lacking(self) -> tuple[str, ...]:
        """The first of what it lacks, and how many more there are."""
        told = list(dict.fromkeys(self.lacks))
        if not self.tamed.trusted and any(map(NEEDS_MORE.search, told)):
            told.insert(0, TRUST)
        more = [f"and {len(told) - _COUNTLESS} more"] if len(told) > _COUNTLESS else []
        return (*told[:_COUNTLESS], *more)


def without_mappings(admin: psycopg.Connection[Any]) -> list[str]:
    """Drop the user mappings, so that nothing on a copy can reach another server; return nothing."""
    for (statement,) in admin.execute(_MAPPINGS).fetchall():
        admin.execute(str(statement).encode())
    return []
