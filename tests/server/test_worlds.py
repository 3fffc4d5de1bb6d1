"""States of a throw-away database: kept, and brought back with all that stands around it, whatever a tool did meanwhile."""

import psycopg
import pytest

from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.state import States
from rollproof.rehearsal.world import World
from rollproof.settings.options import Settings
from rollproof.throwaway.around import Around
from rollproof.throwaway.servers.provide import provide

# What a template clone loses, and what it cannot undo.
BEFORE = """
CREATE ROLE world_owner LOGIN PASSWORD 'first' VALID UNTIL '2040-01-01';
CREATE ROLE world_member;
GRANT world_owner TO world_member;
ALTER ROLE world_member SET work_mem = '5MB';
CREATE TABLE kept (id int PRIMARY KEY);
INSERT INTO kept VALUES (1), (2);
ALTER DATABASE {database} OWNER TO world_owner;
ALTER DATABASE {database} SET search_path = kept_here, public;
ALTER ROLE world_member IN DATABASE {database} SET lock_timeout = '5s';
ALTER DATABASE {database} CONNECTION LIMIT 50;
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CREATE ON DATABASE {database} TO world_member WITH GRANT OPTION;
COMMENT ON DATABASE {database} IS 'the shop''s';
"""
AFTER = """
CREATE ROLE world_left SUPERUSER;
GRANT world_left TO world_member;
ALTER ROLE world_owner PASSWORD 'second' NOLOGIN;
ALTER ROLE world_owner SET work_mem = '9MB';
ALTER ROLE world_member RESET ALL;
REVOKE world_owner FROM world_member;
CREATE TABLE of_left (); ALTER TABLE of_left OWNER TO world_left;
DELETE FROM kept;
ALTER DATABASE {database} SET default_transaction_read_only = on;
ALTER DATABASE {database} RESET search_path;
ALTER DATABASE {database} CONNECTION LIMIT 1;
ALTER DATABASE {database} OWNER TO world_left;
GRANT ALL ON DATABASE {database} TO PUBLIC;
GRANT CONNECT ON DATABASE postgres TO world_left;
COMMENT ON DATABASE {database} IS NULL;
ALTER DATABASE {database} IS_TEMPLATE true;
SELECT pg_create_physical_replication_slot('world_slot');
SELECT pg_replication_origin_create('world_origin');
ALTER ROLE world_member VALID UNTIL '2040-01-01';
ALTER TABLESPACE pg_default SET (random_page_cost = 3);
GRANT CREATE ON TABLESPACE pg_default TO world_member;
GRANT CREATE ON TABLESPACE pg_default TO world_left WITH GRANT OPTION;
ALTER TABLESPACE pg_default OWNER TO world_left;
COMMENT ON TABLESPACE pg_default IS 'left';
GRANT SET ON PARAMETER work_mem TO world_member;
CREATE SUBSCRIPTION nowhere CONNECTION 'host=127.0.0.1 port=1' PUBLICATION none WITH (connect = false);
"""


def run(url, script):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in filter(str.strip, script.split(";\n")):
            connection.execute(statement)


def around(world):
    with psycopg.connect(world.url, autocommit=True) as connection:
        found = Around.of(connection)
    return found.of_server, found.origins, sorted(found.shared.database), sorted(found.shared.settings)


@pytest.fixture(scope="module")
def world(server):
    made = World(server)
    server.create(made.database)
    run(made.url, BEFORE.format(database=made.database))
    yield made
    for name in (*made.kept, made.database):
        server.drop(name)
    run(server.url, "DROP OWNED BY world_owner, world_member;\nDROP ROLE world_owner, world_member")


@pytest.mark.promise
def test_a_state_comes_back_with_all_that_stands_around_the_database(world):
    states = States(Settings(database_url=world.url, allow_empty=True))
    was, stood, kept = states.taken(world.url), around(world), world.keep()

    run(world.url, AFTER.format(database=world.database))
    session = psycopg.connect(world.url)
    session.execute("SET TRANSACTION READ WRITE")
    session.execute("INSERT INTO kept VALUES (7)")
    session.execute("PREPARE TRANSACTION 'world'")
    assert around(world) != stood
    with pytest.raises(Inconclusive, match="neither committed nor rolled back"):
        world.keep()
    world.bring_back(kept)

    assert around(world) == stood
    assert states.findings(was, states.taken(world.url)) == ()
    copy = world.copy(kept)
    assert states.findings(was, states.taken(copy)) == ()
    world.forget(copy.rpartition("/")[2].partition("?")[0])
    world.forget(kept)
    session.close()


@pytest.mark.parametrize(
    "done", ["DROP DATABASE {0}", "ALTER DATABASE {0} RENAME TO elsewhere", "DROP DATABASE {0};\nCREATE DATABASE {0}"]
)
def test_a_database_that_was_dropped_or_renamed_comes_back(world, done):
    kept = world.keep()
    run(world.server.url, done.format(world.database))
    there = world.trouble()
    world.bring_back(kept)

    assert ("dropped or renamed" in there) == ("CREATE" not in done)
    assert world.trouble() == ""
    with psycopg.connect(world.url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (2,)
        assert connection.execute("SELECT datname FROM pg_database WHERE datname = 'elsewhere'").fetchone() is None
    world.forget(kept)


def test_a_database_that_is_closed_comes_back(world):
    kept = world.keep()
    run(world.server.url, f"ALTER DATABASE {world.database} IS_TEMPLATE true ALLOW_CONNECTIONS false")
    world.bring_back(kept)

    with psycopg.connect(world.url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (2,)
    world.forget(kept)


def test_on_a_server_that_others_use_what_they_do_to_its_roles_stays(server):
    run(server.url, "CREATE ROLE world_other;\nALTER ROLE world_other SET work_mem = '5MB'")
    others = provide(server.url)
    made = World(others)
    others.create(made.database)
    kept = made.keep()
    run(server.url, "ALTER ROLE world_other SET work_mem = '6MB'")
    made.bring_back(kept)
    others.stop()

    with psycopg.connect(server.url) as connection:
        asked = "SELECT rolconfig FROM pg_roles WHERE rolname = 'world_other'"
        assert connection.execute(asked).fetchone() == (["work_mem=6MB"],)
        connection.execute("DROP ROLE world_other")
