"""What is judged in one direction only is judged by an order: tried over all pairs and triples of states, and by real upkeep."""

import psycopg
from psycopg import RawCursor

import rollproof
from rollproof.catalog.queries import queries
from rollproof.model.compare import Difference
from rollproof.model.no_loss import analysed_as_well
from rollproof.throwaway.servers.server import fresh_name

STATES = """
    CREATE TABLE fresh (a int PRIMARY KEY, b int);
    CREATE TABLE filled AS SELECT 1 AS a, 2 AS b;
    CREATE TABLE looked_at AS SELECT 1 AS a, 2 AS b; ANALYZE looked_at;
    CREATE TABLE partly AS SELECT 1 AS a; ANALYZE partly; ALTER TABLE partly ADD b int;
    CREATE TABLE emptied AS SELECT 1 AS a; ANALYZE emptied; DELETE FROM emptied;
    CREATE TABLE cut AS SELECT 1 AS a; ANALYZE cut; TRUNCATE cut;
    CREATE TABLE indexed AS SELECT 1 AS a; ANALYZE indexed; CREATE INDEX twice ON indexed ((a * 2));
    CREATE TABLE guessed AS SELECT 1 AS a, 2 AS b; CREATE STATISTICS s ON a, b FROM guessed; VACUUM guessed;
    CREATE TABLE parted (a int) PARTITION BY LIST (a);
    CREATE TABLE part PARTITION OF parted FOR VALUES IN (1); INSERT INTO parted VALUES (1);
    CREATE MATERIALIZED VIEW shown AS SELECT a FROM filled;
    CREATE TABLE bare ();
"""


def ground(url):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in STATES.split(";")[:-1]:
            connection.execute(statement)


def states(connection):
    sql = queries(connection.info.server_version)["planner_statistics"]
    return dict(RawCursor(connection).execute(sql, (["public"],)).fetchall())


def test_upkeep_takes_nothing_from_the_planner(database_from):
    """Whatever the state of a table: VACUUM, ANALYZE and the like leave it as good as it was; what is lost is seen."""
    with psycopg.connect(database_from(ground), autocommit=True) as connection:
        first = was = states(connection)
        for command in ("VACUUM", "VACUUM FULL", "ANALYZE fresh", "VACUUM ANALYZE", "REINDEX TABLE indexed", "ANALYZE"):
            connection.execute(command)
            now = states(connection)
            worse = [name for name in was if not analysed_as_well(Difference("", name, was[name], now[name]))]
            assert worse == [], (command, was, now)
            was = now
        lost = "TRUNCATE looked_at; ALTER TABLE looked_at ALTER a TYPE text, ALTER b TYPE text"
        connection.execute(lost)

        assert {"analysed", "empty", "never analysed"} <= {*first.values(), *was.values()}
        assert first["public.partly"] == "not analysed: b"
        assert not analysed_as_well(Difference("", "", was["public.looked_at"], states(connection)["public.looked_at"]))


ROLES = "CREATE ROLE policed_a; CREATE ROLE policed_b"
POLICY = "CREATE TABLE t (a int); CREATE POLICY p ON t TO policed_a, policed_b"


def test_a_role_that_was_changed_there_and_back_moves_in_no_policy(server):
    """pg_dump lists the roles of a policy as they lie in pg_authid, and any change of one moves it there."""
    name = fresh_name()
    server.create(name)
    try:
        with psycopg.connect(server.dsn(name), autocommit=True) as connection:
            connection.execute(f"{ROLES}; {POLICY}")
            before = rollproof.capture(server.dsn(name))
            connection.execute("ALTER ROLE policed_a CONNECTION LIMIT 7; ALTER ROLE policed_a CONNECTION LIMIT -1")
            assert rollproof.verify(server.dsn(name), before).verdict == "VERIFIED"
            connection.execute("ALTER POLICY p ON t TO policed_a")
            found = rollproof.verify(server.dsn(name), before).findings
            connection.execute("DROP TABLE t; DROP ROLE policed_a, policed_b")
    finally:
        server.drop(name)

    assert {each.check for each in found} == {"pg_dump", "policies"}
