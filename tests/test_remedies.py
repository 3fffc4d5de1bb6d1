"""The way out that a failure prints: run as it stands on a real server, it leads back to what was."""

from pathlib import Path

import psycopg
import pytest

from rollproof.capture import Scope, capture
from rollproof.compare import Difference, compare
from rollproof.remedies import SHOWN, statements, way_out
from rollproof.repair import script
from rollproof.session import Limits, Target, View
from rollproof.settings import Settings
from rollproof.snapshot import Snapshot, save
from rollproof.verification import recorded, verification

VIBES = Path(__file__).parent.parent / "scenarios" / "vibes" / "schema.sql"
NO_REMEDY = {"tables", "column_order", "comments", "foreign_keys", "sequence_columns", "sequences"}
# In this order: what another thing stands on first.
ORDER = """columns constraints indexes statistics triggers policies row_security views owners privileges enforcement
           sequence_positions planner_statistics""".split()  # noqa: SIM905
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
        view = View(Target.parse(url), Limits())
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
    before = facts()
    save(Snapshot(before.origin, {**before.facets, "rows": {}, "content": {}}), baseline)
    for name in DAMAGE.keys() - {"columns"}:  # which takes away what others change
        connection.execute(DAMAGE[name])

    def mending():
        settings = Settings(database_url=url, schemas=("public",))
        opened = verification(settings, str(baseline), recorded(str(baseline)))
        try:
            return script(opened)
        finally:
            opened.close()

    connection.execute("\n".join(mending()))

    assert mending() == ()


def test_a_loss_of_the_migration_has_the_same_way_out():
    lost = Difference("nothing_lost", "constraints public.a.b", "CHECK (true)", None)

    assert statements(lost) == ("ALTER TABLE public.a ADD CONSTRAINT b CHECK (true);",)


def test_what_is_not_certain_is_not_offered():
    gone = Difference("columns", "public.a.b", "text", None)
    of_a_view = Difference("columns", "public.v.b", "text", "integer")

    assert statements(gone, ["public.a"]) == statements(of_a_view, ["public.a"]) == ()
    assert way_out([gone, Difference("content", "public.a", "1", "2")], ["public.a"]) == []


def test_many_statements_are_cut():
    many = [
        Difference("planner_statistics", f"public.t{number}", "analysed", "not analysed: a")
        for number in range(SHOWN + 7)
    ]

    assert len(way_out(many)) == SHOWN + 2
    assert way_out(many)[-1] == "  -- and 7 more"


def test_advice_names_the_tables_or_where_else_the_original_may_be():
    assert (
        "public.a, public.b"
        in way_out([Difference("table_states", name, "x", "y") for name in ("public.a", "public.b")])[0]
    )
    assert "pg_restore" in way_out([Difference("backup", "public.a", "x", "y")])[0]
