"""--state-backup: the database is dumped as it is before the rollback, and no dump is believed that was not read."""

import json
import shutil
import signal
import stat

import pytest

from fixtures.readers import execute
from rollproof.throwaway.servers.server import fresh_name

SETUP = """
CREATE SCHEMA migration_backup;
CREATE TABLE people (id integer PRIMARY KEY, name text);
INSERT INTO people VALUES (1, 'ann'), (2, 'bob');
CREATE TABLE migration_backup.people_backup AS TABLE people;
"""


@pytest.fixture(scope="module")
def ground(server, tmp_path_factory, command):
    """The URL of a database, and a folder with its baseline."""
    name, folder = fresh_name(), tmp_path_factory.mktemp("ground")
    server.create(name)
    execute(server.dsn(name), SETUP)
    taken = command(folder, "capture", "--database-url", server.dsn(name))
    assert taken.returncode == 0, taken.output
    yield server.dsn(name), folder / "baseline.json"
    server.drop(name)


@pytest.fixture
def before(command, ground, tmp_path):
    """Call it with options for the phase before the rollback, in a folder of this test's."""
    shutil.copy(ground[1], tmp_path)
    return lambda *words, **more: command(
        tmp_path, "verify", "pre_rollback", "--database-url", ground[0], *words, **more
    )


def report(folder):
    return json.loads((folder / "rollproof-report" / "result.json").read_bytes())


def told(folder):
    (case,) = [each for each in report(folder)["outcomes"] if each["check"] == "state_backup"]
    return case


def test_every_row_of_every_table_is_in_it(before, tmp_path):
    asked = before("--state-backup", "dumps")
    assert told(tmp_path)["kind"] == "verified", asked.output
    (dump,) = (tmp_path / "dumps").iterdir()
    kept = report(tmp_path)["state_kept"]

    assert told(tmp_path)["kind"] == "verified", asked.output
    assert kept["dump"] == f"dumps/{dump.name}"
    assert "2 tables with 4 rows, in each as many as in the database" in kept["dump_told"]
    assert f"the database was dumped as it is: dumps/{dump.name}, " in " ".join(report(tmp_path)["notes"])
    assert stat.S_IMODE(dump.stat().st_mode) == 0o600
    assert json.loads((tmp_path / "baseline-before-rollback.json").read_bytes())["snapshot"]["facets"]["rows"]


def test_who_asks_for_none_is_told_that_there_is_none(before, tmp_path):
    asked = before()

    assert "state backup" in [each["feature"] for each in report(tmp_path)["not_configured"]], asked.output
    assert report(tmp_path)["state_kept"]["dump"] == ""


def test_a_folder_that_is_a_file_is_refused_before_anything_is_asked(before, tmp_path):
    (tmp_path / "dumps").write_text("")
    asked = before("--state-backup", "dumps")

    assert asked.returncode == 4
    assert "--state-backup dumps: no dump can be written there: File exists" in asked.said
    assert not (tmp_path / "rollproof-report").exists()


def test_a_signal_leaves_nothing_half_done(before, tmp_path):
    """It comes when the dump is made, and not yet verified."""
    at = "rollproof.probes.state_backup:StateBackup._verified"
    ended = before("--state-backup", "dumps", number=signal.SIGTERM, at=at)

    assert ended.returncode == 128 + signal.SIGTERM, ended.output
    assert [*(tmp_path / "dumps").iterdir()] == []
    assert report(tmp_path)["state_kept"] is None


def test_with_a_dump_the_rows_that_the_rollback_lost_are_told(command, database, tmp_path):
    execute(database, SETUP)
    for words in (("capture",), ("verify", "pre_rollback", "--state-backup", "dumps")):
        command(tmp_path, *words, "--database-url", database)
    execute(database, "DELETE FROM people WHERE id = 2; CREATE TABLE more (id integer)")
    command(tmp_path, "verify", "--database-url", database)
    told = {each["facet"]: each for each in report(tmp_path)["rollback_changes"]["objects"]}

    assert told["rows"]["changed"] == ["public.people"]
    assert told["tables"]["made"] == ["public.more"]
    assert told["rows"]["made"] == []
