"""A dump restored with all that it knows: owners, privileges, and what a database has of its own, where the dump tells it.

Unlike a dump that something is compared with, it is restored as a superuser: it is the user's own, as the migration is.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from rollproof.model.names import sql_name
from rollproof.server.connection import Target
from rollproof.settings.dump_format import Dump, blocks, dump_at
from rollproof.throwaway.clone import Described, without_mappings
from rollproof.throwaway.dumps import definitions, fed, found_program, major_at
from rollproof.throwaway.source.built import Built, How, of_another_major
from rollproof.throwaway.source.complaints import left_out, told
from rollproof.throwaway.source.furniture import Place, not_made
from rollproof.throwaway.source.named import Named
from rollproof.throwaway.source.programs import FASTER, Programs
from rollproof.throwaway.tamed import Tamed

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_CREATES = re.compile(rf"^CREATE DATABASE ({_NAME}) WITH (.*);$", re.MULTILINE)
_PROPERTY = re.compile(r"(\w+) = (?:'((?:[^']|'')*)'|(\w+))")
_ONLY_NAMES = (
    "a dump tells nothing of roles but their names, nor of invalid indexes and of foreign keys that are switched off: "
    "what the migration does about these is seen only with a database's URL as the source"
)
_DOING = "restoring the dump: {} tables written"
_MANY_AT_ONCE = {"custom", "directory"}


def restored(path: Path, place: Place, how: How) -> Built:
    """Restore a dump at a place, where an empty database is.

    Raises `Misuse` if it is damaged or newer than the server, `Inconclusive` if it cannot be restored there.
    """
    return _Restore(dump_at(path), place, how).made()


@dataclass
class _Restore:
    """A dump on its way."""

    dump: Dump
    place: Place
    how: How
    lacks: list[str] = field(default_factory=list)

    def made(self) -> Built:
        """Restore it."""
        text = "" if self.dump.form == "plain" else definitions(self.dump, self.place.server)
        lines = io.StringIO(text) if text else _lines(self.dump)
        self.lacks += make_named(Named.of(lines), self.place)
        self._like(text)
        code, said = self._fed() if self.dump.form == "plain" else self._restored()
        self.lacks += left_out(said, code, self.place.server.name)
        with self.place.connect() as admin:
            without_mappings(admin)
            admin.execute("ANALYZE")
        self._furnish(text)
        return Built(
            str(self.dump.path),
            told(self.lacks),
            (*of_another_major(major_at(self.dump), self.place.server), _ONLY_NAMES),
        )

    def _like(self, text: str) -> None:
        """Make the database anew, with the encoding and locale that the dump tells."""
        if not (creates := _CREATES.search(text)):
            return
        known = {name: (quoted or word).replace("''", "'") for name, quoted, word in _PROPERTY.findall(creates[2])}
        locale = known.get("LOCALE", "C")
        described = Described(
            self.place.database,
            known.get("ENCODING", "UTF8"),
            known.get("LC_COLLATE", locale),
            known.get("LC_CTYPE", locale),
            {"icu": "i", "builtin": "b"}.get(known.get("LOCALE_PROVIDER", "libc"), "c"),
            known.get("ICU_LOCALE") or known.get("BUILTIN_LOCALE") or locale,
        )
        with self.place.connect("template1") as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {sql_name(self.place.database)}".encode())
        self.lacks += described.create(Tamed.on(self.place.server, trusted=True))

    def _fed(self) -> tuple[int, str]:
        code, _, said = fed(self.dump, self.place.server, self.place.url, self.how.limits.deadline)
        return code, said

    def _restored(self) -> tuple[int, str]:
        program = Path(found_program("pg_restore", self.place.server))
        jobs = [f"--jobs={self.how.limits.jobs}"] if self.dump.form in _MANY_AT_ONCE else []
        command = [program.name, "--verbose", *jobs, "--no-subscriptions", str(self.dump.path)]
        programs = Programs(program.parent, self.how.limits.deadline, self.how.tell)
        ended = programs.run(command, Target.parse(self.place.url), FASTER, _DOING, alone=True)
        return ended.code, ended.said

    def _furnish(self, text: str) -> None:
        """Give the database the properties that the dump tells."""
        if creates := _CREATES.search(text):
            script = "\n".join(_properties(text, creates[1], sql_name(self.place.database)))
            ran = self.place.psql(self.how.limits.deadline).run(script, is_strict=False)
            self.lacks += left_out(ran.said, ran.code, self.place.server.name)


def make_named(named: Named, place: Place) -> list[str]:
    """Make the roles and tablespaces that a script names; return what could not be made."""
    with place.connect("template1") as admin:
        known = [str(name) for (name,) in admin.execute("SELECT r.rolname::text FROM pg_catalog.pg_roles AS r")]
        if not place.is_ours:
            return not_made([name for name in named.roles if name not in known])
        statements = named.statements(known)
        failed = []
        for statement in statements:
            try:
                admin.execute(statement.encode())
            except psycopg.Error as error:
                failed.append(str(error.diag.message_primary or error))
        return failed


def _lines(dump: Dump) -> Iterator[str]:
    rest = b""
    for block in blocks(dump):
        *whole, rest = (rest + block).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in whole)
    yield rest.decode("utf-8", "replace")


def _properties(text: str, name: str, here: str) -> Iterator[str]:
    """Yield the statements about the database of this name, as SQL writes it, with the name that it has here."""
    about = re.compile(
        rf"^(ALTER|COMMENT ON|GRANT .* ON|REVOKE .* ON|ALTER ROLE {_NAME} IN)( DATABASE ){re.escape(name)}(?= )"
    )
    statement: list[str] = []
    for line in text.splitlines():
        if statement or about.match(line):
            statement.append(line if statement else about.sub(lambda found: f"{found[1]}{found[2]}{here}", line))
            if _is_whole(statement):
                yield from statement
                statement = []


def _is_whole(lines: Iterable[str]) -> bool:
    text = "\n".join(lines)
    return text.endswith(";") and text.count("'") % 2 == 0
