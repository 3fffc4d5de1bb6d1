"""The procedures of the vibes script, each told to its end. The witness is pg_dump: its text before and after."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

VIBES = Path(__file__).parent / "vibes"


def test_a_full_rollback_restores_everything(vibes, script, picture, sql):
    before = picture(vibes)

    migrated = script(vibes, "migrate", "--batch-size=7")
    types = key_types(sql, vibes)
    between = script(vibes, "validate_schema"), script(vibes, "validate_rollback")
    restored = script(vibes, "rollback")

    assert (migrated.code, types, restored.code) == (0, {"uuid"}, 0), migrated.text + restored.text
    assert (between[0].facts["schema"], between[1].code) == ("migrated", 1)
    assert "users is migrated" in between[1].text
    assert picture(vibes) == before
    assert script(vibes, "validate_rollback").code == 0
    assert script(vibes, "validate_schema").facts["schema"] == "original"


def key_types(sql, url):
    tables = "'{users, journal_entries, tags, reminders}'::regclass[]"
    rows = sql(
        url, f"SELECT atttypid::regtype::text FROM pg_attribute WHERE attname = 'id' AND attrelid = ANY ({tables})"
    )
    return {kind for (kind,) in rows}


def test_in_an_emergency_nothing_is_validated_and_everything_is_restored(vibes, script, picture, sql):
    before = picture(vibes)
    script(vibes, "migrate")
    sql(vibes, "UPDATE migration_backup.contents SET hashes = 0, rows = 1 WHERE table_name = 'tags'")

    refused = script(vibes, "rollback")
    with psycopg.connect(vibes):  # the application, still there
        forced = script(vibes, "rollback", "--force", alone=True)

    assert (refused.code, forced.code) == (2, 0), forced.text
    assert "--force" in refused.text
    assert "run --operation=validate_rollback now" in forced.text
    assert picture(vibes) == before


def test_rows_written_since_are_set_aside_and_said(vibes, script, picture, sql):
    before = picture(vibes)
    script(vibes, "migrate")
    sql(
        vibes,
        "INSERT INTO users (email) VALUES ('late@example.org')",
        "UPDATE tags SET colour = '#ABCDEF' WHERE \"order\" = 2",
        "DELETE FROM reminders WHERE number <= 3",
    )

    warned, restored = script(vibes, "status"), script(vibes, "rollback")

    assert warned.facts["at_risk"] == {
        "users": {"written": 1, "deleted": 0},
        "tags": {"written": 4, "deleted": 0},
        "reminders": {"written": 0, "deleted": 3},
    }
    assert restored.code == 0, restored.text
    told = "\n".join(restored.facts["set_aside"])
    assert "3 rows of reminders deleted since the backup are back" in told
    aside = told.partition("1 rows of users written since the backup are set aside in ")[2].split("\n")[0]
    assert sql(vibes, f"SELECT email FROM {aside}") == [("late@example.org",)]
    assert picture(vibes) == before


def test_a_column_added_since_is_set_aside_with_all_its_rows(migrated, script, sql):
    sql(migrated, "ALTER TABLE tags ADD COLUMN pinned boolean DEFAULT true")

    restored = script(migrated, "rollback")

    assert restored.code == 0, restored.text
    assert "20 rows of tags with columns that it does not have (pinned)" in restored.text


def test_some_tables_restored_by_hand_and_others_still_migrated(vibes, script, picture, sql):
    before = picture(vibes)
    script(vibes, "migrate")
    sql(
        vibes,
        "DROP TABLE reminders",
        "CREATE TABLE reminders AS TABLE migration_backup.reminders_backup",  # the rows, and nothing else
        "DROP TABLE tags CASCADE",
        "ALTER TABLE journal_entries DROP CONSTRAINT journal_entries_follows_fkey",
        "ALTER TABLE journal_entries ALTER COLUMN follows TYPE varchar(36)",
    )

    seen = script(vibes, "status").facts
    restored = script(vibes, "rollback")

    states = {table: about["state"] for table, about in seen["tables"].items()}
    assert states == {"users": "migrated", "journal_entries": "mixed", "tags": "missing", "reminders": "original"}
    assert restored.code == 0, restored.text
    assert picture(vibes) == before


def test_lost_constraints_are_named_with_their_statements_and_come_back(vibes, script, picture, sql):
    before = picture(vibes)
    script(vibes, "migrate")
    script(vibes, "rollback")
    sql(vibes, "ALTER TABLE tags DROP CONSTRAINT tags_pkey", "DROP INDEX users_email_key")

    found, restored = script(vibes, "validate_rollback"), script(vibes, "rollback")

    assert found.code == 1
    assert "ALTER TABLE public.tags ADD CONSTRAINT tags_pkey PRIMARY KEY (id);" in "\n".join(found.facts["lines"])
    assert "CREATE UNIQUE INDEX users_email_key" in found.text
    assert restored.code == 0, restored.text
    assert picture(vibes) == before


@pytest.fixture
def dump(vibes, server, programs, tmp_path):
    """A dump of `vibes` from before its migration."""
    if programs != server.bindir:
        pytest.skip("a pg_restore of another version says SET to what this server may not know")
    subprocess.run([programs / "pg_dump", "-Fc", "-f", tmp_path / "vibes.dump", vibes], check=True)
    return tmp_path / "vibes.dump"


def test_without_the_backup_an_external_dump_is_the_way_back(vibes, dump, script, picture, programs):
    before = picture(vibes)
    script(vibes, "migrate")
    with psycopg.connect(vibes, autocommit=True) as connection:
        connection.execute("DROP SCHEMA migration_backup CASCADE")
        refused = script(vibes, "rollback")
        drop, restore = (line.strip() for line in refused.facts["lines"][0].splitlines()[1:3])
        connection.execute(drop)
    restore = restore.removeprefix("pg_restore ").replace("DUMP", f"--dbname={vibes} {dump}")
    subprocess.run([programs / "pg_restore", *restore.split()], check=True)

    assert refused.code == 2
    assert picture(vibes) == before
    assert script(vibes, "validate_schema").facts["schema"] == "original"


def test_the_schema_made_again_by_hand_is_the_original_one(database, script, sql):
    sql(database, (VIBES / "schema.sql").read_text("utf-8"))

    whole = script(database, "validate_schema")
    sql(
        database,
        "ALTER TABLE tags DROP CONSTRAINT tags_entry_id_fkey",
        "ALTER TABLE users ALTER COLUMN bio TYPE varchar",
    )
    lacking = script(database, "validate_schema")

    assert whole.facts["schema"] == "original", whole.text
    assert lacking.code == 1
    assert "nearest to the original" in lacking.text
    assert "ADD CONSTRAINT tags_entry_id_fkey" in lacking.text
    assert "bio character varying" in lacking.text


def test_sigterm_between_batches_leaves_what_the_next_run_goes_on_with(vibes, script, picture, tmp_path):
    before = picture(vibes)
    progress = tmp_path / "data_migration.log"
    command = [sys.executable, VIBES / "data_migration.py", "--operation=migrate", "--database-url", vibes]
    options = ["--batch-size=1", "--while-connected", f"--log-file={progress}"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as running:
        while running.poll() is None and not started_on_entries(progress):
            time.sleep(0.001)
        running.send_signal(signal.SIGTERM)
        said = running.communicate(timeout=20)[0]

    half = script(vibes, "status").facts
    resumed = script(vibes, "migrate")

    assert running.returncode == 128 + signal.SIGTERM
    assert "migrate again to go on, or roll back" in said
    assert (half["half_done"], half["operations"][0]["status"]) == (True, "failed")
    assert "copy users" not in resumed.text.partition("copy journal_entries")[2]
    assert resumed.code == 0
    assert "users: batch 1, 20 of 20 rows (100 %)" in resumed.text
    assert script(vibes, "rollback").code == 0
    assert picture(vibes) == before


def started_on_entries(progress):
    return progress.exists() and "journal_entries: batch 2," in progress.read_text()


def test_the_log_tells_every_step_also_of_what_failed(vibes, script, sql):
    script(vibes, "migrate", "--batch-size=7")
    sql(vibes, "CREATE VIEW made_since AS SELECT * FROM tags")
    refused = script(vibes, "rollback")
    sql(vibes, "DROP VIEW made_since")
    script(vibes, "rollback")

    rows = sql(
        vibes,
        "SELECT operation, step, table_name, status, rows, finished_at >= started_at, detail FROM migration_log ORDER BY id",
    )

    assert refused.code == 2
    assert "view public.made_since depends on table" in refused.text
    whole = [row[0::3][:2] for row in rows if row[1] is None]
    assert whole == [("migrate", "completed"), ("rollback", "failed"), ("rollback", "completed")]
    assert "made_since" in next(row[6] for row in rows if row[3] == "failed")
    assert ("migrate", "copy", "tags", "completed", 20, True, None) in rows
    assert ("rollback", "set aside", None, "failed", None, True, "undone with the whole run") in rows
    assert all(row[5] for row in rows)
    runs = sql(vibes, "SELECT count(DISTINCT run) FROM migration_log")
    assert runs == [(3,)]


@pytest.mark.usefixtures("impatient")
def test_somebody_who_holds_a_lock_is_named_and_not_waited_for_for_ever(migrated, script, picture):
    before = picture(migrated)
    with psycopg.connect(migrated, application_name="a long report") as report:
        report.execute("SELECT FROM tags")

        refused = script(migrated, "rollback")

    assert refused.code == 2
    assert "a long report" in refused.text
    assert picture(migrated) == before
    assert script(migrated, "rollback").code == 0


def test_two_runs_never_meet(vibes, script):
    with psycopg.connect(vibes) as writer:
        writer.execute("LOCK TABLE tags IN ROW EXCLUSIVE MODE")  # the first run waits here
        first = os.fork()
        if first == 0:
            os._exit(script(vibes, "migrate").code)
        wait_until(lambda: waiting(vibes))
        second = script(vibes, "migrate")
        reader = script(vibes, "status")
    code = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])

    assert (second.code, reader.code, code) == (2, 0, 0)
    assert "another run of data_migration.py is at work here" in second.text


def waiting(url):
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT FROM pg_locks WHERE NOT granted").fetchone() is not None


def wait_until(true):
    for _ in range(2000):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it never came to pass")
