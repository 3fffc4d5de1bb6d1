"""The database dumped as it is before the rollback, of the same instant as all that is read, and the dump verified."""

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from rollproof.catalog.pg_dump import reason
from rollproof.model.amounts import counted, size
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.finding import Finding
from rollproof.model.names import respelled
from rollproof.probes.dumped_rows import UnreadableError
from rollproof.probes.dumped_rows import counted as rows_in
from rollproof.server.reader import Connection, one
from rollproof.sources.live import Live
from rollproof.sources.table_groups import EVERYTHING
from rollproof.system.child_process import ChildProcess
from rollproof.system.files import AS_IT_IS, NO_LINK, put_in_place
from rollproof.system.signals import SIGNALS

CHECK = "state_backup"
RESERVE = 100 * 10**6
"""Bytes that stay free on the disk of the dump: a full disk may stop more than us."""
_PART = 10  # a dump is rarely smaller than that part of its database
_LOOK, _TELL = 0.2, 10.0  # seconds between two looks at the dump, and between two words about it
_PATIENCE = 2.0  # seconds for pg_dump to end when it is asked to
# What pg_dump dumps the rows of, but for the tables that an extension made.
_TABLES = """
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = c.tableoid AND d.objid = c.oid AND d.deptype = 'e'
    )
"""


@dataclass(frozen=True)
class StateDump:
    """A dump that was verified: where it is, its size and its SHA-256, how much is in it, and the seconds that both took."""

    path: Path
    bytes: int
    sha256: str
    tables: int
    rows: int
    made: float
    verified: float

    def __str__(self) -> str:
        return (
            f"{size(self.bytes)}, SHA-256 {self.sha256}; pg_restore reads all of it: {counted(self.tables, 'table')} with "
            f"{counted(self.rows, 'row')}, in each as many as in the database; made in {self.made:.1f} s, verified in "
            f"{self.verified:.1f} s"
        )


def require_folder(folder: Path) -> None:
    """Make the folder of a dump. Raises `Misuse` if nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Misuse(f"--state-backup {folder}: no dump can be written there: {error.strerror}") from error


class StateBackup:
    """One dump of a database into a folder; `dump` is there once it was made and verified, `tell` hears how far it is."""

    def __init__(self, live: Live, folder: Path, tell: Callable[[str], object]) -> None:
        self.dump: StateDump | None = None
        self._live = live
        self._folder = folder
        self._tell = tell

    def findings(self) -> Iterator[Finding]:
        """Make and verify the dump; yield what is wrong with it, and then none is left. Raises `Inconclusive`.

        Only a whole dump gets its name.
        """
        view = self._live.view
        database = self._live.origin.database
        yield from (scarce := [*self._no_room(view.ask(_bytes))])
        if scarce:
            return
        path = self._free(re.sub(r"[^A-Za-z0-9_.-]", "_", database), re.sub(r"\D", "-", view.taken[0][:19]))
        part = path.with_name(f".{path.name}-{os.getpid()}.part")
        SIGNALS.unfinished.add(part)
        try:
            yield from self._made(part, path)
        except OSError as error:
            yield _wrong(f"the dump cannot be written to {path}: {error.strerror or error}")
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            SIGNALS.unfinished.discard(part)

    def _free(self, database: str, stamp: str) -> Path:
        """Return a path that nothing has yet: another database may be called alike, and its dump of that second stays."""
        names = (f"{database}-{stamp}{more}.dump" for more in chain([""], map("-{}".format, count(2))))
        return next(path for path in map(self._folder.joinpath, names) if not os.path.lexists(path))

    def _no_room(self, needed: int) -> Iterator[Finding]:
        free = shutil.disk_usage(self._folder).free
        if free < max(needed // _PART, RESERVE):
            takes = f"the database takes {size(needed)}, and its dump hardly less than a tenth of that"
            yield _wrong(f"{size(free)} are free in {self._folder}; {takes}; {size(RESERVE)} stay free in any case")

    def _made(self, part: Path, path: Path) -> Iterator[Finding]:
        began = time.monotonic()
        command, environment = self._live.dump_command(part)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | AS_IT_IS | NO_LINK, 0o600))
        self._tell(f"dumping the database into {self._folder}")
        if problem := self._run(command, environment, part):
            yield _wrong(f"no dump was made: {problem}")
            return
        made = time.monotonic() - began
        try:
            yield from (wrong := [*self._verified(part, path, Path(command[0]), made)])
        except UnreadableError as error:
            yield _wrong(f"pg_restore cannot read the dump, so it was removed: {error}")
            return
        if not wrong:
            put_in_place(part, path)

    def _run(self, command: list[str], environment: Mapping[str, str], part: Path) -> str:
        """Run pg_dump to its end; return what went wrong, "" if nothing did."""
        view, said = self._live.view, time.monotonic()
        with tempfile.TemporaryFile() as complaint, tempfile.TemporaryFile() as nothing:
            running, code = ChildProcess(command, environment, nothing, complaint), None
            try:
                while (code := running.wait(_LOOK)) is None:
                    view.limits.deadline.require()
                    if shutil.disk_usage(self._folder).free < RESERVE:
                        return f"less than {size(RESERVE)} are free in {self._folder}"
                    if time.monotonic() - said > _TELL:
                        said = time.monotonic()
                        self._tell(f"dumping the database into {self._folder}: {size(part.stat().st_size)}")
            finally:
                running.end(_PATIENCE if code is None else 0)
            complaint.seek(0)
            text = view.target.hide(complaint.read().decode("utf-8", "replace"))
        return f"pg_dump ended with {code}: {reason(text, view.role)}" if code else ""

    def _verified(self, part: Path, path: Path, program: Path, made: float) -> Iterator[Finding]:
        """Yield what the dump has not, or otherwise; if that is nothing, it becomes `dump`."""
        began = time.monotonic()
        self._tell(f"verifying {path}")
        restorer = program.with_name(program.name.replace("pg_dump", "pg_restore"))
        encoding = "latin-1" if self._live.view.ask(_encoding) == "SQL_ASCII" else "utf-8"
        inside = rows_in(part, restorer, encoding, self._live.view.limits.deadline.require)
        known = self._counted()
        wrong = [*_other_rows(inside, known)]
        yield from wrong
        if not wrong:
            with part.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            took = time.monotonic() - began
            number = part.stat().st_size
            self.dump = StateDump(path, number, digest, len(known), sum(inside[each] for each in known), made, took)

    def _counted(self) -> dict[str, int]:
        """Return the rows of each table, as counted at the same instant. Raises `Inconclusive` if one cannot be counted."""
        view = self._live.view
        scanned = self._live.known("rows", EVERYTHING).facts
        tables = [respelled(str(name)) for name in view.ask(_tables)]
        known = {table: int(scanned[table]) if table in scanned else self._count(table) for table in tables}
        if view.instants > 1:
            raise Inconclusive("the connection was lost, and rows were counted at another instant than the dump is of")
        return known

    def _count(self, table: str) -> int:
        source = f"ONLY {table}"
        query = f"SELECT pg_catalog.count(*) FROM {source}"
        return int(str(self._live.view.ask(lambda it: one(it, query), reads=[source])))


def _other_rows(inside: Mapping[str, int], known: Mapping[str, int]) -> Iterator[Finding]:
    for table, rows in sorted(known.items()):
        if table not in inside:
            yield _wrong(f"{table} is not in the dump", table)
        elif inside[table] != rows:
            there = counted(inside[table], "row")
            yield _wrong(f"{table} has {there} in the dump, and {rows:,} in the database", table)


def _wrong(sentence: str, subject: str = "the dump") -> Finding:
    return Finding(CHECK, subject, "a dump of the whole database", "none that can be trusted", sentence)


def _bytes(connection: Connection) -> int:
    return int(str(one(connection, "SELECT pg_catalog.pg_database_size(pg_catalog.current_database())")))


def _encoding(connection: Connection) -> str:
    return str(one(connection, "SELECT pg_catalog.current_setting('server_encoding')"))


def _tables(connection: Connection) -> list[object]:
    return [name for (name,) in connection.execute(_TABLES.encode()).fetchall()]
