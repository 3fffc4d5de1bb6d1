"""Harmless changes stay green, whatever objects there are.

By day on the museum of all kinds of objects; ROLLPROOF_SELFTEST=each on the base of the mutations, too.
"""

import os
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest

from rollproof.rehearsal.faults.harmless import Harmless, harmless_changes
from rollproof.rehearsal.selftest import harmless as module
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.harmless import RESTORED, harmless
from rollproof.rehearsal.selftest.outcome import HarmlessTried
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.rehearsal.world import World
from rollproof.rows import scan
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings

EACH = os.environ.get("ROLLPROOF_SELFTEST") == "each"
BASE = Path(__file__).parents[1] / "data" / "mutations" / "base.sql"
SMALL = """
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL);
INSERT INTO users SELECT i, 'u' || i FROM generate_series(1, 20) AS i;
"""


@contextmanager
def made(server, script="", template=None):
    """Make a throw-away database on the tests' own server, and what a verification of it sees with."""
    world = World(server)
    server.create(world.database, template)
    try:
        with psycopg.connect(world.url, autocommit=True) as admin:
            admin.execute(script.encode())
        ground = Ground(world, world.keep(), "", world.url, ())
        yield ground, Sight.of(Configured(Settings(database_url=world.url), None), ground)
    finally:
        for name in (world.database, *world.kept):
            server.drop(name)


@pytest.fixture(scope="module")
def small(server):
    """A small database, and what a verification sees with."""
    with made(server, SMALL) as found:
        yield found


@pytest.fixture
def tried_in(monkeypatch):
    """Call it with a database and changes for what became of each; of a restored dump nothing."""

    def run(found, *changes, seconds=lambda: 60.0):
        monkeypatch.setattr(module, "harmless_changes", lambda: changes)
        monkeypatch.setattr(module, "_restored", lambda _: "not asked for")
        return {each.name: each for each in harmless(*found, lambda _: None, seconds) if each.name != RESTORED}

    return run


@pytest.fixture
def tried(small, tried_in):
    """The same of the small database."""
    return partial(tried_in, small)


def wrong(ground, sight):
    """Return what is told, and which changes were not made but for lack of objects."""
    done = list(harmless(ground, sight, lambda _: None, lambda: 60.0))
    assert {each.name for each in harmless_changes()} | {RESTORED} == {each.name for each in done}
    return [each for each in done if each.found], {each.name for each in done if each.not_made}


def test_no_harmless_change_of_the_museum_is_told(server, museum):
    with made(server, template=museum) as (ground, sight):
        told, not_made = wrong(ground, sight)

    assert told == []
    assert not_made <= {"NOT NULL named otherwise by the server", RESTORED}


@pytest.mark.skipif(not EACH, reason="by night")
def test_no_harmless_change_of_the_base_is_told(server):
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute("CREATE ROLE rollproof_tester; CREATE ROLE rollproof_boss SUPERUSER")
    with made(server, BASE.read_text("utf-8")) as (ground, sight):
        told, _ = wrong(ground, sight)
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute("DROP ROLE rollproof_tester, rollproof_boss")

    assert told == []


def test_what_cannot_be_made_is_said(tried):
    done = tried(Harmless("refused", "SELECT 'DROP TABLE nobody'"), Harmless("nothing", "SELECT '' WHERE false"))

    assert list(done.values()) == [
        HarmlessTried("refused", not_made='table "nobody" does not exist'),
        HarmlessTried("nothing", not_made="there is nothing here to make it with"),
    ]


def test_a_check_that_looks_at_places_of_rows_is_noticed(server, tried_in, monkeypatch):
    """A scan that hashes where a row lies, not what it is."""
    monkeypatch.setattr(scan, "row_hash", lambda alias, *_: f"hashtextextended({alias}.ctid::text, 0)")
    names = ("rows deleted and inserted again in another order", "comments changed and changed back")

    with made(server, SMALL) as found:
        done = tried_in(found, *(each for each in harmless_changes() if each.name in names))

    assert {name: each.found for name, each in done.items()} == {names[0]: ("content: public.users",), names[1]: ()}


def test_rows_are_not_written_where_a_trigger_that_always_fires_would_write_more(server, tried_in):
    touched = """
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.email = NEW.email || 1; RETURN NEW; END';
        CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
        ALTER TABLE users ENABLE ALWAYS TRIGGER touch
    """
    names = (
        *("values stored without compression", "rows updated to what they are"),
        "rows deleted and inserted again in another order",
    )
    with made(server, SMALL + touched) as found:
        done = tried_in(found, *(each for each in harmless_changes() if each.name in names))

    assert {each.not_made for each in done.values()} == {"there is nothing here to make it with"}
    assert len(done) == len(names)
