"""The state before the rollback is kept by the phase before it, and afterwards it is told what the rollback changed."""

import json

import pytest
from msgspec.structs import replace

from fixtures.readers import execute
from rollproof.sources.baseline import load, save

SETUP = """
CREATE TABLE people (id varchar(36) PRIMARY KEY, name text);
INSERT INTO people VALUES ('1', 'ann'), ('2', 'bob');
"""
MIGRATE = "ALTER TABLE people ALTER id TYPE integer USING id::integer; CREATE INDEX by_name ON people (name)"
ROLL_BACK = "ALTER TABLE people ALTER id TYPE varchar(36); DROP INDEX by_name; DELETE FROM people WHERE id = '2'"
KEPT = "baseline-before-rollback.json"


@pytest.fixture
def night(command, database, tmp_path):
    """Call it with words of `verify`: about a database that was captured and migrated."""
    execute(database, SETUP)
    taken = command(tmp_path, "capture", "--database-url", database)
    assert taken.returncode == 0, taken.output
    execute(database, MIGRATE)
    return lambda *words: command(tmp_path, "verify", *words, "--database-url", database)


def report(folder):
    return json.loads((folder / "rollproof-report" / "result.json").read_bytes())


def test_what_the_rollback_changed_is_told_and_changes_no_verdict(night, database, tmp_path):
    before = night("pre_rollback")
    kept = report(tmp_path)["state_kept"]

    assert kept["path"] == KEPT
    assert kept["sha256"] in (tmp_path / KEPT).read_text("utf-8")
    assert f"the state before the rollback is kept: {KEPT}" in report(tmp_path)["notes"][-1], before.output

    alone = night("--reference", KEPT)
    assert alone.returncode == 7, alone.output
    assert "whether every row is there again" in alone.said
    execute(database, ROLL_BACK)
    after = night()
    told = report(tmp_path)["rollback_changes"]
    found = {
        each["facet"]: {word: each[word] for word in ("made", "taken_away", "changed")} for each in told["objects"]
    }

    assert after.returncode == 1, after.output
    assert found["columns"] == {"made": [], "taken_away": [], "changed": ["public.people.id"]}
    assert found["indexes"]["taken_away"] == ["public.people.by_name"]
    assert told["path"] == KEPT
    assert told["not_told"] == []
    assert f"objects, as held against {KEPT}: 1 in columns, " in after.said


def test_another_state_is_kept_aside_and_the_same_one_is_not(night, database, tmp_path):
    night("pre_rollback")
    first_told = report(tmp_path)["state_kept"]
    night("pre_rollback")
    assert report(tmp_path)["state_kept"] == first_told  # who noted its SHA-256 finds the file again
    assert [each.name for each in tmp_path.glob("*before-rollback*")] == [KEPT]

    execute(database, "CREATE TABLE more (id integer)")
    night("pre_rollback")
    first, second = sorted(tmp_path.glob("*before-rollback*"))

    assert "public.more" in load(first if first.name == KEPT else second).tables
    assert "public.more" not in load(second if first.name == KEPT else first).tables


def test_a_part_of_the_phase_keeps_nothing(night, tmp_path):
    night("pre_rollback", "-k", "backup or disk_space")
    night("pre_rollback", "--dry-run")

    assert not [*tmp_path.glob("*before-rollback*")]


def test_where_nobody_may_write_beside_the_baseline_it_stands_in_the_report_folder(night, tmp_path):
    (tmp_path / KEPT).mkdir()
    night("pre_rollback")

    assert report(tmp_path)["state_kept"]["path"] == "rollproof-report/before-rollback.json"
    assert load(tmp_path / "rollproof-report" / "before-rollback.json").facets["dependencies"]


def test_where_nobody_may_write_at_all_that_is_said(night, tmp_path):
    for folder in (KEPT, "rollproof-report/before-rollback.json"):
        (tmp_path / folder).mkdir(parents=True)
    before = night("pre_rollback")

    assert report(tmp_path)["state_kept"] is None
    assert "WARNING: the state before the rollback was not kept" in before.said


def test_a_state_of_another_database_or_rollback_is_not_believed(night, tmp_path):
    night("pre_rollback")
    kept = load(tmp_path / KEPT)
    for changed, why in (
        ({"database": "other"}, "is of another database, other"),
        ({"taken": "2001-01-01 00:00:00+00"}, "is older than the baseline"),
        ({"schemas": ("app",)}, "looks at other schemas"),
    ):
        save(replace(kept, origin=replace(kept.origin, **changed)), tmp_path / KEPT)
        night()
        assert report(tmp_path)["rollback_changes"] is None
        assert why in " ".join(report(tmp_path)["notes"])


def test_who_asks_once_more_after_the_rollback_loses_nothing(night, database, tmp_path):
    night("pre_rollback")
    kept = (tmp_path / KEPT).read_bytes()
    execute(database, ROLL_BACK)
    night("pre_rollback")

    assert (tmp_path / KEPT).read_bytes() == kept
    assert "stays: by now the database is as the baseline has it" in " ".join(report(tmp_path)["notes"])
    night()
    assert report(tmp_path)["rollback_changes"]["objects"]
