"""A database without any table, as before a project's first migration, is a reference for those who say that they mean it."""

import json

import psycopg

from rollproof.sources.baseline import load


def test_an_empty_database_is_refused_and_the_refusal_names_the_option(command, database, tmp_path):
    """Most often it is the wrong database, and nothing would be proved."""
    refused = command(tmp_path, "capture", "--database-url", database)

    assert refused.returncode == 4
    assert "pass --allow-empty" in refused.stderr
    assert not (tmp_path / "baseline.json").exists()


def test_what_the_first_migration_left_is_found_and_nothing_left_is_verified(command, database, tmp_path, monkeypatch):
    """The option, its variable and its key mean the same."""
    command(tmp_path, "capture", "--database-url", database, "--allow-empty")
    unsaid = command(tmp_path, "verify", "--database-url", database)
    (tmp_path / "rollproof.toml").write_text("allow_empty = true\n")
    verified = command(tmp_path, "verify", "--database-url", database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE first (id int PRIMARY KEY)")
        connection.execute("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    (tmp_path / "rollproof.toml").unlink()
    monkeypatch.setenv("ROLLPROOF_ALLOW_EMPTY", "true")
    left = command(tmp_path, "verify", "--database-url", database)
    result = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())
    failed = {outcome["check"] for outcome in result["outcomes"] if outcome["kind"] == "not restored"}

    assert unsaid.returncode == 4
    assert "pass --allow-empty" in unsaid.stdout + unsaid.stderr
    assert verified.returncode == 0, verified.stdout
    assert "VERIFIED" in verified.stdout
    assert "there is no table to ask of" in verified.said
    assert left.returncode == 1
    assert {"tables", "functions", "leftovers", "constraints", "columns"} <= failed
    assert "DROP TABLE public.first;" in json.dumps(result["outcomes"])


def test_the_phase_before_the_migration_takes_such_a_baseline(command, database, tmp_path):
    taken = command(tmp_path, "verify", "pre_migration", "--database-url", database, "--allow-empty")

    assert taken.returncode == 0, taken.stdout
    assert load(tmp_path / "baseline.json", allow_empty=True).tables == ()


def test_a_live_reference_is_as_empty_as_a_baseline(command, server, database, new_database, tmp_path):
    other = server.dsn(new_database())
    refused = command(tmp_path, "verify", "--database-url", database, "--reference", other)

    assert refused.returncode == 4
    assert "pass --allow-empty" in refused.stdout + refused.stderr
