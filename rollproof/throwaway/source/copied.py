"""A database copied by pg_dump and pg_restore, with what these lack; the source is only read.

All of it is read in one snapshot. The copy reaches no other server: it has no subscriptions and no user mappings.
"""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.model.names import sql_name
from rollproof.server.connection import Target
from rollproof.server.pg_binaries import pg_dump, wheel
from rollproof.server.reader import SnapshotReader
from rollproof.throwaway.servers.server import folder_of, shown
from rollproof.throwaway.source.amounts import Amounts
from rollproof.throwaway.source.built import Built, How, of_another_major
from rollproof.throwaway.source.complaints import left_out, told
from rollproof.throwaway.source.furniture import NO_TRIGGERS, Furniture, Place
from rollproof.throwaway.source.programs import FASTER, Programs
from rollproof.throwaway.source.sampled import filled_views, sampled

_READING = "-c default_transaction_read_only=on -c client_connection_check_interval=1s"


def copied(target: Target, place: Place, how: How) -> Built:
    """Copy the database at a target to a place, where an empty one is. Raises `Inconclusive` if it cannot be copied."""
    how.tell(f"copying {target} to {place.server.name}")
    with SnapshotReader(target, how.limits, how.tell) as view:
        _require_not_newer(view.version, place)
        return _Copy(view, place, how).made()


def _require_not_newer(version: int, place: Place) -> None:
    if version // 10_000 > place.server.version // 10_000:
        raise Inconclusive(
            f"the source is PostgreSQL {shown(version)}, and {place.server.name} is older: nothing can be copied to it\n"
            "--server local:BINDIR names one of the same major version, or a newer one"
        )


@dataclass
class _Copy:
    """A copy on its way."""

    view: SnapshotReader
    place: Place
    how: How
    lacks: list[str] = field(default_factory=list)

    def made(self) -> Built:
        """Make it."""
        furniture = self.view.ask(lambda asked: Furniture.of(asked, self.place.database))
        amounts = self.view.ask(Amounts.of)
        self.lacks += furniture.begin(self.place)
        with tempfile.TemporaryDirectory(prefix="source-", dir=folder_of(self.place.server)) as folder:
            self._dumped(Path(folder, "dump"), amounts)
            if self.how.whole:
                self.lacks += amounts.closed(self.view.role)
                self._restored(Path(folder, "dump"), amounts)
            else:
                self._in_part(Path(folder, "dump"), amounts)
        self.lacks += [*furniture.finish(self.place, self.how.limits.deadline), *amounts.elsewhere]
        return Built(str(self.view.target), told(self.lacks), self._notes())

    def _notes(self) -> tuple[str, ...]:
        return (*of_another_major(self.view.version // 10_000, self.place.server), *self.view.notes)

    @property
    def _programs(self) -> Programs:
        source, here = self.view.version // 10_000, self.place.server.version // 10_000
        found = pg_dump(source, here)
        own = wheel()
        if found and own and self.view.encrypted and found[0].is_relative_to(own):
            found = pg_dump(source, source)  # the wheel's speaks no TLS
        if found is None:
            raise Inconclusive(
                f"no pg_dump of PostgreSQL {source} or newer is at hand, on PATH or where it is usually installed: "
                f"install one (postgresql-client-{source}, postgresql{source})"
            )
        return Programs(found[0].parent, self.how.limits.deadline, self.how.tell)

    def _dumped(self, folder: Path, amounts: Amounts) -> None:
        limits = self.how.limits
        command = [
            "pg_dump",
            "--verbose",
            "--format=directory",
            f"--file={folder}",
            f"--jobs={self.view.limits.jobs}",
            "--compress=1",
            "--no-sync",
            "--no-subscriptions",
            f"--snapshot={self.view.snapshot}",
            f"--lock-wait-timeout={limits.lock_timeout * 1000:.0f}",
            *(["--schema-only"] if not self.how.whole else []),
            *(["--no-blobs"] if amounts.unreadable_objects else []),
            *(["--no-unlogged-table-data"] if amounts.is_standby else []),
        ]
        tables = len(amounts.tables)
        options = f"{os.environ.get('PGOPTIONS', '')} {_READING}"
        ended = self._programs.run(
            command, self.view.target, options, f"copying the source: {{}} of {tables} tables read"
        )
        if ended.code:
            raise Inconclusive(_refused(ended.said, self.view))

    def _in_part(self, folder: Path, amounts: Amounts) -> None:
        self._restored(folder, amounts, "--section=pre-data")
        with self.place.connect() as loading:
            self.lacks += sampled(self.view, loading, amounts, self.how.sample)
        self._restored(folder, amounts, "--section=post-data")
        with self.place.connect() as admin:
            with suppress(psycopg.errors.InsufficientPrivilege):
                admin.execute(NO_TRIGGERS)
            self.lacks += filled_views(self.view, admin)

    def _restored(self, folder: Path, amounts: Amounts, *section: str) -> None:
        jobs = f"--jobs={self.view.limits.jobs}"
        command = ["pg_restore", "--verbose", jobs, "--no-subscriptions", *section, str(folder)]
        doing = f"copying the source: {{}} of {len(amounts.tables)} tables written"
        ended = self._programs.run(command, Target.parse(self.place.url), FASTER, doing, alone=True)
        self.lacks += left_out(ended.said, ended.code, self.place.server.name)


def _refused(said: str, view: SnapshotReader) -> str:
    """Return why pg_dump gave up, with a way out where there is one."""
    lines = [line.partition("error: ")[2] for line in said.splitlines() if "error: " in line]
    why = "; ".join(dict.fromkeys(lines)) or said.strip() or "pg_dump failed and did not say why"
    text = f"the source cannot be copied: {why}"
    role, or_else = sql_name(view.role), "or dump it as its owner and pass the dump as --source"
    if "permission denied" in why:
        return f"{text}\neither GRANT pg_read_all_data TO {role}, {or_else}"
    if "row-level security" in why:
        return f"{text}\neither ALTER ROLE {role} BYPASSRLS, {or_else}"
    if "lock timeout" in why or "statement timeout" in why:
        return f"{text}\nanother session holds a lock: try again when it is done, or raise --lock-timeout"
    return text
