"""A damaged migration, put back by the printed script: run by psql as it stands, it leads back to what was."""

import os
import shutil
from pathlib import Path

import pytest

from fixtures.readers import execute
from fixtures.repairs import Subject
from rollproof.sources.recorded import Recorded

VIBES = Path(__file__).parents[2] / "scenarios" / "vibes" / "schema.sql"
DAMAGE = {
    "columns": """
        DROP TRIGGER journal_entries_touch ON journal_entries;
        DROP POLICY own_entries ON journal_entries; DROP VIEW user_activity, entry_overview;
        ALTER TABLE journal_entries ALTER title TYPE varchar(80), ALTER title DROP DEFAULT, ALTER title DROP NOT NULL;
        ALTER TABLE reminders ALTER message SET DEFAULT 'x', ALTER message SET NOT NULL""",
    "constraints": """
        ALTER TABLE tags DROP CONSTRAINT tags_entry_id_fkey, DROP CONSTRAINT tags_colour_is_hex, DROP CONSTRAINT tags_pkey;
        ALTER TABLE users ADD CONSTRAINT extra CHECK (bio <> ''); ALTER TABLE reminders DROP CONSTRAINT reminders_one_per_moment;
        ALTER TABLE reminders DROP CONSTRAINT reminders_entry_fkey;
        ALTER TABLE journal_entries DROP CONSTRAINT journal_entries_number_key""",
    "indexes": """
        DROP INDEX users_email_key, journal_entries_newest_idx, users_preferences_idx, journal_entries_labels_idx;
        CREATE INDEX extra ON tags (colour); DROP INDEX tags_name_idx; CREATE INDEX tags_name_idx ON tags (name)""",
    "triggers": """
        DROP TRIGGER users_touch ON users; DROP TRIGGER journal_entries_touch ON journal_entries;
        ALTER TABLE reminders ENABLE TRIGGER reminders_touch""",
    "owners, grants and the like": """
        ALTER TABLE tags OWNER TO CURRENT_USER; ALTER VIEW entry_overview OWNER TO CURRENT_USER;
        REVOKE ALL ON tags FROM vibes_app; GRANT SELECT ON users TO PUBLIC; REVOKE ALL ON user_activity FROM vibes_reporting;
        DROP STATISTICS journal_entries_mood_rating; ALTER TABLE tags DISABLE TRIGGER ALL;
        DROP POLICY own_entries ON journal_entries;
        ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        SELECT setval('journal_entry_number', 100, false); SELECT setval('reminders_number_seq', 99)""",
}
KINDS = """
    CREATE TABLE gone (id serial PRIMARY KEY, x text); CREATE INDEX gone_x ON gone (x); COMMENT ON TABLE gone IS 'x';
    CREATE TABLE kept (id serial PRIMARY KEY, gone_id integer REFERENCES gone, x text, y text DEFAULT 'NO STORAGE PLAIN',
        n bigint GENERATED ALWAYS AS IDENTITY, twice integer GENERATED ALWAYS AS (id * 2) STORED);
    CREATE INDEX kept_x ON kept (x) WHERE x <> ' TABLESPACE a'; COMMENT ON INDEX kept_x IS 'by x';
    CREATE VIEW of_gone AS SELECT x FROM gone; CREATE VIEW of_that AS SELECT x FROM of_gone;
    CREATE VIEW changed AS SELECT id FROM kept; CREATE VIEW on_it AS SELECT id FROM changed; COMMENT ON VIEW changed IS 'x';
    CREATE MATERIALIZED VIEW b_counts AS SELECT count(*) AS n FROM kept; CREATE INDEX b_counts_n ON b_counts (n);
    CREATE VIEW a_first AS SELECT n FROM b_counts;
    CREATE PROCEDURE tidy(integer) LANGUAGE sql AS ''; CREATE TYPE mood AS ENUM ('good');
    CREATE TABLE parts (id integer) PARTITION BY LIST (id); CREATE TABLE part PARTITION OF parts FOR VALUES IN (1);
    CREATE INDEX parts_id ON ONLY parts (id); CREATE INDEX part_id ON part (id); ALTER INDEX parts_id ATTACH PARTITION part_id;
    CREATE FUNCTION off() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER off BEFORE INSERT ON kept FOR EACH ROW EXECUTE FUNCTION off(); ALTER TABLE kept DISABLE TRIGGER off;
    CREATE TABLE leans (k integer REFERENCES kept (id))
"""
LOST = """
    DROP VIEW of_that, of_gone; ALTER TABLE kept DROP COLUMN gone_id; DROP TABLE gone;
    ALTER TABLE kept ALTER y SET DEFAULT 'other', ALTER n DROP IDENTITY, ALTER twice DROP EXPRESSION;
    DROP INDEX kept_x; CREATE INDEX kept_x ON kept (x);
    CREATE OR REPLACE VIEW changed AS SELECT id + 0 AS id FROM kept; DROP VIEW a_first; DROP MATERIALIZED VIEW b_counts;
    REVOKE ALL ON PROCEDURE tidy(integer) FROM PUBLIC; ALTER TYPE mood ADD VALUE 'bad';
    DROP INDEX parts_id; CREATE INDEX parts_id ON ONLY parts (id); ALTER TABLE leans DISABLE TRIGGER ALL
"""


pytestmark = pytest.mark.skipif(shutil.which("psql") is None, reason="no psql is at hand")


def repaired(url, *damage):
    subject = Subject(url)
    before, rows = Recorded(subject.complete(), "baseline.json"), subject.rows()
    execute(url, *damage)
    return subject.repaired(before, rows)


TOGETHER = [[*DAMAGE][:1], [*DAMAGE][1:]]
ALONE = [[name] for name in DAMAGE][1:] if os.environ.get("ROLLPROOF_REPAIRS") == "all" else []


@pytest.mark.parametrize("damage", TOGETHER + ALONE, ids=" and ".join)
def test_a_damaged_migration_is_put_back(damage, database_from):
    """The first alone, which takes away what the others change, and those at once; ROLLPROOF_REPAIRS=all tries each alone, too."""
    outcome = repaired(database_from(VIBES), *(DAMAGE[name] for name in damage))

    assert outcome.word == "healed", f"{outcome}\n{outcome.script}"


def test_things_of_many_kinds_that_stand_on_each_other_are_put_back(database):
    """Or named, and nothing else is broken: a column that came back as the last one, say."""
    execute(database, KINDS)

    outcome = repaired(database, LOST)

    assert outcome.word == "healed", f"{outcome}\n{outcome.script}"
