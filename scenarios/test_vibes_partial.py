"""Some of the tables roll back and others stay: where their keys allow it, and why not where they do not."""

import json

import psycopg
import pytest

# A table that is tied to no other; and one more, so that a part of two tables ties together.
DEVICES = """
CREATE TABLE devices (id varchar(36) PRIMARY KEY, name text UNIQUE, seen_at timestamptz DEFAULT now());
CREATE TABLE "Readings, raw" (
    id varchar(36) PRIMARY KEY, device_id varchar(36) NOT NULL CONSTRAINT fk_readings_device_id REFERENCES devices ON DELETE CASCADE
);
COMMENT ON CONSTRAINT fk_readings_device_id ON "Readings, raw" IS 'They go with their device';
CREATE VIEW overview AS SELECT d.name, u.email FROM devices AS d CROSS JOIN users AS u;
GRANT SELECT ON overview TO PUBLIC;
INSERT INTO devices SELECT upper(md5('device' || n)::uuid::text), 'device ' || n, '2025-01-01 00:00:00+00'
FROM generate_series(1, 9) AS n;
INSERT INTO "Readings, raw" SELECT md5('reading' || n), upper(md5('device' || n)::uuid::text) FROM generate_series(1, 5) AS n
"""
PLAN = 'tables = ["users", "journal_entries", "tags", "reminders", "devices", "Readings, raw"]'
APART = '--tables=devices,"Readings, raw"'
# The procedure's questions of a partial rollback: types of id and user_id.
TYPES = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND column_name IN ('id', 'user_id', 'device_id') AND table_name <> 'migration_log'
ORDER BY table_name, column_name"""
LOG = """
SELECT operation, status, detail FROM migration_log
WHERE step IS NULL AND status = 'completed' AND operation LIKE '%rollback' ORDER BY id"""


@pytest.fixture
def two_parts(world, script, sql, tmp_path):
    """The URL of the procedure's tables and two that nothing ties to them, before the migration; and how to migrate."""
    url = world("procedure")
    sql(url, DEVICES)
    (tmp_path / "plan.toml").write_text(PLAN)
    return url, lambda *options: script(url, "migrate", f"--plan={tmp_path / 'plan.toml'}", *options)


def states(script, url):
    return {table: about["state"] for table, about in script(url, "status").facts["tables"].items()}


def types(sql, url):
    found = {}
    for table, column, kind in sql(url, TYPES):
        found.setdefault(kind, []).append(f"{table}.{column}")
    return found


def test_tables_that_nothing_ties_to_the_rest_go_back_alone_and_the_rest_afterwards(two_parts, script, picture, sql):
    url, migrate = two_parts
    before = picture(url)
    migrated = migrate()
    sql(url, "INSERT INTO devices VALUES (gen_random_uuid(), 'late')")

    part = script(url, "rollback", APART)
    seen = script(url, "status").facts
    valid, again = script(url, "validate_rollback"), script(url, "rollback", APART)
    rest = script(url, "rollback")

    assert [said.code for said in (migrated, part, valid, again, rest)] == [0, 0, 1, 2, 0], part.text + rest.text
    assert part.facts["rolled_back"] == ["devices", "Readings, raw"]
    assert "rolled back in part: devices, Readings, raw; as before: users migrated, journal_entries m" in part.text
    assert "1 rows of devices written since the backup are set aside" in part.text
    assert [about["state"] for about in seen["tables"].values()] == ["migrated"] * 4 + ["original"] * 2
    assert seen["integrity"] == []
    assert "users is migrated" in valid.text
    assert "there is nothing to roll back: devices, Readings, raw is the original already" in again.text
    others = "users migrated, journal_entries migrated, tags migrated, reminders migrated"
    assert sql(url, LOG) == [
        ("partial rollback", "completed", f"only devices, Readings, raw; {others}"),
        ("rollback", "completed", None),
    ]
    assert picture(url) == before


def test_after_a_part_nothing_is_green_for_rollproof(two_parts, script, baseline_of, tmp_path):
    url, migrate = two_parts
    verify = baseline_of(url)
    migrate()
    script(url, "rollback", APART)

    red = verify()
    result = (tmp_path / "rollproof-report" / "result.json").read_text()
    script(url, "rollback")

    assert red.returncode == 1
    failed = {each["check"] for each in json.loads(result)["outcomes"] if each["kind"] == "not restored"}
    assert {"table_states", "migration_log", "columns"} <= failed
    assert "public.users is migrated, and should be original: id is uuid, was character varying(36)" in result
    assert "uuid_keys: rollback was not completed: there is none" in result
    assert verify().returncode == 0


def test_the_rest_can_be_named_too_and_the_migration_can_come_again(two_parts, script, picture, sql):
    url, migrate = two_parts
    before = picture(url)
    migrate()
    after = picture(url)

    part, forward = script(url, "rollback", APART), migrate("--batch-size=2")
    went_on = picture(url)
    part_again = script(url, "rollback", APART)
    rest = script(url, "rollback", "--tables=users,journal_entries,tags,reminders", "--force")

    assert [said.code for said in (part, forward, part_again, rest)] == [0, 0, 0, 0], forward.text + rest.text
    assert went_on == after
    assert picture(url) == before
    assert sql(url, LOG)[-1][:2] == ("rollback", "completed")


REFUSED = {
    "--tables=tags": [
        "tags cannot be rolled back alone",
        "fk_tags_user_id on public.tags ties tags.user_id to users.id: one would be character varying(36), the other uuid",
        "fk_journal_entries_user_id on public.journal_entries ties journal_entries.user_id to users.id",
        "what can: --tables=users,journal_entries,tags,reminders",
    ],
    "--tables=users,journal_entries,tags": [
        "users, journal_entries, tags cannot be rolled back alone",
        "fk_reminders_user_id on public.reminders ties reminders.user_id to users.id",
    ],
    "--tables=devices": ['fk_readings_device_id on public."Readings, raw" ties Readings, raw.device_id to devices.id',
                         'what can: --tables=devices,"Readings, raw"'],
    "--tables=likes": ["--tables names likes, and the tables are: users, journal_entries, tags, reminders, devices"],
}  # fmt: skip


def test_what_keys_do_not_allow_is_refused_with_the_keys_and_with_what_would_work(two_parts, script, picture, sql):
    url, migrate = two_parts
    migrate()
    before, logged = picture(url, backup=True), sql(url, "SELECT count(*) FROM migration_log")

    said = {option: script(url, "rollback", option) for option in REFUSED}
    forced = script(url, "rollback", "--tables=tags", "--force")
    elsewhere, nothing = script(url, "migrate", "--tables=tags"), script(url, "rollback", "--tables=,")

    assert {
        (option, word)
        for option, words in REFUSED.items()
        for word in words
        if word not in said[option].text.replace("\\", "")
    } == set()
    assert [each.code for each in (*said.values(), forced, elsewhere, nothing)] == [2] * 7
    assert "--tables is for --operation=rollback; migrate is about all of them" in elsewhere.text
    assert "names of tables, with commas between them" in nothing.text
    assert (picture(url, backup=True), sql(url, "SELECT count(*) FROM migration_log")) == (before, logged)


@pytest.mark.parametrize("tables", ["procedure", "composite", "bundled"])
def test_after_half_a_migration_what_was_changed_can_go_back_without_the_rest(tables, world, script, picture, sql):
    url = world(tables)
    before = picture(url)
    died = script(url, "migrate", kill_after={"procedure": 85, "composite": 88, "bundled": 110}[tables])
    found = states(script, url)
    changed = [table for table, state in found.items() if state == "migrated"]

    original = next(table for table, state in found.items() if state == "original")
    too_few = script(url, "rollback", f"--tables={original}")
    kinds = types(sql, url)
    part = script(url, "rollback", f"--tables={','.join(changed)}")

    assert (died.code, {*found.values()}) == (-9, {"original", "migrated"}), found
    assert too_few.code == 2
    assert "the migration is half done" in too_few.text
    assert f"what can: --tables={','.join(t for t in found if t in (*changed, original))}" in too_few.text
    assert part.code == 0, part.text
    assert part.facts["rolled_back"] == changed
    assert {f"{table}.id" for table in changed} & {*kinds["character varying"]} == set()
    assert types(sql, url).keys() == {"character varying"}
    assert picture(url) == before
    assert script(url, "validate_rollback").code == 0
    assert sql(url, LOG)[-1][:2] == ("rollback", "completed")


def test_rows_of_an_original_table_that_refer_to_what_goes_are_named(world, script, picture, sql):
    url = world("procedure")
    script(url, "migrate", kill_after=85)  # users is migrated by now, and no foreign key is there
    late = "00000000-0000-0000-0000-00000000000a"
    sql(url, f"INSERT INTO users (id, email, hashed_password) VALUES ('{late}', 'late', 'x')",
        f"INSERT INTO reminders VALUES ('{late}', '{late}')")  # fmt: skip
    changed = [table for table, state in states(script, url).items() if state == "migrated"]
    before = picture(url)

    refused = script(url, "rollback", f"--tables={','.join(changed)}")

    assert "reminders" not in changed
    assert refused.code == 2
    assert "rows of reminders refer by fk_reminders_user_id to rows that the backup does not have" in refused.text
    assert late not in refused.text
    assert picture(url) == before
    assert script(url, "rollback").code == 0


def test_a_view_that_nobody_recorded_stops_a_part_as_it_stops_the_whole(two_parts, script):
    url, migrate = two_parts
    migrate()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE VIEW made_since AS SELECT * FROM devices")

    refused = script(url, "rollback", APART)

    assert refused.code == 2
    assert "view public.made_since depends on table" in refused.text
