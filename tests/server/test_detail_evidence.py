"""What a verification says of where rows differ, from a baseline file that was taken with --detail."""

import msgspec
import psycopg
import pytest

from rollproof.commands.verification import Opening, recorded
from rollproof.model.errors import Inconclusive
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.baseline import save
from rollproof.sources.recorded import Recorded
from rollproof.verdict import row_whereabouts
from rollproof.verdict.row_evidence import RowEvidence, Wanted

GROUND = """
CREATE TABLE events (id bigint PRIMARY KEY, what text, at timestamptz);
INSERT INTO events SELECT i, 'x', '2024-01-01'::timestamptz + i * interval '1 s' FROM generate_series(1, 500) AS i;
CREATE TABLE users (id varchar(36) PRIMARY KEY, name text);
INSERT INTO users SELECT md5(i::text), 'n' || i FROM generate_series(1, 300) AS i;
CREATE TABLE parted (id int NOT NULL, v int) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (1000);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (1000) TO (2000);
ALTER TABLE parted ADD PRIMARY KEY (id);
INSERT INTO parted SELECT i, i FROM generate_series(900, 1200) AS i;
"""


def play(url, script):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(script)


def ground(url):
    play(url, GROUND)


@pytest.fixture
def looked(database_from, tmp_path):
    """Call it with what went wrong for the evidence against a baseline file that keeps no hash of a row."""
    opened = []

    def look(script, wanted=Wanted(), *, detail=True):  # noqa: B008 (frozen)
        url = database_from(ground)
        first = Opening(Settings(database_url=url), Reference.parse(database_from(ground)), None).verification()
        snapshot = msgspec.structs.replace(first.after.complete(detail=detail), hashes={})
        first.close()
        save(snapshot, tmp_path / "baseline.json")
        baseline = recorded(Reference.parse(str(tmp_path / "baseline.json")))
        assert isinstance(baseline, Recorded)
        play(url, script)
        opened.append(
            sides := Opening(Settings(database_url=url), Reference.parse("baseline.json"), baseline).verification()
        )
        return RowEvidence(sides.before, sides.after, sides.copies, wanted)

    yield look
    for sides in opened:
        sides.close()


def test_a_table_that_was_rewritten_is_told_by_ranges_of_its_key(looked):
    evidence = looked("""
        ALTER TABLE events ALTER id TYPE numeric; ALTER TABLE events ALTER id TYPE bigint;
        UPDATE events SET what = 'y' WHERE id = 77; DELETE FROM events WHERE id = 300""")
    report = evidence.of("public.events")
    (changed, missing) = report.ranges
    assert report.where.startswith("in 2 of 32 ranges of id, which had ")
    assert report.unnamed
    assert changed.rows[0] == changed.rows[1]
    assert missing.rows[0] == missing.rows[1] + 1
    assert "77" not in changed.condition
    (first, last) = (int(each.rpartition("= ")[2].rpartition("< ")[2]) for each in changed.condition.split(" AND "))
    assert first <= 77 < last


def test_a_key_that_is_spelled_otherwise_is_told_by_parts_of_a_hash(looked):
    report = looked("UPDATE users SET id = upper(id) WHERE name = 'n5'").of("public.users")
    assert "of 32 parts of the table, by a hash of id" in report.where
    assert report.ranges == ()


def test_each_partition_is_told_alone(looked):
    evidence = looked("UPDATE parted SET v = 0 WHERE id = 1100")
    assert len(evidence.of("public.parted_2").ranges) == 1
    assert evidence.of("public.parted_1").ranges == ()


def test_a_column_of_another_type_or_name_is_said_and_nothing_is_compared(looked):
    evidence = looked("ALTER TABLE events ALTER id TYPE numeric; ALTER TABLE users RENAME id TO key")
    assert (
        "not known: column id, by which the baseline parted the rows, has another type now"
        in evidence.of("public.events").where
    )
    assert "is not there any more" in evidence.of("public.users").where


def test_a_table_that_may_grow_grew_only_where_no_row_was(looked):
    may = Wanted(growing=frozenset({"public.events"}))
    more = "INSERT INTO events SELECT i, 'z', now() FROM generate_series(501, 600) AS i;"
    assert looked(more, may).only_grew("public.events")
    for damage in (
        "UPDATE events SET what = 'y' WHERE id = 77",
        "DELETE FROM events WHERE id = 1",
        "INSERT INTO events VALUES (0)",
    ):
        with pytest.raises(Inconclusive, match="may grow"):
            looked(more + damage, may).only_grew("public.events")
    with pytest.raises(Inconclusive, match="may grow"):
        looked(more, may, detail=False).only_grew("public.events")


def test_a_baseline_without_details_tells_no_range(looked):
    report = looked("UPDATE events SET what = 'y' WHERE id = 77", detail=False).of("public.events")
    assert (report.where, report.ranges) == ("", ())


COPIED = """
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.events_backup AS TABLE events;
"""


def test_with_a_copy_at_hand_only_the_ranges_that_differ_are_compared_row_by_row(looked, monkeypatch):
    monkeypatch.setattr(row_whereabouts, "MANY", 1)
    damage = "UPDATE events SET what = 'y' WHERE id = 77; DELETE FROM events WHERE id = 300;"
    evidence = looked(COPIED + damage + "UPDATE events SET id = 900 WHERE id = 450")

    report = evidence.of("public.events")

    assert evidence.found("public.events").pair.now.only.count(" OR ") == 3
    assert [(row.kind, dict(row.key_before or row.key_after)) for row in report.rows] == [
        ("changed", {"id": "77"}),
        ("missing", {"id": "300"}),
        ("missing", {"id": "450"}),
        ("extra", {"id": "900"}),
    ]
