"""Rows are put back from the migration's copies, whatever is in the way; what was written since stays, nothing is done twice."""

import re

import psycopg
import pytest

from rollproof.commands.repair_script import script
from rollproof.sources.source import CONTENT
from rollproof.verdict.row_evidence import RowEvidence, Wanted

GROUND = """
CREATE TABLE people (id varchar(36) PRIMARY KEY, email text UNIQUE, credit numeric, loud text
    GENERATED ALWAYS AS (upper(email)) STORED);
CREATE TABLE notes (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "Of Whom" varchar(36) REFERENCES people (id),
    answers integer REFERENCES notes (number),
    said jsonb
);
CREATE TABLE visits (who varchar(36), at date, weight float8);
CREATE TABLE parts (a integer, b bytea, c text, PRIMARY KEY (a, b));
INSERT INTO people SELECT 'ID-' || n || '-x', 'p' || n, n / 4.0 FROM generate_series(1, 40) AS n;
INSERT INTO notes ("Of Whom", answers, said)
SELECT 'ID-' || n % 40 + 1 || '-x', nullif(n - 1, 0), jsonb_build_object('n', n / 2.0) FROM generate_series(1, 80) AS n;
INSERT INTO visits
SELECT 'ID-' || n % 9 || '-x', '2026-01-01'::date + n % 5, CASE n % 4 WHEN 0 THEN '-0'::float8 WHEN 1 THEN 'NaN' END
FROM generate_series(1, 60) AS n;
INSERT INTO parts SELECT n % 5, int4send(n), 'c' || n FROM generate_series(1, 30) AS n;
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.people_backup AS TABLE people;
CREATE TABLE migration_backup.notes_backup AS TABLE notes;
CREATE TABLE migration_backup.visits_backup AS TABLE visits;
CREATE TABLE migration_backup.parts_backup AS TABLE parts;
"""
LOUD = """
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'fired'; END$$;
CREATE TRIGGER usual BEFORE INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION shout();
CREATE TRIGGER statement AFTER INSERT OR UPDATE OR DELETE ON notes EXECUTE FUNCTION shout();
CREATE TRIGGER always BEFORE INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION shout();
CREATE TRIGGER silent BEFORE INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION shout();
ALTER TABLE notes ENABLE ALWAYS TRIGGER always, DISABLE TRIGGER silent;
CREATE RULE nowhere AS ON UPDATE TO people DO INSTEAD NOTHING;
"""
QUIET = "ALTER TABLE people DISABLE TRIGGER USER, DISABLE RULE nowhere; ALTER TABLE notes DISABLE TRIGGER USER;"
AS_BEFORE = (
    "ALTER TABLE people ENABLE TRIGGER USER, ENABLE RULE nowhere;"
    " ALTER TABLE notes ENABLE TRIGGER statement, ENABLE ALWAYS TRIGGER always;"
)
DAMAGE = {
    "rows of a parent and of its children are lost": """
        UPDATE notes SET answers = NULL WHERE number % 40 = 7;
        DELETE FROM notes WHERE number > 70 OR number % 40 = 6; DELETE FROM people WHERE id = 'ID-7-x'""",
    "a row is changed": "UPDATE people SET email = 'other', credit = 1.50 WHERE id = 'ID-4-x'",
    "equal, but not the same": "UPDATE people SET credit = trim_scale(credit); UPDATE visits SET weight = 0 WHERE weight = 0",
    "a child answers a row that was lost": """
        ALTER TABLE notes DROP CONSTRAINT notes_answers_fkey;
        DELETE FROM notes WHERE number = 20; UPDATE notes SET answers = NULL WHERE number = 21;
        ALTER TABLE notes ADD CONSTRAINT notes_answers_fkey FOREIGN KEY (answers) REFERENCES notes (number)""",
    "of rows without a key, some of many alike": """
        DELETE FROM visits WHERE ctid = ANY (ARRAY(SELECT min(ctid) FROM visits GROUP BY who, at));
        INSERT INTO visits SELECT * FROM visits LIMIT 3""",
    "a key of two columns": "DELETE FROM parts WHERE a = 3; UPDATE parts SET c = c || '!' WHERE a = 1",
    "keys spelled otherwise": """
        ALTER TABLE notes DROP CONSTRAINT "notes_Of Whom_fkey";
        UPDATE people SET id = replace(lower(id), '-', ''); UPDATE notes SET "Of Whom" = replace(lower("Of Whom"), '-', '');
        ALTER TABLE notes ADD CONSTRAINT "notes_Of Whom_fkey" FOREIGN KEY ("Of Whom") REFERENCES people (id)""",
    "keys spelled otherwise, and one of these rows changed": """
        ALTER TABLE notes DROP CONSTRAINT "notes_Of Whom_fkey";
        UPDATE people SET id = lower(id), credit = CASE id WHEN 'ID-3-x' THEN 9 ELSE credit END;
        UPDATE notes SET "Of Whom" = lower("Of Whom");
        ALTER TABLE notes ADD CONSTRAINT "notes_Of Whom_fkey" FOREIGN KEY ("Of Whom") REFERENCES people (id)""",
    "keys spelled otherwise, and rows lost": """
        ALTER TABLE notes DROP CONSTRAINT "notes_Of Whom_fkey", DROP CONSTRAINT notes_answers_fkey;
        DELETE FROM notes WHERE "Of Whom" = 'ID-3-x'; UPDATE notes SET answers = NULL, "Of Whom" = lower("Of Whom");
        UPDATE people SET id = lower(id); DELETE FROM people WHERE id = 'id-3-x';
        ALTER TABLE notes ADD CONSTRAINT "notes_Of Whom_fkey" FOREIGN KEY ("Of Whom") REFERENCES people (id),
            ADD CONSTRAINT notes_answers_fkey FOREIGN KEY (answers) REFERENCES notes (number)""",
}  # fmt: skip
ADDED = re.compile(r"^-- \d[^\n]*not there before[^\n]*?: ((?:SET LOCAL|DELETE|ALTER) [^\n]*)$", re.MULTILINE)


def play(url, text):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text)


def ground(url):
    play(url, GROUND)


def loud_ground(url):
    play(url, GROUND + LOUD)


def same(one, other, *facets):
    return [facet for facet in facets if one.snapshot.facets[facet] != other.snapshot.facets[facet]]


@pytest.mark.parametrize("damage", DAMAGE)
def test_rows_are_put_back_and_the_second_time_nothing_is_done(database_from, repaired, all_of, damage):
    """Triggers, rules and foreign keys are in the way, and are as they were afterwards."""
    url = database_from(loud_ground)
    before = all_of(url)
    play(url, f"{QUIET} {DAMAGE[damage]}; {AS_BEFORE}")
    assert same(before, all_of(url), *CONTENT)

    text = repaired(url, "baseline.json", before)
    play(url, f"{text} BEGIN; {' '.join(ADDED.findall(text))} COMMIT;")
    after = all_of(url)

    assert not same(before, after, *CONTENT, "triggers", "rules", "constraints", "foreign_key_triggers")
    play(url, text)
    assert not same(after, all_of(url), *CONTENT)


def test_rows_written_since_stay_and_are_named(database_from, repaired, all_of):
    """They refer to a key that is spelled otherwise by now, and follow it."""
    url = database_from(ground)
    before = all_of(url)
    play(
        url,
        f"{DAMAGE['keys spelled otherwise']}; INSERT INTO notes (\"Of Whom\") VALUES ('id7x'); INSERT INTO people VALUES ('n')",
    )
    text = repaired(url, "baseline.json", before)
    play(url, text)

    with psycopg.connect(url) as connection:
        assert connection.execute('SELECT "Of Whom" FROM notes WHERE number > 80').fetchall() == [("ID-7-x",)]
    assert "1 row of public.people that was not there before: id = n" in text
    assert "1 row of public.notes that was not there before: number = 81" in text
    play(url, "\n".join(ADDED.findall(text)))
    assert not same(before, all_of(url), *CONTENT)


TAKEN = """
DELETE FROM notes WHERE "Of Whom" = 'ID-9-x'; DELETE FROM people WHERE id = 'ID-9-x'; INSERT INTO people VALUES ('n', 'p9')
"""


def test_what_others_have_by_now_is_not_overwritten(database_from, repaired, all_of):
    """A lost row cannot come back if another one has its unique value; that is said, and the others come back."""
    url = database_from(ground)
    before = all_of(url)
    play(url, f'ALTER TABLE notes DROP CONSTRAINT notes_answers_fkey, DROP CONSTRAINT "notes_Of Whom_fkey"; {TAKEN}')
    play(url, "UPDATE people SET credit = 5 WHERE id = 'ID-8-x'")
    text = repaired(url, "baseline.json", before)

    play(url, text)

    assert "1 row cannot come back, for others have their email by now: id = ID-9-x" in text
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT id, email, credit::int FROM people WHERE id IN ('n', 'ID-8-x', 'ID-9-x')"
        ).fetchall()
    assert sorted(rows) == [("ID-8-x", "p8", 2), ("n", "p9", None)]


def test_who_writes_meanwhile_waits(database_from, repaired, all_of):
    url = database_from(ground)
    before = all_of(url)
    play(url, DAMAGE["a row is changed"])
    text = repaired(url, "baseline.json", before)
    uncommitted = text.rpartition("COMMIT;")[0]

    with psycopg.connect(url) as repairing, psycopg.connect(url) as other:
        repairing.execute(uncommitted)
        other.execute("SET lock_timeout = '100ms'")
        assert other.execute("SELECT count(*) FROM people").fetchone() == (40,)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("UPDATE people SET credit = 9 WHERE id = 'ID-4-x'")
        repairing.rollback()


def test_a_table_that_may_grow_keeps_what_was_added(database_from, opened, all_of):
    url = database_from(ground)
    before = all_of(url)
    play(url, "DELETE FROM parts WHERE a = 3; INSERT INTO parts VALUES (9, 'x', 'new')")
    sides = opened(url, "baseline.json", before)
    wanted = Wanted(rows=0, growing=frozenset(["public.parts"]))

    text = "\n".join(script(sides, evidence=RowEvidence(sides.before, sides.after, sides.copies, wanted)))

    assert "INSERT INTO public.parts" in text
    assert "DELETE" not in text


def test_rows_are_not_cast_to_what_users_made(database_from, repaired, all_of):
    """To ask whether they can be would run the checks of a domain, as whoever repairs."""
    url = database_from(
        lambda url: play(
            url, f"{GROUND} CREATE DOMAIN grown AS text CHECK (length(VALUE) > 1); ALTER TABLE parts ALTER c TYPE grown"
        )
    )
    before = all_of(url)
    play(url, "DELETE FROM parts WHERE a = 3")

    text = repaired(url, "baseline.json", before)

    assert "to cast its column c to public.grown would run what users made" in text
    assert "INSERT INTO public.parts" not in text
