"""The vibes script on other tables than the bundled ones: the procedure's own, and keys of several columns.

What is migrated is in no list: the script finds it in the catalogue. The witnesses are pg_dump and rollproof.
"""

import re

import pytest

KEYS = {
    "procedure": [
        "users.id",
        *("journal_entries.id", "journal_entries.user_id"),
        *("tags.id", "tags.user_id"),
        *("reminders.id", "reminders.user_id"),
    ],
    "composite": [
        *("users.id", "users.invited_by"),
        *("journal_entries.user_id", "journal_entries.id", "journal_entries.Goes On From"),
        *("tags.id", "tags.user_id", "tags.entry_id", "tags.under"),
        *("reminders.entry_id", "reminders.user_id"),
    ],
}
STAYING = {"procedure": [], "composite": ["journal_entries.title", "users.telephone"]}
# The procedure's own questions: types of keys, rows, orphans.
TYPES = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name IN ('users', 'journal_entries', 'tags', 'reminders')
    AND column_name IN ('id', 'user_id')
ORDER BY table_name, column_name"""
COUNTS = """
SELECT 'users', COUNT(*) FROM users UNION ALL SELECT 'journal_entries', COUNT(*) FROM journal_entries
UNION ALL SELECT 'tags', COUNT(*) FROM tags UNION ALL SELECT 'reminders', COUNT(*) FROM reminders"""
COPIED = re.sub(r"FROM (\w+)", r"FROM migration_backup.\1_backup", COUNTS)
ORPHANS = " UNION ALL ".join(
    f"SELECT '{table}', COUNT(*) FROM {table} c LEFT JOIN users u ON c.user_id = u.id WHERE c.user_id IS NOT NULL AND u.id IS NULL"
    for table in ("journal_entries", "tags", "reminders")
)
OURS = "IN ('users', 'journal_entries', 'tags', 'reminders')"
CONSTRAINTS = f"""
SELECT table_name, constraint_name, constraint_type FROM information_schema.table_constraints
WHERE table_schema = 'public' AND table_name {OURS} AND constraint_type <> 'CHECK' ORDER BY 1, 2"""
INDEXES = f"SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename {OURS} ORDER BY 1, 2"
NONE = [("journal_entries", 0), ("tags", 0), ("reminders", 0)]


@pytest.mark.parametrize("tables", ["procedure", "composite"])
def test_every_operation_works_on_other_tables_and_rollproof_sees_no_difference(
    tables, world, script, picture, baseline_of
):
    url = world(tables)
    before = picture(url)
    verify = baseline_of(url)

    at_first, by_keys = script(url, "status"), script(url, "validate_schema")
    codes = [script(url, *operation).code for operation in (["backup"], ["migrate", "--batch-size=7"])]
    between, schema, too_early = (script(url, o) for o in ("status", "validate_schema", "validate_rollback"))
    codes += [script(url, operation).code for operation in ("rollback", "validate_rollback")]

    assert codes == [0, 0, 0, 0]
    assert at_first.facts["keys"] == between.facts["keys"] == KEYS[tables]
    assert at_first.facts["staying"] == between.facts["staying"] == STAYING[tables]
    assert [states(said) for said in (at_first, between)] == [{"original"}, {"migrated"}]
    assert at_first.facts["integrity"] == between.facts["integrity"] == []
    assert by_keys.facts["schema"] == "original"
    assert "nothing else could be compared" in by_keys.text
    assert (schema.facts["schema"], too_early.code) == ("migrated", 1)
    assert picture(url) == before
    assert script(url, "validate_schema").facts["schema"] == "original"
    verified = verify()
    assert verified.returncode == 0, verified.output


def states(said):
    return {about["state"] for about in said.facts["tables"].values()}


@pytest.mark.parametrize("tables", ["bundled", "procedure"])
def test_the_procedures_own_questions_are_answered_in_every_state(tables, world, script, sql):
    url = world(tables)
    rows, ties = sql(url, COUNTS), sql(url, CONSTRAINTS) + sql(url, INDEXES)

    asked = {"original": sql(url, TYPES), "orphans": sql(url, ORPHANS)}
    script(url, "migrate")
    asked |= {"migrated": sql(url, TYPES), "orphans then": sql(url, ORPHANS)}
    counted = sql(url, COUNTS), sql(url, COPIED)
    forced, valid = script(url, "rollback", "--force"), script(url, "validate_rollback")

    keys = [(table, column) for table in ("journal_entries", "reminders", "tags") for column in ("id", "user_id")] + [
        ("users", "id")
    ]
    assert asked["original"] == sql(url, TYPES) == [(*key, "character varying") for key in keys]
    assert asked["migrated"] == [(*key, "uuid") for key in keys]
    assert asked["orphans"] == asked["orphans then"] == sql(url, ORPHANS) == NONE
    assert counted == (rows, rows)
    assert sql(url, COUNTS) == rows
    assert sql(url, CONSTRAINTS) + sql(url, INDEXES) == ties
    assert (forced.code, valid.code) == (0, 0), forced.text + valid.text
