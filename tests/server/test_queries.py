"""What the queries of catalog/sql answer about strange names, sequences, half-made objects, and roles that may see little."""

import secrets
from pathlib import Path

import psycopg
import pytest
from psycopg import RawCursor

from fixtures.catalogue import differing, facts, parameters, schemas
from rollproof.catalog.queries import queries

BASE = Path(__file__).parents[1] / "data" / "mutations" / "base.sql"

SEQUENCES = {
    "fresh": "CREATE SEQUENCE NAME",
    "fresh, from 100": "CREATE SEQUENCE NAME START 100",
    "called": "CREATE SEQUENCE NAME; SELECT nextval('NAME'); SELECT nextval('NAME')",
    "set, not called since": "CREATE SEQUENCE NAME; SELECT setval('NAME', 77, false)",
    "set and called": "CREATE SEQUENCE NAME; SELECT setval('NAME', 77)",
    "restarted": "CREATE SEQUENCE NAME; ALTER SEQUENCE NAME RESTART WITH 40",
    "in steps": "CREATE SEQUENCE NAME INCREMENT BY 10; SELECT nextval('NAME')",
    "descending": "CREATE SEQUENCE NAME INCREMENT BY -3 MAXVALUE 9; SELECT nextval('NAME')",
    "before its end": "CREATE SEQUENCE NAME MAXVALUE 9 CYCLE; SELECT setval('NAME', 8)",
    "round its end": "CREATE SEQUENCE NAME MAXVALUE 9 MINVALUE 3 CYCLE; SELECT setval('NAME', 9)",
    "round its end in steps": "CREATE SEQUENCE NAME INCREMENT BY 4 MINVALUE 3 MAXVALUE 9 CYCLE; SELECT setval('NAME', 7)",
    "round its end downwards": "CREATE SEQUENCE NAME INCREMENT BY -4 MINVALUE -9 MAXVALUE 9 CYCLE; SELECT setval('NAME', -8)",
    "at the end of bigint": "CREATE SEQUENCE NAME; SELECT setval('NAME', 9223372036854775806)",
}

NAMED = """
CREATE ROLE NAME; CREATE SCHEMA NAME; CREATE TABLE NAME.NAME (NAME integer, CONSTRAINT NAME CHECK (true));
CREATE TRIGGER NAME BEFORE INSERT ON NAME.NAME FOR EACH ROW EXECUTE FUNCTION public.touch();
COMMENT ON TRIGGER NAME ON NAME.NAME IS 'x'; GRANT SELECT (NAME) ON NAME.NAME TO NAME
"""


@pytest.fixture
def own(database_from):
    """A session on a base database of the test's own, where each statement is final."""
    with psycopg.connect(database_from(BASE), autocommit=True) as connection:
        yield connection


@pytest.fixture
def attempt(own):
    """The same, in a transaction that is taken back; for roles, which belong to the whole server."""
    with own.transaction(force_rollback=True):
        yield own


def test_a_sequence_stands_where_the_next_value_comes_from(attempt):
    sequences = {made: f"s{number}" for number, made in enumerate(SEQUENCES)}
    for made, name in sequences.items():
        attempt.execute(SEQUENCES[made].replace("NAME", name))
    known = facts(attempt)
    told = {made: int(known["sequence_positions", f"public.{name}"].split()[0]) for made, name in sequences.items()}

    assert told == {
        made: attempt.execute("SELECT nextval(%s)", (name,)).fetchone()[0] for made, name in sequences.items()
    }


def test_a_sequence_at_its_end_stands_beyond_it(attempt):
    attempt.execute("CREATE SEQUENCE s; SELECT setval('s', 9223372036854775807)")

    assert facts(attempt)["sequence_positions", "public.s"] == "9223372036854775808"


@pytest.mark.parametrize(
    "command",
    [
        "VACUUM FULL users, orders, app.log",  # not of everything: that would wait for our own session, which made roles
        "VACUUM ANALYZE users, orders, app.log",
        "REINDEX TABLE CONCURRENTLY users",
        "CHECKPOINT",
    ],
)
def test_upkeep_is_harmless(own, command):
    before = facts(own)

    own.execute(command)

    assert differing(before, facts(own)) == []


def test_an_untouched_clone_is_equal(server, new_database, own):
    before = facts(own)
    name = own.info.dbname
    own.close()

    with psycopg.connect(server.dsn(new_database(name))) as clone:
        assert differing(before, facts(clone)) == []


def test_an_index_left_behind_by_a_failed_concurrent_build_is_a_difference(own):
    own.execute("INSERT INTO app.things VALUES (1), (1)")
    before = facts(own)

    with pytest.raises(psycopg.errors.UniqueViolation):
        own.execute("CREATE UNIQUE INDEX CONCURRENTLY things_weight ON app.things (weight)")

    after = facts(own)
    assert differing(before, after) == ["indexes: app.things.things_weight"]
    assert after["indexes", "app.things.things_weight"].endswith(" INVALID NOT READY")


def test_a_partition_whose_detaching_was_interrupted_is_a_difference(server, own):
    own.execute(
        "CREATE TABLE app.p (id int) PARTITION BY LIST (id); CREATE TABLE app.p1 PARTITION OF app.p FOR VALUES IN (1)"
    )
    before = facts(own)

    with psycopg.connect(server.dsn(own.info.dbname)) as reader:
        reader.execute("SELECT * FROM app.p")
        own.execute("SET statement_timeout = '300ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            own.execute("ALTER TABLE app.p DETACH PARTITION app.p1 CONCURRENTLY")

    after = facts(own)
    assert differing(before, after) == ["constraints: app.p1.p1_id_check", "partitions: app.p1"]
    assert after["partitions", "app.p1"].endswith(" DETACH PENDING")


def test_a_transaction_left_prepared_is_a_difference(own):
    if own.execute("SHOW max_prepared_transactions").fetchone() == ("0",):
        pytest.skip("this server allows no prepared transactions")
    before = facts(own)
    own.execute("BEGIN; INSERT INTO app.things VALUES (1); PREPARE TRANSACTION 'half done'")

    try:
        assert differing(before, facts(own)) == ["prepared_transactions: 'half done'"]
    finally:
        own.execute("ROLLBACK PREPARED 'half done'")


def test_a_replication_slot_left_behind_is_a_difference(own):
    before = facts(own)
    name = f"rollproof_{secrets.token_hex(4)}"
    own.execute("SELECT pg_create_physical_replication_slot(%s)", (name,))

    try:
        expected = [f"replication: {name} (slot)"]
        assert differing(before, facts(own), expected) == expected
    finally:
        own.execute("SELECT pg_drop_replication_slot(%s)", (name,))


def test_an_ordinary_role_sees_the_same_or_says_unknown(own):
    """What differs for a role that was granted nothing is announced as unknown; nothing is silently less."""
    own.execute(
        "INSERT INTO app.things VALUES (1); ANALYZE; CREATE USER MAPPING FOR PUBLIC SERVER away OPTIONS (password 'x')"
    )
    with own.transaction(force_rollback=True):
        own.execute("CREATE ROLE rollproof_nobody")
        superuser = facts(own)
        own.execute("SET LOCAL ROLE rollproof_nobody")
        nobody = facts(own)

    less = {fact for fact in superuser if superuser[fact] != nobody[fact]}
    assert {nobody[fact].partition(":")[0] for fact in less} == {"unknown"}
    assert {facet for facet, _ in less} == {"foreign_servers", "planner_statistics", "sequence_positions"}


def test_a_question_locks_no_object_of_the_user_but_in_batches(own):
    """An expression that PostgreSQL prints may lock its table for a moment; what stays locked is what a batch named."""
    own.execute("CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM orders; END")
    held = "SELECT count(*) FROM pg_catalog.pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND relation >= 16384"
    locks = {}
    for facet, sql in queries(own.info.server_version).items():
        with own.transaction():
            own.execute("SET LOCAL search_path = ''")
            RawCursor(own).execute(sql, parameters(schemas(own), sql, batch=1)).fetchall()
            locks[facet] = own.execute(held).fetchone()[0]

    assert {facet for facet, number in locks.items() if number} <= {
        "views",
        "rules",
        "functions",
        "policies",
        "sequence_positions",
    }
    assert max(locks.values()) <= 2


STRANGE = ['tab"le; drop', "50%", "a%sb", "{x}", "$1", "a\nb", "-- c", "/* x", "'", "\\", "UPPER", "select", "é" * 31]


def identities(name):
    """Return some of the identities that NAMED leads to."""
    path = f"{name}.{name}"
    return {
        ("tables", path),
        ("columns", f"{path}.{name}"),
        ("triggers", f"{path}.{name}"),
        ("constraints", f"{path}.{name}"),
        ("comments", f"{path}.{name} (trigger)"),
        ("privileges", f"{path}.{name} (column) TO {name}"),
    }


def test_a_strange_name_is_quoted_as_the_server_does_it(attempt):
    quoted = {name: attempt.execute("SELECT quote_ident(%s)", (name,)).fetchone()[0] for name in STRANGE}
    for name in STRANGE:
        attempt.execute(NAMED.replace("NAME", '"' + name.replace('"', '""') + '"').encode())
    known = facts(attempt).keys()

    assert {name: missing for name in STRANGE if (missing := identities(quoted[name]) - known)} == {}
