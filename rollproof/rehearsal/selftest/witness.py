"""Whether a fault changed anything at all, by eyes that are not a verification's: pg_dump, pg_dumpall, the catalogue's own rows."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.selftest.superuser import superuser
from rollproof.rehearsal.world import World
from rollproof.server.connection import Target
from rollproof.server.pg_binaries import pg_dump
from rollproof.system.deadline import NEVER
from rollproof.throwaway.source.programs import Programs

_CATALOGUES = """
SELECT c.relname::text
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'pg_catalog' AND c.relkind = 'r' AND NOT c.relisshared
AND c.relname NOT IN ('pg_statistic', 'pg_statistic_ext_data')
ORDER BY 1
"""
_COMES_AND_GOES = [
    *("relpages", "relallvisible", "relallfrozen", "reltuples", "relfrozenxid", "relminmxid"),
    *("relfilenode", "relhasindex", "relhasrules", "relhastriggers"),
]
_NEVER_ALIKE = ("\\restrict ", "\\unrestrict ", "-- Started on", "-- Completed on")


@dataclass(frozen=True)
class Witness:
    """What each of the witnesses says of a database, line by line; the order of rows in a table means nothing."""

    said: Mapping[str, Counter[str]]

    @classmethod
    def of(cls, world: World) -> "Witness":
        """Ask them. Raises `Inconclusive` if one cannot be asked."""
        programs, target = Programs(_folder(world), NEVER), Target.parse(world.url)
        create = ("pg_dump", "--create")
        said = {
            "pg_dump": _said(programs, target, *create),
            "pg_dumpall": _said(programs, target, "pg_dumpall", "--globals-only", "--no-role-passwords"),
        }
        with superuser(world) as admin:
            return cls({**said, **{name: Counter(_rows(admin, name)) for name in _catalogues(admin)}})

    def difference(self, now: "Witness") -> str:
        """Return who sees a difference; "" if there is none. What they say is not quoted: it may be a row, or a password."""
        return next((f"{who} sees it" for who, lines in self.said.items() if lines != now.said[who]), "")


def _folder(world: World) -> Path:
    major = world.server.version // 10_000
    if world.server.bindir and (world.server.bindir / "pg_dumpall").is_file():
        return world.server.bindir
    found = pg_dump(major, major)
    if found is None or not (found[0].parent / "pg_dumpall").is_file():
        raise Inconclusive(f"no pg_dump and pg_dumpall of PostgreSQL {major} or newer is at hand")
    return found[0].parent


def _said(programs: Programs, target: Target, *command: str) -> Counter[str]:
    with tempfile.TemporaryDirectory(prefix="rollproof-") as folder:
        file = Path(folder, "said")
        ended = programs.run([*command, f"--file={file}"], target, "", alone=True)
        if ended.code:
            raise Inconclusive(f"{command[0]} says nothing of the copy: {ended.said.strip()}")
        lines = file.read_text("utf-8", "replace").splitlines()
    return Counter(line for line in lines if not line.startswith(_NEVER_ALIKE))


def _catalogues(admin: psycopg.Connection) -> Iterator[str]:
    yield from (str(name) for (name,) in admin.execute(_CATALOGUES).fetchall())


def _rows(admin: psycopg.Connection, name: str) -> Iterator[str]:
    query = f"SELECT (pg_catalog.to_jsonb(c) - %s::text[])::text FROM pg_catalog.{name} AS c"
    yield from (str(row) for (row,) in admin.execute(query.encode(), [_COMES_AND_GOES]).fetchall())
