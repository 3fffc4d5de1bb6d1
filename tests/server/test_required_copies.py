"""Whose copies are demanded: of what the migration changes and of what was named; of the rest there is a note."""

import psycopg
import pytest

from fixtures.readers import SCOPE, reader
from rollproof.backup.copies import Copies
from rollproof.migration.required_copies import required_copies
from rollproof.migration.table_states import types_on_both
from rollproof.settings.options import Settings
from rollproof.settings.sections import Backup, Migration, TypeChange
from rollproof.sources.live import Live
from rollproof.sources.recorded import Recorded

GROUND = """
CREATE TABLE plain (id integer PRIMARY KEY, code varchar(9)); CREATE TABLE other (id integer, code varchar(9));
CREATE MATERIALIZED VIEW seen AS TABLE plain; CREATE VIEW looked AS TABLE plain;
CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE far (id integer) SERVER nowhere;
CREATE TABLE parted (id integer, note text) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (9) PARTITION BY RANGE (id);
CREATE TABLE parted_1a PARTITION OF parted_1 FOR VALUES FROM (0) TO (9);
CREATE TABLE parted_2 (note text, id integer); ALTER TABLE parted ATTACH PARTITION parted_2 FOR VALUES FROM (9) TO (99);
CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.stray_backup (id integer);
CREATE TABLE less (id integer, code text); CREATE TABLE gone (id integer); CREATE TABLE stricter (id integer);
INSERT INTO parted SELECT n, 'n' || n FROM generate_series(0, 20) AS n;
"""
BACKUP = "CREATE TABLE migration_backup.{0}_backup AS TABLE {0};"
LEAVES = ["parted_1a", "parted_2"]
CODES = TypeChange("character varying(9)", "text")


@pytest.fixture
def ground(database_from):
    """Call it with SQL: the side before that, the side after it, and the copies."""
    views = []

    def fill(url):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(GROUND)

    def make(change):
        url = database_from(fill)
        views.append(reader(url))
        before = Recorded(Live(views[-1], SCOPE, "before").complete(), "the baseline")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(change)
        views.append(reader(url))
        copies = Copies(views[-1], Backup())
        copies.adopt(before.tables)
        return before, Live(views[-1], SCOPE, "after"), copies

    yield make
    for view in views:
        view.close()


def asked(sides, backup=None, **migration):
    before, after, copies = sides
    settings = Settings(backup=backup, migration=Migration(**migration))
    return required_copies(before, types_on_both(before, after, copies), copies, settings)


def named(tables):
    return [table.removeprefix("public.") for table in tables]


def test_copies_are_demanded_of_what_changes_and_of_what_was_named(ground):
    sides = ground(BACKUP.format("plain") + "ALTER TABLE other ADD more integer; CREATE TABLE new (id integer)")

    assert named(asked(sides).asked) == ["plain"]
    assert named(asked(sides).spared) == ["gone", "less", "other", *LEAVES, "stricter"]
    assert "6 tables without a copy" in asked(sides).note("migration_backup")
    assert named(asked(sides, tables=("public.other",)).asked) == ["other", "plain"]
    assert named(asked(sides, columns=("public.other.code",)).asked) == ["other", "plain"]
    assert named(asked(sides, types=CODES).asked) == ["other", "plain"]
    assert named(asked(sides, tables=("public.parted",)).asked) == [*LEAVES, "plain"]
    assert named(asked(sides, Backup(tables=("public.other",))).asked) == ["other"]


def test_what_differs_is_migrated(ground):
    changes = "ALTER TABLE other ALTER code TYPE text; ALTER TABLE less DROP code; DROP TABLE gone;"
    changes += "ALTER TABLE stricter ALTER id SET NOT NULL;"
    no_rows = "DROP MATERIALIZED VIEW seen; DROP FOREIGN TABLE far; ALTER TABLE parted ALTER note TYPE varchar;"
    sides = ground(changes + no_rows + BACKUP.format("plain"))

    assert named(asked(sides).asked) == ["gone", "less", "other", *LEAVES, "plain"]


def test_a_promised_backup_without_any_copy_is_asked_of_every_table(ground):
    found = asked(ground("SELECT 1"), Backup())

    assert named(found.asked) == ["gone", "less", "other", *LEAVES, "plain", "stricter"]
    assert found.note("migration_backup") is None


def test_one_copy_of_all_partitions_is_held_against_all_of_them(ground):
    sides = before, after, copies = ground(BACKUP.format("parted") + "ALTER TABLE parted ALTER note TYPE varchar")
    assert named(asked(sides).asked) == ["parted"]
    assert [*copies.copy_of("public.parted").other_rows(before)] == []

    damage = "UPDATE migration_backup.parted_backup SET note = 'x' WHERE id = 13"
    before, after, copies = ground(BACKUP.format("parted") + damage)
    for side in (before, after):
        (found,) = copies.copy_of("public.parted").other_rows(side)
        assert "as many, but other ones" in found.sentence
