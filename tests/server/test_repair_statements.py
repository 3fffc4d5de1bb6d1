"""The way out that a failure prints: run as it stands on a real server, it leads back to what was."""

from pathlib import Path

import psycopg
import pytest

import rollproof
from fixtures.readers import SCOPE, execute, reader
from rollproof.catalog.capture import Scope, capture
from rollproof.commands.repair_script import script
from rollproof.commands.verification import Opening, recorded
from rollproof.model.compare import compare
from rollproof.model.snapshot import Snapshot
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.baseline import save
from rollproof.verdict.repair_statements import statements

VIBES = Path(__file__).parents[2] / "scenarios" / "vibes" / "schema.sql"
NO_REMEDY = {
    "tables",
    "column_order",
    "dependencies",
    "large_object_numbers",
    "foreign_keys",
    "sequence_columns",
    "sequences",
}
# In this order: what another thing stands on first.
ORDER = """columns constraints indexes statistics triggers policies row_security views owners privileges comments
           foreign_key_triggers sequence_positions planner_statistics""".split()  # noqa: SIM905
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


@pytest.fixture
def vibes(database_from):
    """An empty vibes: a connection, the way to its facts, and its URL."""
    url = database_from(VIBES)

    def facts():
        view = reader(url)
        try:
            return capture(view, Scope(("public",), "migration_backup", "public.migration_log"))
        finally:
            view.close()

    with psycopg.connect(url, autocommit=True) as connection:
        yield connection, facts, url


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_statements_lead_back(vibes, damage):
    connection, facts, _ = vibes
    before = facts()
    connection.execute(DAMAGE[damage])
    damaged = facts()
    assert damaged.facets != before.facets

    for facet in ORDER:
        for difference in compare(facet, before.facets[facet], facts().facets[facet]):
            for statement in statements(difference, before.tables):
                connection.execute(statement)

    after = facts()
    left = [
        difference
        for facet in before.facets
        if facet not in NO_REMEDY
        for difference in compare(facet, before.facets[facet], after.facets[facet])
    ]
    assert left == []


def test_the_whole_script_mends_many_things_at_once_and_then_finds_nothing(vibes, tmp_path):
    connection, facts, url = vibes
    baseline = tmp_path / "baseline.json"
    reference = Reference.parse(str(baseline))
    before = facts()
    save(Snapshot(before.origin, {**before.facets, "rows": {}, "content": {}}), baseline)
    for name in DAMAGE.keys() - {"columns"}:  # which takes away what others change
        connection.execute(DAMAGE[name])

    def mending():
        settings = Settings(database_url=url, schemas=("public",))
        opened = Opening(settings, reference, recorded(reference)).verification()
        try:
            return script(opened)
        finally:
            opened.close()

    connection.execute("\n".join(mending()))

    assert mending() == ()


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
MENDED = {"public.b_counts", "public.a_first", "public.kept.kept_x", "public.kept.y", "public.leans.leans_k_fkey"}
NOT_MENDED = {
    "columns public.kept.n", "columns public.kept.twice", "columns public.kept.gone_id", "views public.changed",
    "types public.mood", "indexes public.parts.parts_id", "public.gone is missing", "public.of_gone is missing",
}  # fmt: skip


TOLD_ELSEWHERE = {
    "column_order",
    "dependencies",
    "large_object_numbers",
    "foreign_keys",
    "sequence_columns",
    "planner_statistics",
    "sequence_positions",
}


def compared(url, reference):
    """Return the script that leads back to a reference, and the facts that are not as they were."""
    opened = Opening(Settings(database_url=url), reference, recorded(reference)).verification()
    try:
        return script(opened), {
            (facet, each.identity)
            for facet, facts in opened.before.snapshot.facets.items()
            for each in compare(facet, facts, opened.after.snapshot.facets.get(facet, {}))
        }
    finally:
        opened.close()


def test_what_no_statement_is_certain_to_mend_is_named_and_nothing_else_is_broken(database_from, tmp_path):
    """No statement of a kind that fails or does damage is printed, and no difference goes without a word."""
    (tmp_path / "kinds.sql").write_text(KINDS)
    url, baseline = database_from(tmp_path / "kinds.sql"), tmp_path / "baseline.json"
    reference = Reference.parse(str(baseline))

    with psycopg.connect(url, autocommit=True) as connection:
        with reader(url) as view:
            before = capture(view, SCOPE)
        save(Snapshot(before.origin, {**before.facets, "rows": {}, "content": {}}), baseline)
        connection.execute(LOST)
        lines, wrong = compared(url, reference)
        connection.execute("\n".join(lines))
        _, left = compared(url, reference)

    remarks = [line for line in lines if line.startswith("-- ")]
    assert left < wrong
    assert {name for _, name in left} & MENDED == set()
    assert [name for name in NOT_MENDED if not any(name in line for line in remarks)] == []
    unsaid = {facet for facet, _ in left} - TOLD_ELSEWHERE
    assert {facet for facet in unsaid if not any(facet in line for line in remarks)} == set()


def test_the_statements_run_as_they_stand_where_a_constraint_brings_an_index(database, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    execute(database, "CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL)")
    before = rollproof.capture(database)
    execute(
        database,
        "ALTER TABLE customers ADD CONSTRAINT once UNIQUE (name), DROP CONSTRAINT customers_pkey",
        "CREATE TABLE leftover (id serial PRIMARY KEY, customer int UNIQUE)",
    )

    execute(database, *rollproof.verify(database, before).statements)
    assert rollproof.verify(database, before)
