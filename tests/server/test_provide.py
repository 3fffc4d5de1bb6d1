"""Throw-away servers: which one `--server` means, where it lives, and what is said when there is none."""

import os
import shutil
import socket
from pathlib import Path

import psutil
import psycopg
import pytest

from rollproof.model.errors import Inconclusive
from rollproof.throwaway.servers import data_directory, processes
from rollproof.throwaway.servers.provide import NoServer, provide
from rollproof.throwaway.servers.room import room_for

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


def test_memory_without_room_is_passed_over(monkeypatch, memory):
    monkeypatch.setattr(data_directory, "ROOMY", 1 << 60)

    assert data_directory.place(data_directory.server_user(), executable=False) != memory


def test_a_large_database_is_not_put_into_memory_nor_where_there_is_no_room(memory):
    user, free = data_directory.server_user(), shutil.disk_usage(memory).free
    with room_for(free // 4 - data_directory.ROOMY // 8):
        assert data_directory.place(user, executable=False) != memory
    with (
        room_for(1 << 60),
        pytest.raises(Inconclusive, match=r"no room for a database of 1,15\d"),
    ):
        data_directory.place(user, executable=False)


def test_a_start_that_fails_says_why_and_leaves_nothing(memory):
    with pytest.raises(NoServer) as raised:
        provide("embedded", {"shared_buffers": "much"})

    assert 'embedded: FATAL:  invalid value for parameter "shared_buffers": "much"' in str(raised.value)
    assert "--server local:BINDIR" in str(raised.value)
    assert list(memory.iterdir()) == []
