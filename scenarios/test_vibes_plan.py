"""What the vibes script migrates: it knows that from the catalogue, from a plan file, and, once it has begun, from the backup."""

from pathlib import Path

import pytest

PROCEDURE = Path(__file__).parent / "vibes" / "tables" / "procedure.sql"

WRONG = {  # what a plan file says, and what is said of it
    "tables = [": "is no TOML",
    'tabels = ["users"]': "it may say tables, keep and references, and says tabels",
    'tables = "users"': "tables must be a list of strings",
    "tables = []": "tables is empty, so there would be nothing to migrate",
    'tables = ["users", "users"]': "tables says 'users' twice",
    'tables = ["public.users"]': "tables must be plain names of at most 34 bytes in the schema public: 'public.users'",
    'keep = ["telephone"]': "keep must name columns as table.column, not 'telephone'",
    'keep = ["likes.who"]': "keep names likes.who, and likes is not one of the tables: users, journal_entries, tags, reminders",
    'references = ["tags.user_id"]': "references must be a table of lines such as",
    'references = { "tags.user_id" = 7 }': "references must name columns as table.column, not 7",
    'keep = ["tags.name"]\nreferences = { "tags.name" = "users.id" }': "tags.name cannot be both in keep and in references",
    # From here on only the catalogue shows it.
    'keep = ["tags.nmae"]': "the plan file names tags.nmae, and there is no such column",
    'references = { "tags.name" = "users.id" }': "tags.name is character varying(100), and a key that migrates is",
    'tables = ["users", "tags"]': "which stays, to users.id, which becomes uuid: add journal_entries to tables",
    'keep = ["tags.user_id"]': "ties tags.user_id, which stays, to users.id, which becomes uuid: do not keep it",
    'tables = ["users", "journal_entries", "tags", "reminders", "likes"]': "public.likes does not exist",
}


@pytest.fixture
def plan_file(tmp_path):
    """Call it with the text of a plan file for the option that names it."""

    def write(text):
        (tmp_path / "plan.toml").write_text(text)
        return f"--plan={tmp_path / 'plan.toml'}"

    return write


def test_a_plan_file_that_cannot_be_used_is_refused_with_one_sentence(world, script, picture, plan_file):
    url = world("procedure")
    before = picture(url, backup=True)

    said = {text: script(url, "migrate", plan_file(text)) for text in WRONG}
    missing = script(url, "migrate", "--plan=nowhere.toml")

    assert {
        text: said[text].text for text, words in WRONG.items() if said[text].code != 2 or words not in said[text].text
    } == {}
    assert (missing.code, "the plan file cannot be read" in missing.text) == (2, True)
    assert picture(url, backup=True) == before


# A fifth table, whose name and column must be quoted; two relations that only the application knows; and what looks like one.
FIFTH = """
CREATE TABLE "Likes, all" (
    "user" varchar(36) REFERENCES users, entry varchar(36) REFERENCES journal_entries, "order" serial, PRIMARY KEY ("user", entry)
);
INSERT INTO "Likes, all" SELECT user_id, id FROM journal_entries;
ALTER TABLE tags ADD COLUMN made_by varchar(36), ADD COLUMN seen_by varchar(36), ADD COLUMN barcode varchar(36);
UPDATE tags SET made_by = user_id, seen_by = (SELECT max(id) FROM users), barcode = id WHERE name <> 'tag 3'
"""
PLAN = """
tables = ["users", "journal_entries", "tags", "reminders", "Likes, all"]
keep = ["tags.barcode"]
references = { "tags.made_by" = "users.id", "tags.seen_by" = "users.id" }
"""


UUIDS = """
SELECT table_name || '.' || column_name FROM information_schema.columns
WHERE table_schema = 'public' AND data_type = 'uuid' ORDER BY 1"""
LIKES = 'INSERT INTO "Likes, all" SELECT u.id, e.id FROM users AS u, journal_entries AS e ON CONFLICT DO NOTHING'


def test_what_only_the_application_knows_is_said_in_a_plan_file(world, script, picture, sql, plan_file):
    url = world("procedure")
    sql(url, FIFTH)
    before = picture(url)

    refused = script(url, "migrate"), script(url, "migrate", plan_file(PLAN.replace("keep =", "# ")))
    backup = script(url, "backup", plan_file(PLAN))
    otherwise = script(url, "migrate", plan_file(PLAN.replace("tags.seen_by", "tags.barcode").replace("keep =", "# ")))
    migrated, answers = script(url, "migrate", "--batch-size=5"), script(url, "status")
    uuids = sql(url, UUIDS)
    sql(url, LIKES)
    restored = script(url, "rollback", plan_file(PLAN))

    assert [said.code for said in (*refused, backup, otherwise, migrated, restored)] == [2, 2, 0, 2, 0, 0], (
        migrated.text + restored.text
    )
    told = "\n".join(refused[0].facts["lines"])
    assert 'on table public."Likes, all" ties public."Likes, all".user, which stays, to users.id' in told
    assert "add Likes, all to tables in a plan file" in told
    assert "12 values of tags.barcode are ids of tags" in refused[1].text
    assert "another plan file" in otherwise.text
    assert [name for (name,) in uuids] == sorted(answers.facts["keys"])
    assert len(uuids) == 11
    assert (answers.facts["staying"], answers.facts["integrity"]) == (["tags.barcode"], [])
    assert restored.facts["set_aside"][0].startswith(
        '408 rows of Likes, all written since the backup are set aside in migration_backup."Likes, all_since_'
    )
    assert picture(url) == before
    assert script(url, "validate_rollback").code == 0


def test_after_a_half_migration_and_lost_keys_the_backup_still_knows_what_was_planned(world, script, picture, sql):
    url = world("procedure")
    before = picture(url)
    planned = script(url, "status").facts["keys"]

    died = script(url, "migrate", kill_after=85)
    half = script(url, "status").facts
    script(url, "migrate")
    sql(
        url,
        "ALTER TABLE tags DROP CONSTRAINT fk_tags_user_id, DROP CONSTRAINT tags_pkey",
        "INSERT INTO tags SELECT gen_random_uuid(), gen_random_uuid(), 'x'",
    )
    lost = script(url, "status").facts
    restored = script(url, "rollback")

    assert (died.code, half["half_done"], half["keys"], lost["keys"]) == (-9, True, planned, planned)
    assert {about["state"] for about in half["tables"].values()} == {"original", "migrated"}
    assert "1 rows of tags have a user_id that users does not have" in lost["integrity"]
    assert [line.partition("\n")[0] for line in lost["integrity"][1:]] == [
        "missing constraints: tags_pkey on public.tags",
        "missing foreign keys: fk_tags_user_id on public.tags",
    ]
    assert restored.code == 0, restored.text
    assert picture(url) == before


def test_without_a_backup_the_keys_alone_say_which_schema_it_is(world, script, sql):
    url = world("procedure")
    by_file = f"--schema={PROCEDURE}"
    measured = script(url, "validate_schema", by_file)
    script(url, "migrate")
    sql(url, "DROP SCHEMA migration_backup CASCADE")

    migrated = script(url, "validate_schema"), script(url, "validate_schema", by_file)
    sql(url, "ALTER TABLE tags DROP CONSTRAINT fk_tags_user_id")
    lost = script(url, "validate_schema"), script(url, "validate_schema", by_file)
    sql(url, "DROP TABLE reminders")
    gone = script(url, "validate_schema")

    assert [said.facts["schema"] for said in (measured, *migrated)] == ["original", "migrated", "migrated"]
    assert [said.code for said in (*lost, gone)] == [1, 1, 1]
    assert "15 values of tags.user_id are ids of users, and no foreign key says so" in lost[0].text
    assert "ADD CONSTRAINT fk_tags_user_id" in lost[1].text
    assert "public.reminders does not exist" in gone.text


def test_where_a_table_is_missing_every_operation_says_so(world, script, sql):
    url = world("procedure")
    sql(url, "DROP TABLE tags")

    said = {
        o: script(url, o) for o in ("status", "backup", "migrate", "rollback", "validate_rollback", "validate_schema")
    }

    assert {o: s.code for o, s in said.items()} == {
        "status": 0,
        "backup": 2,
        "migrate": 2,
        "rollback": 2,
        "validate_rollback": 2,
        "validate_schema": 1,
    }
    assert said["status"].facts["tables"]["tags"]["state"] == "missing"
    assert [
        o
        for o in ("status", "backup", "migrate", "validate_schema")
        if "public.tags does not exist" not in said[o].text
    ] == []
