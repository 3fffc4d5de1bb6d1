"""What rows refuse is left out of a script, or made NOT VALID, and it says which rows are in the way; no statement is refused."""

import psycopg
import pytest

from rollproof.commands.repair_request import RepairRequest
from rollproof.commands.repair_script import RepairScript
from rollproof.commands.verification import Opening
from rollproof.model.compare import compare
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.recorded import Recorded
from rollproof.verdict.row_evidence import RowEvidence, Wanted

GROUND = """
CREATE TABLE people (id text PRIMARY KEY, email text NOT NULL, age integer CHECK (age > 0), CONSTRAINT one UNIQUE (email));
CREATE TABLE notes (number integer PRIMARY KEY, whose varchar(3) CONSTRAINT known REFERENCES people (id), text text NOT NULL);
CREATE UNIQUE INDEX texts ON notes (text);
INSERT INTO people SELECT 'p' || n, 'mail ' || n, n FROM generate_series(1, 9) AS n;
INSERT INTO notes SELECT n, 'p' || n, 'note ' || n FROM generate_series(1, 9) AS n;
"""
COPIED = """
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.people_backup AS TABLE people;
CREATE TABLE migration_backup.notes_backup AS TABLE notes;
"""
DROPPED = {
    "NOT NULL": "ALTER TABLE people ALTER email DROP NOT NULL;",
    "CHECK": "ALTER TABLE people DROP CONSTRAINT people_age_check;",
    "UNIQUE": "ALTER TABLE people DROP CONSTRAINT one;",
    "PRIMARY KEY": "ALTER TABLE people DROP CONSTRAINT people_pkey CASCADE;",
    "FOREIGN KEY": "ALTER TABLE notes DROP CONSTRAINT known;",
    "UNIQUE INDEX": "DROP INDEX texts;",
    "TYPE": "ALTER TABLE notes ALTER number TYPE text;",
    "LENGTH": "ALTER TABLE notes ALTER whose TYPE text;",
    "VALIDATED": """
        ALTER TABLE people DROP CONSTRAINT people_age_check;
        ALTER TABLE people ADD CONSTRAINT people_age_check CHECK (age > 0) NOT VALID;""",
}
# What is written since, and what is said of it.
REFUSED = {
    "NOT NULL": ("INSERT INTO people VALUES ('new', NULL)", "1 row of public.people is in the way: id = new"),
    "CHECK": ("INSERT INTO people VALUES ('new', 'n', -1)", "1 row of public.people is in the way: id = new: it is made NOT VALID"),
    "UNIQUE": ("INSERT INTO people VALUES ('new', 'mail 3')", "2 rows of public.people are in the way: id = "),
    "PRIMARY KEY": ("INSERT INTO people VALUES ('p3', 'other')", "2 rows of public.people are in the way: id = p3"),
    "FOREIGN KEY": ("INSERT INTO notes VALUES (10, 'who', 't')", "1 row of public.notes is in the way: whose = who"),
    "UNIQUE INDEX": ("INSERT INTO notes VALUES (10, 'p1', 'note 4')", "2 rows of public.notes are in the way: "),
    "TYPE": ("INSERT INTO notes VALUES ('ten', 'p1', 't')", "not all values of public.notes.number can be integer"),
    "LENGTH": ("INSERT INTO people VALUES ('long', 'n'); INSERT INTO notes VALUES (10, 'long', 't')",
        "not all values of public.notes.whose can be character varying(3)"),
    "VALIDATED": ("""
        ALTER TABLE people DROP CONSTRAINT people_age_check; INSERT INTO people VALUES ('new', 'n', -1);
        ALTER TABLE people ADD CONSTRAINT people_age_check CHECK (age > 0) NOT VALID""",
        "1 row of public.people is in the way: id = new"),
}  # fmt: skip
# Damage that the copies undo, so that nothing is in the way any more.
HEALED = {
    "NOT NULL": "UPDATE people SET email = NULL WHERE id = 'p3'",
    "CHECK": "UPDATE people SET age = -1 WHERE id = 'p3'",
    "UNIQUE": "UPDATE people SET email = 'mail 4' WHERE id = 'p3'",
    "FOREIGN KEY": "UPDATE notes SET whose = 'who' WHERE number = 4; DELETE FROM people WHERE id = 'p7'",
    "UNIQUE INDEX": "UPDATE notes SET text = 'note 4' WHERE number = 5",
}


def play(url, text):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text)


def ground(url):
    play(url, GROUND)


@pytest.fixture
def repaired(database_from):
    """Call it with damage for the script, after it was run; and for the differences that were there before, and are left."""
    opened = []

    def of(url, reference=None, baseline=None):
        named = None if reference is None else Reference.parse(reference)
        opened.append(Opening(Settings(database_url=url), named, baseline).verification())
        return opened[-1]

    def repair(*damage):
        url = database_from(ground)
        before = Recorded(of(url).after.complete(), "baseline.json")
        for each in damage:
            play(url, each)
        sides = of(url, "baseline.json", before)
        evidence = RowEvidence(sides.before, sides.after, sides.copies, Wanted(rows=0))
        text = "\n".join(RepairScript(sides, RepairRequest(), evidence).lines())
        play(url, text)
        return text, *({*differences(before, each)} for each in (sides.after, of(url).after))

    yield repair
    for sides in opened:
        sides.close()


def differences(before, after):
    for facet in ("columns", "constraints", "indexes", "foreign_key_triggers"):
        was, now = (side.snapshot.facets[facet] for side in (before, after))
        yield from ((each.facet, each.identity) for each in compare(facet, was, now))


@pytest.mark.parametrize("copied", ["", COPIED], ids=["no copies", "copies"])
@pytest.mark.parametrize("kind", REFUSED)
def test_rows_in_the_way_are_named_and_the_script_is_not_refused(repaired, kind, copied):
    damage, said = REFUSED[kind]

    text, found, left = repaired(copied, DROPPED[kind], damage)

    assert "-- not mended: " in text
    assert said in text
    assert left <= found


@pytest.mark.parametrize("kind", DROPPED)
def test_without_such_rows_all_comes_back(repaired, kind):
    text, found, left = repaired(DROPPED[kind])

    assert found
    assert not left
    assert not [line for line in text.splitlines() if "not mended" in line and " content " not in line]


@pytest.mark.parametrize("kind", HEALED)
def test_rows_that_come_back_are_in_no_ones_way(repaired, kind):
    """They are looked at as they will be, not as they are."""
    text, found, left = repaired(COPIED, DROPPED[kind], HEALED[kind])

    assert found
    assert not left
    assert "not mended" not in text


def test_a_foreign_key_to_a_table_that_is_made_anew_and_has_no_rows_is_not_refused(repaired):
    text, found, left = repaired("DROP TABLE people CASCADE")

    assert "9 rows of public.notes are in the way" in text
    assert left <= found
