"""Servers in containers and clones by a command: where they listen, what they are for, and that nothing of them is left."""

import gc
import json
import shutil
import subprocess
import sys
import time

import psycopg
import pytest

from rollproof.model.errors import Misuse
from rollproof.rehearsal.matrix import rehearsals
from rollproof.rehearsal.one_server import OneServer
from rollproof.rehearsal.options import asked
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Rehearsal
from rollproof.throwaway.servers.provide import NoServer, of_major, provide
from rollproof.throwaway.source.build import built
from rollproof.throwaway.source.built import How
from rollproof.throwaway.source.where import Source

ENGINE = shutil.which("docker") or shutil.which("podman")
IMAGES = ("postgres", "rollproof-postgres")
# It prints the URL of a database that it makes, and drops it when it is ended, which takes a while.
CLONE = """
import os, psycopg, signal, sys, time
def gone(*_):
    time.sleep(0.3)
    psycopg.connect(sys.argv[1], autocommit=True).execute("DROP DATABASE the_clone WITH (FORCE)")
    os._exit(0)
signal.signal(signal.SIGTERM, gone)
psycopg.connect(sys.argv[1], autocommit=True).execute("CREATE DATABASE the_clone")
url = sys.argv[1].replace("/postgres?", "/the_clone?")
psycopg.connect(url, autocommit=True).execute("CREATE TABLE shop AS SELECT 1 AS id")
print(url, flush=True)
time.sleep(1000)
"""


@pytest.fixture
def clone(server, tmp_path):
    """What --server takes for a clone, a database that the session's server has as long as the clone is there."""
    (tmp_path / "clone.py").write_text(CLONE)
    yield f"exec:true; {sys.executable} {tmp_path / 'clone.py'} '{server.url}'"
    assert "the_clone" not in databases(server)


def databases(server):
    with psycopg.connect(server.url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


@pytest.mark.promise
def test_a_clone_is_there_until_its_command_is_ended(server, clone):
    made = provide(clone)
    world = World(made, made.given)
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute("CREATE FOREIGN DATA WRAPPER far; CREATE SERVER far FOREIGN DATA WRAPPER far")
        connection.execute("CREATE USER MAPPING FOR PUBLIC SERVER far")
        built(Source("clone"), made, world.database, How())
        assert connection.execute("SELECT count(*) FROM pg_user_mappings").fetchone() == (0,)
    kept = world.keep()
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute("DROP TABLE shop")
    world.bring_back(kept)

    assert made.given == "the_clone"
    with psycopg.connect(world.url) as connection:
        assert connection.execute("SELECT id FROM shop").fetchone() == (1,)
    made.stop()
    made.stop()
    server.drop(kept)


def test_a_clone_that_is_the_database_itself_is_refused(server, clone, tmp_path):
    known = Configured(Settings(database_url=server.dsn("the_clone")), None)
    on = OneServer(Rehearsal(migrate=("true",), rollback=("true",)), known, tmp_path, lambda _: None)

    with pytest.raises(Misuse, match="which is that of database_url itself and no clone"):
        on.rehearsed(clone)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("echo no room >&2; exit 3", "it ended with exit code 3 and printed no URL; it said: no room"),
        ("echo ready; sleep 1000", "its first line is no URL of a database"),
        ("echo postgresql://u:secret@127.0.0.1:1/d; sleep 1000", "Connection refused"),
    ],
)
def test_a_command_without_a_clone_is_told_and_ended(command, why):
    with pytest.raises(NoServer) as raised:
        provide(f"exec:{command}")

    assert why in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.promise
def test_a_server_that_cannot_be_had_leaves_the_others_to_be_rehearsed_on(server, tmp_path, monkeypatch):
    """Without a table there is nothing to rehearse: what came of it is not the point here."""
    monkeypatch.chdir(tmp_path)
    known = Configured(Settings(), None)
    wanted = Rehearsal(migrate=("true",), rollback=("true",), matrix=("exec:exit 3", server.url))
    nowhere, here = rehearsals(wanted, known, tmp_path, lambda _: None)

    assert (nowhere.exit_code, nowhere.stages[0].word) == (7, "undecided")
    assert "exit code 3" in nowhere.stages[0].sentence
    assert here.version == server.version
    with pytest.raises(Misuse, match="--matrix 'contaner' is none of the forms"):
        next(rehearsals(Rehearsal(matrix=("exec:exit 3", "contaner")), known, tmp_path, lambda _: None))
    with pytest.raises(Misuse, match="--keep: the clone"):
        next(rehearsals(Rehearsal(matrix=("exec:exit 3",), keep=True), known, tmp_path, lambda _: None))


def test_a_list_of_servers_is_split_where_one_begins():
    typed = "local,container:postgres:14, exec:clone --of a,b ,postgresql://u@h1:1,h2:2/d"

    assert asked({"matrix": typed}, Rehearsal()).matrix == (
        "local",
        "container:postgres:14",
        "exec:clone --of a,b",
        "postgresql://u@h1:1,h2:2/d",
    )


def test_a_container_is_of_the_sources_major():
    assert of_major("container", 15) == "container:postgres:15"
    assert of_major("container", 0) == "container"
    assert of_major("container:postgis/postgis:16-3.4", 15) == "container:postgis/postgis:16-3.4"


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # docker's library leaves its socket open
def test_where_no_engine_runs_the_ways_out_are_named(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")

    with pytest.raises(
        NoServer, match=r"(?s)container postgres:18: no container engine can be reached: .*start Docker"
    ):
        provide("container")
    gc.collect()


def engine(*words):
    done = subprocess.run([ENGINE or "", *words], capture_output=True, text=True, check=False, timeout=100)
    return done.stdout if done.returncode == 0 else ""


@pytest.fixture(scope="module")
def image():
    """An image of a PostgreSQL that is here already."""
    if not ENGINE or not engine("info"):
        pytest.skip("no container engine is running")
    here = [
        line for line in engine("images", "--format", "{{.Repository}}:{{.Tag}}").split() if line.startswith(IMAGES)
    ]
    return here[0] if here else pytest.skip(f"no image of {' or '.join(IMAGES)} is here")


@pytest.mark.promise
def test_a_container_listens_on_loopback_and_is_gone_with_us(image):
    """Also where the process is killed that had started it."""
    where = f"provide('container:{image}').url"
    code = f"import time; from rollproof.throwaway.servers.provide import provide; print({where}, flush=True); time.sleep(99)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as owner:
        url = owner.stdout.readline().strip()
        with psycopg.connect(url) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("off",)
            port = connection.info.port
        (ours,) = engine("ps", "-q", "--filter", f"publish={port}").split()
        bound = json.loads(engine("inspect", ours))[0]["NetworkSettings"]["Ports"]["5432/tcp"]
        owner.kill()
    deadline = time.monotonic() + 15
    while engine("ps", "-aq", "--filter", f"id={ours}") and time.monotonic() < deadline:
        time.sleep(0.1)

    assert {each["HostIp"] for each in bound} == {"127.0.0.1"}
    assert engine("ps", "-aq", "--filter", f"id={ours}") == ""
