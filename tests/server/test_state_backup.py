"""A dump of the state before the rollback is believed only if pg_restore reads every row of every table in it."""

import os
import shutil
import signal
import stat
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from fixtures.every import every
from fixtures.readers import execute, subject
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.probes import state_backup
from rollproof.probes.state_backup import StateBackup, require_folder
from rollproof.server import pg_binaries
from rollproof.system.child_process import ChildProcess
from rollproof.system.signals import Terminated
from rollproof.throwaway.servers.server import fresh_name

SETUP = """
CREATE SCHEMA migration_backup;
CREATE TABLE people (id integer PRIMARY KEY, name text);
INSERT INTO people VALUES (1, E'a\\nb'), (2, E'\\\\.'), (3, NULL);
CREATE TABLE migration_backup.people_backup AS TABLE people;
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
CREATE TABLE "odd (name)""\nFROM stdin;" ("a)" integer);
INSERT INTO "odd (name)""\nFROM stdin;" VALUES (1), (2);
CREATE UNLOGGED TABLE "user" (id integer);
CREATE TABLE parts (id integer) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parts DEFAULT;
INSERT INTO parts VALUES (1);
CREATE MATERIALIZED VIEW seen AS TABLE people;
SELECT lo_from_bytea(0, convert_to(E'COPY public.people (id) FROM stdin;\\n1\\n', 'UTF8'));
"""
# A pg_dump that spoils what the real one made; only the one that dumps rows.
SPOILS = """#!/bin/sh
case "$*" in *--version*|*--schema-only*) exec {real} "$@" ;; esac
for word; do case $word in --file=*) file=${{word#--file=}} ;; esac; done
{spoil}
"""
CUT = '{real} "$@"; size=$(wc -c <"$file"); head -c $((size - 40)) "$file" >"$file.x"; cat "$file.x" >"$file"; rm "$file.x"'


@pytest.fixture(scope="module")
def ground(server):
    """The URL of a database with tables of every kind."""
    name = fresh_name()
    server.create(name)
    execute(server.dsn(name), SETUP)
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture
def spoiled(monkeypatch, tmp_path, ground):
    """Call it with a line of shell in place of the one that calls the real pg_dump."""
    with subject(ground) as live:
        real, _ = pg_binaries.pg_dump(live.version // 10_000, None)
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "pg_restore").symlink_to(real.with_name("pg_restore"))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def spoil(line):
        (folder / "pg_dump").write_text(SPOILS.format(real=real, spoil=line.replace("{real}", str(real))))
        (folder / "pg_dump").chmod(0o755)

    return spoil


def made(url, folder, **limits):
    """Return what is wrong with a dump of a database into a folder, and the dump."""
    with subject(url, **limits) as live:
        one = StateBackup(live, folder, lambda _: None)
        return [each.sentence for each in one.findings()], one.dump


def test_every_row_of_every_table_is_in_it(ground, tmp_path):
    wrong, dump = made(ground, tmp_path)

    assert wrong == []
    assert (dump.tables, dump.rows) == (6, 10)
    assert [*tmp_path.iterdir()] == [dump.path]
    assert stat.S_IMODE(dump.path.stat().st_mode) == 0o600
    assert dump.sha256 in str(dump)


def test_another_dump_of_the_same_second_stays(ground, tmp_path):
    with subject(ground) as live:
        first, second, third = (StateBackup(live, tmp_path, lambda _: None) for _ in range(3))
        assert [*first.findings(), *second.findings()] == []
        free = second.dump.path.with_name(second.dump.path.name.replace("-2.dump", "-3.dump"))
        free.symlink_to(tmp_path / "elsewhere")
        assert [*third.findings()] == []

    paths = [each.dump.path for each in (first, second, third)]
    assert len({*paths}) == 3
    assert all(each.is_file() and not each.is_symlink() for each in paths)
    assert free.is_symlink()


@pytest.mark.promise
@every(
    ("spoil", "said"),
    [
        (CUT, "pg_restore cannot read the dump, so it was removed: pg_restore: error: "),
        ('exec {real} "$@" --exclude-table-data=public.people', "public.people is not in the dump"),
        (
            'echo "pg_dump: error: the disk is gone" >&2; exit 1',
            "no dump was made: pg_dump ended with 1: the disk is gone",
        ),
        ("kill -9 $$", "no dump was made: pg_dump ended with 137: "),
        (": >$file", "pg_restore cannot read the dump, so it was removed: pg_restore: error: "),
    ],
)
def test_what_is_not_whole_is_removed_and_said(spoiled, ground, tmp_path, spoil, said):
    spoiled(spoil)
    folder = tmp_path / "dumps"
    folder.mkdir(exist_ok=True)
    wrong, dump = made(ground, folder)

    assert [each for each in wrong if each.startswith(said)], wrong
    assert dump is None
    assert [*folder.iterdir()] == []


@pytest.mark.promise
def test_rows_that_are_missing_are_counted(spoiled, ground, tmp_path):
    """What is in the database when the dump is made, and not at its instant, would be such a row."""
    spoiled('for word; do shift; case $word in --snapshot=*) ;; *) set -- "$@" "$word" ;; esac; done; exec {real} "$@"')
    with subject(ground) as live:
        execute(ground, "INSERT INTO people VALUES (4, 'later')")
        wrong = [each.sentence for each in StateBackup(live, tmp_path, lambda _: None).findings()]
        execute(ground, "DELETE FROM people WHERE id = 4")

    assert wrong == ["public.people has 4 rows in the dump, and 3 in the database"]


def test_it_is_of_the_instant_of_all_that_is_read(ground, tmp_path):
    with subject(ground) as live:
        execute(ground, "INSERT INTO people VALUES (4, 'later')")
        wrong = [*StateBackup(live, tmp_path, lambda _: None).findings()]
        execute(ground, "DELETE FROM people WHERE id = 4")

    assert wrong == []


def test_a_disk_that_is_nearly_full_is_left_alone(monkeypatch, ground, tmp_path):
    monkeypatch.setattr(state_backup, "RESERVE", shutil.disk_usage(tmp_path).total)
    wrong, dump = made(ground, tmp_path)

    assert wrong[0].partition(" are free in ")[2].startswith(f"{tmp_path}; the database takes ")
    assert dump is None
    assert [*tmp_path.iterdir()] == []


@pytest.mark.promise
def test_who_ends_it_leaves_neither_dump_nor_pg_dump(monkeypatch, spoiled, ground, tmp_path):
    spoiled("exec sleep 60")
    wait, started = ChildProcess.wait, []

    def ended(process, seconds):
        started.append(process)
        if len(started) == 1:
            raise Terminated(signal.SIGINT)
        return wait(process, seconds)

    folder = tmp_path / "dumps"
    folder.mkdir()
    with subject(ground) as live:
        monkeypatch.setattr(ChildProcess, "wait", ended)
        with pytest.raises(Terminated):
            [*StateBackup(live, folder, lambda _: None).findings()]

    assert wait(started[0], 0) is not None
    assert [*folder.iterdir()] == []


def test_without_pg_dump_nobody_can_say(monkeypatch, ground, tmp_path):
    monkeypatch.setattr("rollproof.catalog.pg_dump.pg_dump", lambda *_: None)
    with pytest.raises(Inconclusive, match="no pg_dump of PostgreSQL"):
        made(ground, tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_a_folder_that_is_none_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Misuse, match="no dump can be written there"):
        require_folder(tmp_path / "file")
    require_folder(tmp_path / "new" / "folder")
    assert Path(tmp_path / "new" / "folder").is_dir()


def test_what_the_role_may_not_read_is_in_no_dump(ground, tmp_path):
    """pg_dump says so itself, and it is no matter of doubt: there is no dump."""
    execute(ground, "CREATE ROLE poor_dumper LOGIN PASSWORD 'poor'; GRANT SELECT ON people TO poor_dumper")
    poor = make_conninfo(ground, user="poor_dumper", password="poor")  # noqa: S106 (of a throw-away server)
    try:
        wrong, dump = made(poor, tmp_path)
    finally:
        execute(ground, "DROP OWNED BY poor_dumper; DROP ROLE poor_dumper")

    assert dump is None
    assert wrong[0].startswith("no dump was made: pg_dump ended with 1: query failed: ERROR:  permission denied for ")
    assert "GRANT pg_read_all_data TO poor_dumper" in wrong[0]
    assert [*tmp_path.iterdir()] == []
