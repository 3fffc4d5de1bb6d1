"""`rollproof init` writes a configuration that verifies green at once, and says why each thing stands in it."""

import subprocess
import sys
import tomllib
from pathlib import Path

import psycopg
import pytest

from fixtures.readers import execute

ROOT = Path(__file__).parents[2]
VIBES = ROOT / "scenarios" / "vibes"
LOG = """
CREATE TABLE release_log (id serial, version text, direction text, state text, started_at timestamptz, finished_at timestamptz);
INSERT INTO release_log (version, direction, state, started_at, finished_at) VALUES
    ('7', 'up', 'done', now() - interval '3 hours', now() - interval '2 hours'),
    ('7', 'down', 'done', now() - interval '1 hour', now() - interval '59 minutes')
"""
EVIL = (
    "e\x1b[8m\x1b]52;c;Zm9v\x07\x7f",
    "b\u202e\u2066\u200b\ufeff\U000e0041\u3164",
    "l\n[[waiver]]\r\ncheck = 'rows'",
    "g\n::error file=x::FORGED",
    "a ##vso[task.complete]##[error]FORGED",
    "q\"\"\"'''\\ \\x1b ]",
    "{table}_backup",
)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def written(folder, name="rollproof.toml"):
    return tomllib.loads((folder / name).read_text("utf-8"))


@pytest.fixture
def green(command, tmp_path):
    """Call it with a URL: the configuration that is written for it, once a capture and a verification by it were good."""

    def run(url, *verify):
        ended = command(tmp_path, "init", "--database-url", url)
        assert ended.returncode == 0, ended.output
        for words in (("capture",), ("verify", *verify)):
            done = command(tmp_path, *words, "--database-url", url)
            assert done.returncode == 0, done.output
        assert "VERIFIED" in done.stdout
        return written(tmp_path)

    return run


def vibes_script(url, program, *words):
    subprocess.run([sys.executable, VIBES / program, *words, "--database-url", url], check=True, capture_output=True)


def vibes(url):
    vibes_script(url, "data.py", "--create", "--scale=0.001")


def rolled_back(url):
    vibes(url)
    for operation in ("migrate", "rollback"):
        vibes_script(url, "data_migration.py", f"--operation={operation}", "--log-file=")


def test_vibes_before_its_migration_is_green_at_once(green, database_from, tmp_path):
    given = green(database_from(vibes))
    text = (tmp_path / "rollproof.toml").read_text()

    assert "backup" not in given
    assert "keys that hold UUIDs as text: character varying(36) in " in text
    assert '# types = [{ from = "character varying(36)", to = "uuid" }]' in text


def test_vibes_after_its_rollback_is_green_with_its_copies_and_its_log(green, database_from):
    given = green(database_from(rolled_back))

    assert given["backup"]["schema"] == "migration_backup"
    assert given["backup"]["table"] == "{table}_backup"
    assert "public.users" in given["backup"]["tables"]
    assert given["log"] == {"table": "public.migration_log"}


def test_the_shop_is_green_at_once(green, shop):
    assert green(shop) == {}


def test_the_museum_is_green_at_once(green, server, museum):
    assert green(server.dsn(museum)).keys() <= {"backup", "log", "tables"}, "nothing is narrowed or accepted"


def test_a_database_with_one_empty_table_is_green_at_once(green, database):
    execute(database, "CREATE TABLE things (id integer)")

    assert green(database) == {}


def test_names_that_would_forge_a_configuration_are_only_names(green, command, database, tmp_path):
    for raw in EVIL:
        name = quoted(raw)
        execute(
            database,
            f"CREATE SCHEMA {name}; CREATE TABLE {name}.{name} ({name} varchar(36) PRIMARY KEY)",
            f"CREATE TABLE {name}.{quoted(raw + '_events')} ({name} text, {quoted(raw + '_id')} varchar(36))",
            f"INSERT INTO {name}.{name} VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')",
            f"INSERT INTO {name}.{quoted(raw + '_events')} SELECT 'x', NULL FROM generate_series(1, 1000)",
            f"CREATE SCHEMA {quoted(raw + '_old')}; CREATE TABLE {quoted(raw + '_old')}.{name} AS TABLE {name}.{name}",
        )
    execute(database, "SELECT pg_stat_force_next_flush()")
    given = green(database)
    text = (tmp_path / "rollproof.toml").read_text("utf-8")
    printed = command(tmp_path, "init", "--database-url", database, "--output", "-")

    assert "waiver" not in given
    assert len(given["tables"]) == len(EVIL)
    assert all(line.isprintable() for line in text.split("\n"))
    assert "##[" not in printed.stdout
    assert tomllib.loads(printed.stdout) == given


def test_copies_and_logs_of_other_names_are_found(green, database):
    execute(
        database,
        "CREATE TABLE users (id integer PRIMARY KEY, name text); CREATE TABLE tags (id integer PRIMARY KEY)",
        "CREATE SCHEMA before_7; CREATE TABLE before_7.copy_users_v6 AS TABLE users",
        "CREATE TABLE before_7.copy_tags_v6 AS TABLE tags",
        LOG,
    )
    given = green(database, "-k", "not backup_age")

    assert given["backup"] == {
        "schema": "before_7",
        "table": "copy_{table}_v6",
        "tables": ["public.tags", "public.users"],
    }
    assert given["log"] == {
        "table": "public.release_log",
        "migration_column": "version",
        "operation_column": "direction",
        "status_column": "state",
        "rollback_value": "down",
        "completed_value": "done",
    }


def test_a_log_that_would_be_objected_to_now_is_told_and_not_read(green, database, tmp_path):
    execute(database, LOG, "DELETE FROM release_log WHERE direction = 'down'", "CREATE TABLE things (id integer)")

    assert "log" not in green(database)
    assert "a verification after a rollback would object now: " in (tmp_path / "rollproof.toml").read_text()


def test_tables_that_may_grow_need_a_name_and_counters(green, database, tmp_path):
    execute(
        database,
        "CREATE TABLE audit_log (id integer PRIMARY KEY); INSERT INTO audit_log SELECT generate_series(1, 2000)",
        "CREATE TABLE prices (id integer PRIMARY KEY); INSERT INTO prices SELECT generate_series(1, 2000)",
        "CREATE TABLE sessions (id integer PRIMARY KEY); INSERT INTO sessions SELECT generate_series(1, 2000)",
        "DELETE FROM sessions WHERE id > 5",
        "CREATE TABLE flyway_schema_history (installed_rank int, version text, script text, checksum int, success bool)",
        "SELECT pg_stat_force_next_flush()",
    )
    given = green(database)
    text = (tmp_path / "rollproof.toml").read_text()

    assert given["tables"] == {
        "public.audit_log": {"may_grow": True},
        "public.flyway_schema_history": {"may_grow": True},
    }
    assert '# [tables."public.prices"]' in text
    assert '# [tables."public.sessions"]' in text
    assert 'rollback_command = "flyway undo"' in text


def test_a_key_that_only_the_application_knows_is_proposed_if_every_row_keeps_it(green, database, tmp_path):
    execute(
        database,
        "CREATE TABLE users (id integer PRIMARY KEY); INSERT INTO users VALUES (1), (2)",
        "CREATE TABLE notes (id integer PRIMARY KEY, user_id integer); INSERT INTO notes VALUES (1, 1), (2, NULL)",
        "CREATE TABLE lost (id integer PRIMARY KEY, user_id integer); INSERT INTO lost VALUES (1, 3)",
        "CREATE TABLE kept (id integer PRIMARY KEY, user_id integer REFERENCES users)",
    )
    green(database)
    text = (tmp_path / "rollproof.toml").read_text()

    assert '# table = "public.notes"' in text
    assert "public.lost" not in text
    assert "public.kept" not in text
    uncommented = "\n".join(line.removeprefix("# ") for line in text.split("\n\n")[-1].splitlines()[1:])
    (tmp_path / "rollproof.toml").write_text(uncommented)
    green_again = tomllib.loads(uncommented)["foreign_key"]
    assert green_again[0]["columns"] == ["user_id"]


def test_a_file_that_is_there_stays_and_no_password_is_written(command, shop, tmp_path):
    secret = psycopg.conninfo.conninfo_to_dict(shop)["password"]
    (tmp_path / "rollproof.toml").write_text("jobs = 1\n")
    refused = command(tmp_path, "init", "--database-url", shop)
    printed = command(tmp_path, "init", "--database-url", shop, "--output", "-")

    assert (refused.returncode, (tmp_path / "rollproof.toml").read_text()) == (4, "jobs = 1\n")
    assert "--force replaces it" in refused.stderr
    assert command(tmp_path, "init", "--database-url", shop, "--force").returncode == 0
    assert (tmp_path / "rollproof.toml").read_text() == printed.stdout
    assert secret not in printed.output


def test_it_is_written_where_it_will_be_looked_for(command, shop, tmp_path):
    there = {"ROLLPROOF_CONFIG": "ops.toml", "ROLLPROOF_DATABASE_URL": shop}

    assert command(tmp_path, "init", environment=there).returncode == 0
    assert written(tmp_path, "ops.toml") == {}
    assert not (tmp_path / "rollproof.toml").exists()
