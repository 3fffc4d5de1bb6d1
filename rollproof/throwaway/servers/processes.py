"""A server of our own, run by pytest-postgresql's executor, in a directory that is removed when we end."""

import atexit
import os
import re
import secrets
import shlex
import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
from mirakuru.exceptions import AlreadyRunning, ExecutorError, ProcessExitedWithError
from pytest_postgresql.exceptions import PostgreSQLUnsupported
from pytest_postgresql.executors import PostgreSQLExecutor

from rollproof.model.errors import Inconclusive
from rollproof.system.user import give
from rollproof.throwaway.servers.binaries import Programs
from rollproof.throwaway.servers.data_directory import DataDirectory, ServerUser, place, server_user
from rollproof.throwaway.servers.databases import Janitor, told_url, url_of
from rollproof.throwaway.servers.server import Server, shown

HOST = "127.0.0.1"
USER = "postgres"
PORTS = 8
"""How many ports are tried, each of which another program may take between our look and the server's."""

CHOOSES = 150000  # the version from which on CREATE DATABASE can be told how to copy; before that it copies files
CLONES = 180000  # that from which on files can be cloned
SETTINGS = {
    "listen_addresses": HOST,
    "full_page_writes": "off",  # with fsync, which the executor turns off: a crash may lose all, and need not be survived
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "max_prepared_transactions": "10",  # for the case of one that was left open
    "TimeZone": "UTC",  # not the machine's, so that runs are equal everywhere
    "log_timezone": "UTC",
    "dynamic_shared_memory_type": "mmap",  # inside the data directory: /dev/shm may be tiny, and is not ours to tidy
}

PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
"""The only variables a server gets: SQL can read its environment, which may hold the passwords of real databases."""


_ALIKE: Mapping[str, Any] = {"host": HOST, "unixsocketdir": "", "startparams": "-w", "dbname": USER, "user": USER}


class Cluster(PostgreSQLExecutor):
    """The executor, made to run as another user, with a password, without a socket file, and alike everywhere.

    A password, because anybody on the machine can reach a port; and a stranger's server on our port does not know it.
    """

    password: str

    def __init__(  # noqa: PLR0913, PLR0917 (a cluster is all of this)
        self,
        bindir: Path,
        directory: DataDirectory,
        server_user: ServerUser,
        password: str,
        options: str,
        folder: str = "data",
    ) -> None:
        self.bindir = bindir
        self.initdb = str(bindir / "initdb")
        self.server_user = server_user
        self.home = directory.home
        super().__init__(
            **_ALIKE,
            executable=str(bindir / "pg_ctl"),
            port=_free_port(),
            datadir=str(directory.home / folder),
            logfile=str(directory.home / ("log" if folder == "data" else f"{folder}.log")),
            password=password,
            postgres_options=options,
        )
        self._additional_popen_kwargs = server_user.popen
        self._cwd = server_user.popen["cwd"]
        self._stderr = subprocess.DEVNULL  # pg_ctl says "examine the log", which we do

    @property
    def envvars(self) -> dict[str, str]:
        """Leave out what PG* variables and mirakuru's mark would do: another run's exit may end what bears a mark."""
        return {"LC_ALL": "C", **{name: os.environ[name] for name in PASSED_ON if name in os.environ}}

    def init_directory(self) -> None:
        """Make the data directory, once; the same encoding and locale everywhere."""
        if Path(self.datadir).exists():
            return
        password = self.home / "password"
        password.write_text(self.password)
        _give(password, self.server_user)
        how = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--pwfile={password}", "--no-sync"]
        self.run([self.initdb, "-D", self.datadir, f"--username={self.user}", "--no-instructions", *how])
        password.unlink()

    def pg_ctl(self, action: str, *arguments: str) -> str:
        """Run pg_ctl on this server, as its user, and return what it prints."""
        return self.run([self.executable, action, "-D", self.datadir, "-l", self.logfile, *arguments])

    def run(self, command: list[str]) -> str:
        """Run one of the server's programs as its user. Raises `CalledProcessError` with what it said."""
        ended = subprocess.run(  # noqa: S603 (PostgreSQL's own programs)
            command,
            check=True,
            env=self.envvars,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=self._timeout,
            **self.server_user.popen,
        )
        said: str = ended.stdout
        return said

    def start(self) -> "Cluster":
        """Wait for pg_ctl too: until it ends, what answers on the port may be another's server."""
        super().start()
        code = self.process.wait(self._timeout) if self.process else 0
        self._clear_process()
        if code:
            raise ProcessExitedWithError(self, code)
        return self

    def clean_directory(self) -> None:
        """Leave it to the directory, which are removed as a whole."""

    def failure(self) -> str:
        """Return the end of the log without its prefixes, or "" if there is none."""
        log = Path(self.logfile)
        text = log.read_text("utf-8", "replace") if log.exists() else ""
        return _end(re.sub(r"(?m)^.*?(?=\b(?:LOG|HINT|DETAIL|WARNING|ERROR|FATAL|PANIC):  )", "", text)) if text else ""


class ProcessServer:
    """See `Server`. `cluster.pg_ctl` restarts it, where a test wants that."""

    shared = False
    given: str | None = None

    def __init__(self, kind: str, bindir: Path, cluster: Cluster, directory: DataDirectory) -> None:
        self.bindir: Path | None = bindir
        self.log: Path | None = Path(cluster.logfile)
        self.cluster = cluster
        self._directory = directory
        self._clones = True
        # No TLS on loopback, whatever PGSSLMODE is set to for real databases; half of these servers cannot do it.
        self.url = f"postgresql://{cluster.user}:{cluster.password}@{HOST}:{cluster.port}/{USER}?sslmode=disable"
        with psycopg.connect(self.url) as connection:
            self.version = connection.info.server_version
        self.name = f"{kind} PostgreSQL {shown(self.version)}"
        self._owner = os.getpid()
        atexit.register(self.stop)

    def dsn(self, database: str) -> str:
        """See `Server`."""
        return url_of(self.url, database)

    def create(self, database: str, template: str | None = None) -> None:
        """See `Server`. From version 18 on files are cloned, where the file system can; a copy of them takes longer."""
        if self.version >= CLONES and self._clones:
            try:
                Janitor(self.url, database, template, files=True, clones=True).init()
            except psycopg.errors.DuplicateDatabase:
                raise
            except psycopg.Error:
                self._clones = False
            else:
                return
        Janitor(self.url, database, template, files=self.version >= CHOOSES).init()

    def drop(self, database: str) -> None:
        """See `Server`."""
        Janitor(self.url, database).drop()

    def standby(self, options: Mapping[str, str]) -> "ProcessServer":
        """Return a standby that streams from this server and has its databases and passwords; it ends with this one."""
        primary, kept = self.cluster, self.cluster.home / "standby.passwords"
        kept.write_text(f"*:*:*:*:{primary.password}\n")
        _give(kept, primary.server_user)
        where = f"host={HOST} port={primary.port} user={USER} passfile={kept} sslmode=disable"
        copy = ["-D", str(primary.home / "standby"), "-d", where, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        primary.run([str(primary.bindir / "pg_basebackup"), *copy])
        settings = _quoted({**SETTINGS, **options})
        cluster = _on_a_free_port(
            lambda: Cluster(
                primary.bindir, self._directory, primary.server_user, primary.password, settings, folder="standby"
            )
        )
        return ProcessServer("standby", primary.bindir, cluster, self._directory)

    def left_running(self, database: str) -> str:
        """See `Server`."""
        url, process = told_url(self.dsn(database), self._directory.path), Path(self.cluster.datadir, "postmaster.pid")
        number = process.read_text(encoding="utf-8").split()[0]
        self._directory.let_go()
        self._owner = 0  # it is nobody's now
        atexit.unregister(self.stop)
        return (
            f"'{url}' runs on; to end it: kill -QUIT {number}; sleep 1; rm -r {shlex.quote(str(self._directory.path))}"
        )

    def stop(self) -> None:
        """See `Server`. A fork of ours leaves it to us."""
        if os.getpid() == self._owner:
            self._directory.leave()
            atexit.unregister(self.stop)


def start(programs: Programs, options: Mapping[str, str]) -> Server:
    """Start a server of these programs, with `options` as further settings. Raises `Inconclusive` with the reason."""
    programs.check()
    user = server_user()
    try:
        moved = not _may_run(programs, user)
        with ExitStack() as undo:
            directory = DataDirectory(place(user, executable=moved), user)
            undo.callback(directory.leave)
            runnable = programs.copied(directory.path / "programs") if moved else programs
            cluster = _started(runnable, directory, user, {**SETTINGS, **options})
            server = ProcessServer(programs.kind, programs.bindir, cluster, directory)
            undo.pop_all()
            return server
    except subprocess.CalledProcessError as error:
        raise Inconclusive(f"{Path(error.cmd[0]).name}: {_end(error.output)}") from error
    except (OSError, subprocess.SubprocessError, ExecutorError, psycopg.Error) as error:
        raise Inconclusive(f"as the user {user.name}: {error}") from error


def _may_run(programs: Programs, user: ServerUser) -> bool:
    """Try it: permissions, access lists and mount options together decide, and only the kernel knows them all."""
    try:
        for name in ("initdb", "postgres"):
            command = [str(programs.bindir / name), "--version"]
            subprocess.run(command, check=True, capture_output=True, **user.popen)  # noqa: S603 (PostgreSQL's own)
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def _started(programs: Programs, directory: DataDirectory, user: ServerUser, settings: Mapping[str, str]) -> Cluster:
    password = secrets.token_hex(16)
    return _on_a_free_port(lambda: Cluster(programs.bindir, directory, user, password, _quoted(settings)))


def _on_a_free_port(make: Callable[[], Cluster]) -> Cluster:
    for _ in range(PORTS):
        cluster = make()
        try:
            return cluster.start()
        except AlreadyRunning:
            continue
        except PostgreSQLUnsupported as error:
            raise Inconclusive(f"{error}") from error
        except ExecutorError as error:
            if "could not bind" not in cluster.failure():
                raise Inconclusive(cluster.failure() or str(error)) from error
    raise Inconclusive(f"{PORTS} ports in a row were taken by others")


def _give(secret: Path, user: ServerUser) -> None:
    secret.chmod(0o600)
    give(secret, user.uid, user.gid)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _quoted(settings: Mapping[str, str]) -> str:
    """Return `-c` arguments for a shell, inside the double quotes in which the executor puts them."""
    words = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
    return words.replace("\\", "\\\\").replace('"', '\\"')


def _end(text: str | None) -> str:
    return "\n".join((text or "it said nothing").strip().splitlines()[-5:])
