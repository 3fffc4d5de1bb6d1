"""What the stories about the vibes script are told with: small databases, the script, and a witness that is not ours."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from rollproof.throwaway.servers.server import fresh_name

VIBES = Path(__file__).parent / "vibes"
READS = ("SELECT", "--", "BEGIN", "SET", "LOCK", "WITH RECURSIVE", "\nSET", "\nWITH RECURSIVE")


class Said(NamedTuple):
    """How a run of the script ended."""

    code: int  # negative: the signal that ended it
    text: str  # stdout and stderr
    facts: dict  # the answer in JSON; empty if it did not come that far


def create_small(url: str) -> None:
    """Fill a database with 20 rows per table: every spelling of an id is among them."""
    subprocess.run([sys.executable, VIBES / "data.py", "--create", "--scale=0.001", "--database-url", url], check=True)


FILLED_BY = {
    "bundled": create_small,
    "procedure": VIBES / "tables" / "procedure.sql",  # the founding document's own tables, and nothing else
    "composite": VIBES / "tables" / "composite.sql",  # keys of several columns, and to the own table
}


COPIES = """
[backup]
schema = "migration_backup"
table = "{table}_backup"
tables = ["public.users", "public.journal_entries", "public.tags", "public.reminders"]
"""


@pytest.fixture
def baseline_of(command, tmp_path):
    """Call it with the URL of such tables to take their baseline; it returns what to call for the verification."""
    (tmp_path / "rollproof.toml").write_text(COPIES)

    def take(url):
        taken = command(tmp_path, "capture", "--database-url", url, "--output", "baseline.json")
        assert taken.returncode == 0, taken.output
        return lambda: command(tmp_path, "verify", "--database-url", url, "--reference", "baseline.json")

    return take


@pytest.fixture
def world(database_from):
    """Call it with a name of `FILLED_BY` for the URL of such tables before their migration."""
    return lambda name: database_from(FILLED_BY[name])


@pytest.fixture
def vibes(world):
    """The URL of a small vibes before its migration."""
    return world("bundled")


@pytest.fixture(scope="session")
def migrations(script):
    """What fills a database as `FILLED_BY` does, and migrates it; for `database_from`."""

    def filled_and_migrated(url, *, fill):
        if callable(fill):
            fill(url)
        else:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(fill.read_text("utf-8"))
        said = script(url, "migrate")
        assert said.code == 0, said.text

    return {name: partial(filled_and_migrated, fill=fill) for name, fill in FILLED_BY.items()}


@pytest.fixture
def migrated_world(database_from, migrations):
    """Call it with a name of `FILLED_BY` for the URL of such tables after their migration."""
    return lambda name: database_from(migrations[name])


@pytest.fixture
def migrated(migrated_world):
    """The URL of a small vibes after its migration."""
    return migrated_world("bundled")


@pytest.fixture(scope="session")
def script():
    """Call it with a URL, an operation and options: runs the script's command line in a child, and returns what it said.

    `kill_after=N` ends the child by SIGKILL (or what `by` says) after its Nth statement that is not merely a question, or after
    one that holds these words; `alone` leaves out that other sessions do not matter.
    """
    if not hasattr(os, "fork"):
        pytest.skip("the stories need os.fork: a fresh interpreter for each run would take minutes")
    sys.path.insert(0, str(VIBES))  # as Python itself does for a script
    import data_migration  # noqa: PLC0415

    sys.path.remove(str(VIBES))

    def run(url, operation, *options, kill_after=None, alone=False, by=signal.SIGKILL):
        words = ["--database-url", url, "--log-file=", "--json", *([] if alone else ["--while-connected"]), *options]
        argv = ["data_migration.py", f"--operation={operation}", *words]
        with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as progress:
            child = os.fork()
            if child == 0:
                _be_the_script(data_migration.main, argv, answer.fileno(), progress.fileno(), (kill_after, by))
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            said, told = (file.seek(0) or file.read() for file in (answer, progress))
            return Said(code, said + told, json.loads(said) if said else {})

    return run


@pytest.fixture
def impatient(script, monkeypatch):  # noqa: ARG001 (it has imported what is changed here)
    """The script with short waits for locks."""
    database = sys.modules["migration.database"]
    monkeypatch.setattr(database, "LOCK_TIMEOUT", 100)
    monkeypatch.setattr(database, "PAUSE", 0.02)


def _be_the_script(main, argv, stdout, stderr, kill) -> None:
    """Never return: the child of a fork must not go on as pytest."""
    code = 70  # an exception that the script let through; its traceback is in what it said
    try:
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        sys.stdout, sys.stderr, sys.argv = os.fdopen(1, "w"), os.fdopen(2, "w"), argv
        if kill[0] is not None:
            _kill_after(*kill)
        code = main()
    except SystemExit as error:
        code = error.code
    except BaseException:  # noqa: BLE001 (whatever it is, it must be seen)
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _kill_after(when, by) -> None:
    """Send this process a signal after the Nth statement that changes or commits something, or after one with these words."""
    execute, done = psycopg.Connection.execute, 0

    def counted(self, query, *arguments, **options):
        nonlocal done
        cursor = execute(self, query, *arguments, **options)
        counts = when in query if isinstance(when, str) else not query.startswith(READS)
        done += counts
        if counts and done == (1 if isinstance(when, str) else when):
            os.kill(os.getpid(), by)
        return cursor

    psycopg.Connection.execute = counted


def _answered(file):
    """Return what a worker wrote, and close the file."""
    with file:
        file.seek(0)
        return json.loads(file.read() or "{}")


@pytest.fixture(scope="session")
def side_by_side():
    """Call it with a function of (worker, workers) that returns a dict; runs it in several children and joins the dicts."""

    def run(work, workers=2):
        children = []
        try:
            for worker in range(workers):
                answer = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed below; the child needs it open)
                child = os.fork()
                if child == 0:
                    _be_a_worker(work, worker, workers, answer)
                children.append((child, answer))
            codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, _ in children]
        except BaseException:
            for child, _ in children:
                os.kill(child, signal.SIGKILL)
            raise
        joined = {key: value for _, answer in children for key, value in _answered(answer).items()}
        assert codes == [0] * workers, joined
        return joined

    return run


def _be_a_worker(work, worker, workers, answer) -> None:
    code = 1
    try:
        json.dump(work(worker, workers), answer)
        answer.flush()
        code = 0
    except BaseException:  # noqa: BLE001 (whatever it is, it must be seen)
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


@pytest.fixture(scope="session")
def programs(server):
    """Return the folder of pg_dump and pg_restore, or skip: without that witness there is nothing to tell."""
    if server.bindir and (server.bindir / "pg_dump").exists():
        return server.bindir
    found = shutil.which("pg_dump")
    if not found:
        pytest.skip("no pg_dump: it is not where the server is, and none is installed here")
    return Path(found).parent


@pytest.fixture(scope="session")
def picture(programs):
    """Call it with a URL for all that pg_dump says of it, rows sorted; less the log and, if not asked for, the backup."""

    def dump(url, *, backup=False) -> str:
        left_out = ["--exclude-table=public.migration_log", *([] if backup else ["--exclude-schema=migration_backup"])]
        said = subprocess.run([programs / "pg_dump", *left_out, url], capture_output=True, text=True, check=True).stdout
        lines, rows = [], None
        for line in said.splitlines():
            if rows is None:
                rows = [] if line.startswith("COPY ") else None
                lines += [] if line.startswith(("\\restrict", "\\unrestrict")) else [line]
            elif line == "\\.":
                lines += [*sorted(rows), line]
                rows = None
            else:
                rows.append(line)
        return "\n".join(lines)

    return dump


@pytest.fixture(scope="session")
def sql():
    """Call it with a URL and statements; returns the last one's rows, if it has any."""

    def run(url, *statements):
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    return run


class Role(NamedTuple):
    """An ordinary role that may connect, and nothing else until it is granted."""

    name: str
    url: str
    grant: Callable[..., None]  # statements; {0} is the role, {1} the database


@pytest.fixture
def role(vibes, sql):
    """An ordinary role in the database of `vibes`; it goes with all that it was granted and made."""
    name, database = fresh_name(), vibes.rpartition("/")[2].partition("?")[0]
    sql(vibes, f"CREATE ROLE {name} LOGIN PASSWORD '{name}'")
    url = vibes.replace(vibes.partition("//")[2].partition("@")[0], f"{name}:{name}")
    yield Role(name, url, lambda *statements: sql(vibes, *(s.format(name, database) for s in statements)))
    sql(vibes, f"REASSIGN OWNED BY {name} TO CURRENT_USER", f"DROP OWNED BY {name}", f"DROP ROLE {name}")
