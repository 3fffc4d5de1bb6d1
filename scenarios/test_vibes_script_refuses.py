"""What the vibes script refuses: it says why in words that lead on, and changes nothing. The witness is pg_dump."""

import tomllib
from pathlib import Path

import psycopg
import pytest

REFUSALS = tomllib.loads(Path(__file__).with_name("vibes_refusals.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", REFUSALS["migrate"])
def test_a_migration_does_not_start(name, world, script, picture, sql):
    case = REFUSALS["migrate"][name]
    url = world(case.get("tables", "bundled"))
    sql(url, *case.get("done", []))
    before = picture(url, backup=True)

    said = script(url, "migrate", *case.get("options", []))

    assert (said.code, [word for word in case["words"] if word not in "\n".join(said.facts["lines"])]) == (2, []), (
        said.text
    )
    assert picture(url, backup=True) == before


@pytest.mark.parametrize("name", REFUSALS["rollback"])
def test_a_rollback_does_not_start(name, migrated, script, picture, sql):
    case = REFUSALS["rollback"][name]
    sql(migrated, *case.get("done", []))
    before = picture(migrated, backup=True)

    said = script(migrated, "rollback", *case.get("options", []))

    assert (said.code, [word for word in case["words"] if word not in "\n".join(said.facts["lines"])]) == (2, []), (
        said.text
    )
    assert picture(migrated, backup=True) == before


def test_a_rollback_before_any_migration_has_nothing_to_do(vibes, script, picture):
    before = picture(vibes)

    without, backup = script(vibes, "rollback"), script(vibes, "backup")
    unneeded = script(vibes, "rollback")

    assert (without.code, backup.code, unneeded.code) == (2, 0, 2)
    assert "nothing to roll back" in without.text
    assert "no migration was begun" in unneeded.text
    assert picture(vibes) == before


def test_a_second_rollback_and_a_second_migration_have_nothing_to_do(migrated, script):
    again = script(migrated, "migrate")
    script(migrated, "rollback")

    assert (again.code, script(migrated, "rollback").code) == (2, 2)
    assert "migrated already" in again.text


def test_a_backup_of_an_earlier_run_is_never_written_over(migrated, script, picture, sql):
    script(migrated, "rollback")
    sql(migrated, "UPDATE tags SET name = name || '!'")
    before = picture(migrated, backup=True)

    refused = script(migrated, "migrate")
    rename = refused.facts["lines"][0].rpartition("or ")[2]

    assert refused.code == 2
    assert "tags has changed since" in refused.text
    assert picture(migrated, backup=True) == before
    sql(migrated, rename)
    assert script(migrated, "migrate").code == 0


@pytest.mark.parametrize("operation", ["migrate", "backup"])
def test_who_is_still_connected_is_named(operation, vibes, script, role):
    with psycopg.connect(vibes, application_name="the shop"):
        role.grant("GRANT vibes_owner TO {0}", "GRANT CREATE ON DATABASE {1} TO {0}", "GRANT CREATE ON SCHEMA public TO {0}",
                   "GRANT EXECUTE ON FUNCTION touch_updated_at() TO {0}")  # fmt: skip
        by_another_role = script(role.url, operation, alone=True)
        said = script(vibes, operation, alone=True)

    assert (said.code, by_another_role.code) == (2, 2), by_another_role.text
    assert "postgres, the shop, from" in said.text
    assert "postgres, the shop, from unknown" in by_another_role.text
    assert "--while-connected" in said.text
    assert "--force" in said.text


def test_a_role_that_may_not_is_told_what_to_grant_and_then_may(vibes, script, picture, role):
    before = picture(vibes)

    seen, refused = script(role.url, "status"), script(role.url, "migrate")
    grants = refused.facts["lines"][0].partition("\n")[2]
    role.grant(grants)
    codes = [script(role.url, operation).code for operation in ("migrate", "rollback", "validate_rollback")]

    assert (seen.code, refused.code) == (2, 2), seen.text
    assert "GRANT vibes_owner TO" in grants
    assert codes == [0, 0, 0]
    role.grant("REVOKE ALL ON SCHEMA public FROM {0}", "REVOKE EXECUTE ON FUNCTION touch_updated_at() FROM {0}")
    assert picture(vibes) == before


def test_another_role_than_the_one_that_migrated_is_told_what_it_lacks(vibes, script, picture, role):
    script(vibes, "migrate")
    before = picture(vibes, backup=True)

    said = {operation: script(role.url, operation) for operation in ("status", "rollback")}

    assert [s.code for s in said.values()] == [2, 2], said["rollback"].text
    assert "reading takes SELECT on the tables" in said["status"].text
    assert "GRANT vibes_owner TO" in said["rollback"].text
    assert "migration_backup.plan" in said["rollback"].text
    assert picture(vibes, backup=True) == before


@pytest.mark.parametrize("url", ["postgresql://me:se cret@nowhere/x", "postgresql://me:secret@127.0.0.1:1/x"])
def test_a_connection_that_fails_says_so_without_the_password(url, script):
    said = script(url, "status")

    assert said.code == 2
    assert "cret" not in said.text
