"""`--backup-file`: before the sides are opened, the dump is restored on a throw-away server, and becomes the reference."""

import time
from pathlib import Path

import msgspec
import psycopg
import pytest
from psycopg import sql

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.rehearsal.dump_format import dump_at
from rollproof.rehearsal.dumps import NOT_HELD, restore
from rollproof.rehearsal.servers.provide import provide
from rollproof.rehearsal.servers.server import fresh_name
from rollproof.server.connection import Target, connect
from rollproof.system.background import Patience


def pytest_configure(config):
    run = config.pluginmanager.get_plugin("rollproof-run")
    if run and run.settings.backup_file and not run.dry_run:
        config.pluginmanager.register(BackupFile(run, config))


class BackupFile:
    """Makes the reference, and takes the throw-away server away again."""

    def __init__(self, run, config) -> None:
        self.run = run
        self.config = config
        self.server = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self):
        try:
            self._restore(Path(self.run.settings.backup_file))
        except Misuse as error:
            raise pytest.UsageError(self.run.secrets.hide(str(error))) from None
        except Inconclusive as error:
            self.run.trouble = self.run.secrets.hide(str(error))
            pytest.exit(self.run.trouble)

    def _restore(self, path: Path) -> None:
        began = time.monotonic()
        dump = dump_at(path)
        self.server = provide(self.run.settings.server)
        database = fresh_name()
        self.server.create(database)
        self._encode(database)
        restore(dump, self.server, database, self.run.deadline, trusted=self.run.settings.trust_functions)
        self.run.unavailable = NOT_HELD
        self.run.reference = f"{path}, a dump in {dump.form} format"
        self.run.settings = msgspec.structs.replace(self.run.settings, reference=self.server.dsn(database))
        self.run.notes.append(
            f"{path} was restored on {self.server.name} in {time.monotonic() - began:.1f} s; what it does not hold is not checked"
        )

    def _encode(self, database: str) -> None:
        """Make the empty database again in the subject's encoding: the same text has other bytes in another one."""
        subject = connect(
            Target.parse(self.run.settings.database_url or ""), waiting=Patience(deadline=self.run.deadline)
        )
        encoding = subject.info.parameter_status("server_encoding")
        subject.close()
        name = sql.Identifier(database)
        how = sql.SQL("CREATE DATABASE {} ENCODING {} LOCALE 'C' TEMPLATE template0").format(
            name, sql.Literal(encoding)
        )
        try:
            with psycopg.connect(self.server.dsn("postgres"), autocommit=True) as admin:
                admin.execute(sql.SQL("DROP DATABASE {}").format(name))
                admin.execute(how)
        except psycopg.Error as error:
            raise Inconclusive(
                f"{self.server.name} cannot make a database in {encoding}, the subject's encoding: {error}"
            ) from error

    def pytest_unconfigure(self):
        if self.server:
            self.server.stop()
