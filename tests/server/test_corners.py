"""Test commands of two applications at four corners: a small program in Python, old and new, on the old and the new schema."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from rollproof.model.errors import Misuse
from rollproof.rehearsal.applications import Applications
from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.login import as_role, require_role
from rollproof.rehearsal.open_doors import OpenDoors
from rollproof.rehearsal.record import Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Rehearsal
from rollproof.throwaway.servers.server import Server

SHOP = """
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO customers VALUES (1, 'Ann');
CREATE FUNCTION run_by() RETURNS name LANGUAGE sql AS 'SELECT current_user';
"""
APPLICATION = """
import os, sys, psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as shop:
    (found,) = shop.execute("SELECT {name} FROM customers ORDER BY id").fetchall()
    shop.execute("INSERT INTO customers (id, {name}) VALUES (2, 'Bob')")
    print("as", *shop.execute("SELECT run_by()").fetchone())
"""
RENAMED = "ALTER TABLE customers RENAME name TO full_name"
BACK = "ALTER TABLE customers RENAME full_name TO name"
NEITHER = "DROP TABLE customers"
BOTH = "ALTER TABLE customers ADD full_name text GENERATED ALWAYS AS (name) STORED"


def _python(text: str, *arguments: str) -> str:
    return shlex.join([sys.executable, "-c", text, *arguments])


def _sql(text: str) -> str:
    run = "import os, psycopg, sys; psycopg.connect(os.environ['DATABASE_URL'], autocommit=True).execute(sys.argv[1])"
    return _python(run, text)


OLD = _python(APPLICATION.replace("{name}", "name"))
NEW = _python(APPLICATION.replace("{name}", "full_name"))


@pytest.fixture
def stages(server: Server, new_database, tmp_path: Path) -> Stages:
    world = World(server, new_database())
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute(SHOP)
    return Stages(world, Commands(world, tmp_path, Rehearsal()), Configured(Settings(), None), lambda _: None)


def _told(stages: Stages, up: str, **asked: object) -> Stage:
    kept = stages.world.keep()
    applications = Applications.of(Rehearsal(**asked), stages.commands.folder)  # type: ignore[arg-type] # of different types
    assert applications
    before = set(stages.world.kept)
    try:
        (stage,) = OpenDoors(stages, Step("", (_sql(up),), (BACK,)), kept, applications).told(())
        assert set(stages.world.kept) == before, "a copy was left"
        return stage
    finally:
        stages.world.forget(kept)


def _words(stage: Stage) -> dict[str, str]:
    assert stage.doors
    return {each.name: each.word for each in stage.doors.corners}


def test_each_application_lives_on_its_own_schema_only(stages: Stages):
    stage = _told(stages, RENAMED, old_application=(OLD,), new_application=(NEW,))

    assert _words(stage) == {"old/old": "works", "old/new": "refused", "new/old": "refused", "new/new": "works"}
    assert stage.word == "warning"
    assert stage.doors
    assert 'column "name" does not exist' in stage.doors.corners[1].ran[0].said
    assert "the old application does not live on the new schema" in stage.sentence


@pytest.mark.parametrize(
    ("up", "words", "word"),
    [
        (RENAMED, ("works", "refused", "not asked", "not asked"), "bad"),
        (BOTH, ("works", "works", "not asked", "not asked"), "good"),
    ],
)
def test_a_required_pair_decides(stages: Stages, up, words, word):
    stage = _told(stages, up, old_application=(OLD,), require_doors=("old/new",))

    assert (tuple(_words(stage).values()), stage.word) == (words, word)


def test_what_fails_at_home_says_nothing_of_the_migration(stages: Stages):
    """The old application's test is broken: what it says of the new schema is no news, and fulfils no requirement."""
    stage = _told(stages, RENAMED, old_application=(NEW.replace("full_name", "nickname"),), require_doors=("old/new",))

    assert (_words(stage)["old/old"], _words(stage)["old/new"]) == ("refused", "in doubt")
    assert stage.word == "undecided"
    assert "on its own schema, the old one, they fail, too" in stage.sentence


def test_a_command_that_never_connects_leaves_it_in_doubt(stages: Stages):
    stage = _told(stages, RENAMED, old_application=(_python("print('all green')"),))

    assert _words(stage)["old/new"] == "in doubt"
    assert "it never connected to the throw-away database" in stage.sentence


def test_a_migration_that_fails_leaves_no_new_schema(stages: Stages):
    failed = "CREATE TABLE customers (id int)"

    assert _told(stages, failed, old_application=(OLD,)).word == "warning"
    stage = _told(stages, failed, old_application=(OLD,), require_doors=("old/new",))
    assert stage.word == "undecided"
    assert 'relation "customers" already exists' in stage.sentence


@pytest.fixture
def role(stages: Stages):
    """A role that may not log in, and may use the shop, with a setting of its own."""
    name = f"{stages.world.database}_app"
    with psycopg.connect(stages.world.url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name}; GRANT SELECT, INSERT ON customers TO {name}".encode())
        admin.execute(
            f"ALTER ROLE {name} SET work_mem = '5MB'; ALTER ROLE {name} SET search_path = public, 'a b'".encode()
        )
    yield name
    with psycopg.connect(stages.world.url, autocommit=True) as admin:
        admin.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_commands_are_the_application_s_role(stages: Stages, role: str):
    revoked = f"REVOKE INSERT ON customers FROM {role}"
    stage = _told(stages, revoked, old_application=(OLD,), application_role=role)
    with psycopg.connect(stages.world.url) as session:
        may = session.execute(
            "SELECT rolcanlogin, has_table_privilege(oid, 'customers', 'INSERT') FROM pg_roles WHERE rolname = %s",
            [role],
        )
        assert may.fetchone() == (False, True), "it is not as it was"

    assert _words(stage) == {"old/old": "works", "old/new": "refused", "new/old": "not asked", "new/new": "not asked"}
    assert stage.doors
    assert f"as {role}" in stage.doors.corners[0].ran[0].said
    assert "permission denied for table customers" in stage.doors.corners[1].ran[0].said


@pytest.mark.parametrize("shared", [False, True])
def test_a_role_has_its_settings_also_where_nothing_may_be_changed(stages: Stages, role: str, shared):
    """Also a program that reads only where the database is, and passes options of its own."""
    says = (
        "import os, psycopg; e = os.environ; s = psycopg.connect(host=e['PGHOST'], port=e['PGPORT'], user=e['PGUSER'],"
        " password=e['PGPASSWORD'], dbname=e['PGDATABASE'], options='-c application_name=a\\\\ b');"
        " print(*s.execute('SELECT current_user, current_setting(%s), current_setting(%s), current_setting(%s)',"
        " ['work_mem', 'search_path', 'application_name']).fetchone(), sep='|')"
    )
    login = as_role(stages.world.url, role, shared=shared)
    done = replace(stages.commands, login=login).run([_python(says)])
    with psycopg.connect(stages.world.url) as session:
        (can_login,) = session.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [role]).fetchone() or ()

    assert done.ran[0].said == f'{role}|5MB|public, "a b"|a b'
    assert can_login is not shared


def test_a_role_that_is_not_there_is_misuse(stages: Stages):
    with pytest.raises(Misuse, match=r"--application-role ap: the throw-away server has no such role, only .*"):
        require_role(stages.world.url, "ap", "--application-role")
