"""One change, and exactly the facts that must notice it.

The mutations lie in mutations/, as data: each is tried in a transaction that is taken back. What cannot be done inside one
follows below.
"""

import os
import re
import secrets
import tomllib
from pathlib import Path

import psycopg
import pytest
from psycopg import RawCursor

from rollproof.catalog.queries import questions

MUTATIONS = Path(__file__).parents[1] / "data" / "mutations"
BASE = MUTATIONS / "base.sql"
CASES = {
    f"{path.stem}: {case['name']}": case
    for path in sorted(MUTATIONS.glob("*.toml"))
    for case in tomllib.loads(path.read_text("utf-8"))["mutation"]
}
# "1/2": the second half, one after the other; in CI two neighbouring majors share them, and the others try all.
PART, PARTS = map(int, os.environ.get("ROLLPROOF_MUTATIONS", "0/1").split("/"))
TRIED = dict([*CASES.items()][PART::PARTS])
NOT_FOR_COMPARING = {"sequence_positions", "planner_statistics", "foreign_keys", "sequence_columns", "all_schemas"}
OF_THE_WHOLE_SERVER = {"roles", "tablespaces", "replication"}  # where others may be at work
ON_REQUEST = NOT_FOR_COMPARING | OF_THE_WHOLE_SERVER

SEQUENCES = {
    "fresh": "CREATE SEQUENCE s",
    "fresh, from 100": "CREATE SEQUENCE s START 100",
    "called": "CREATE SEQUENCE s; SELECT nextval('s'); SELECT nextval('s')",
    "set, not called since": "CREATE SEQUENCE s; SELECT setval('s', 77, false)",
    "set and called": "CREATE SEQUENCE s; SELECT setval('s', 77)",
    "restarted": "CREATE SEQUENCE s; ALTER SEQUENCE s RESTART WITH 40",
    "in steps": "CREATE SEQUENCE s INCREMENT BY 10; SELECT nextval('s')",
    "descending": "CREATE SEQUENCE s INCREMENT BY -3 MAXVALUE 9; SELECT nextval('s')",
    "before its end": "CREATE SEQUENCE s MAXVALUE 9 CYCLE; SELECT setval('s', 8)",
    "round its end": "CREATE SEQUENCE s MAXVALUE 9 MINVALUE 3 CYCLE; SELECT setval('s', 9)",
    "round its end in steps": "CREATE SEQUENCE s INCREMENT BY 4 MINVALUE 3 MAXVALUE 9 CYCLE; SELECT setval('s', 7)",
    "round its end downwards": "CREATE SEQUENCE s INCREMENT BY -4 MINVALUE -9 MAXVALUE 9 CYCLE; SELECT setval('s', -8)",
    "at the end of bigint": "CREATE SEQUENCE s; SELECT setval('s', 9223372036854775806)",
}

NAMED = """
CREATE ROLE NAME; CREATE SCHEMA NAME; CREATE TABLE NAME.NAME (NAME integer, CONSTRAINT NAME CHECK (true));
CREATE TRIGGER NAME BEFORE INSERT ON NAME.NAME FOR EACH ROW EXECUTE FUNCTION public.touch();
COMMENT ON TRIGGER NAME ON NAME.NAME IS 'x'; GRANT SELECT (NAME) ON NAME.NAME TO NAME
"""


def facts(connection, prepare=None):
    """Return every fact, (facet, identity) → description, and hold the questions to their contract."""
    known = {}
    with connection.transaction(force_rollback=True):
        connection.execute(
            "SET LOCAL search_path = ''; SET LOCAL transaction_read_only = on; SET LOCAL row_security = off"
        )
        looked_at = schemas(connection)
        for facet, sql in questions(connection.info.server_version).items():
            rows = RawCursor(connection).execute(sql, parameters(looked_at, sql), prepare=prepare).fetchall()
            assert all(isinstance(text, str) for row in rows for text in row[:2]), (
                f"{facet}: identity and description are text"
            )
            assert len({row[0] for row in rows}) == len(rows), f"{facet}: an identity occurs once"
            known |= {(facet, row[0]): row[1] for row in rows}
    return known


def schemas(connection):
    """Return every schema but the system's."""
    rows = connection.execute(
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^(pg_|information_schema)'"
    )
    return [name for (name,) in rows]


def parameters(looked_at, sql, batch=10_000):
    """Return what a question asks for: these schemas, and one batch."""
    asked = re.findall(r"\$\d", re.sub("--.*", "", sql))
    values = {"$1": looked_at, "$2": 0, "$3": batch}
    return [values[name] for name in sorted(set(asked))]


def differing(before, after, expected=()):
    """Return the facts that differ, `facet: identity`; of some facets only what is expected of them, a star matching anything."""
    names = {": ".join(fact) for fact in before.keys() | after.keys() if before.get(fact) != after.get(fact)}
    patterns = {name: re.compile(re.escape(name).replace(r"\*", ".*")) for name in expected}
    found = {next((entry for entry, pattern in patterns.items() if pattern.fullmatch(name)), name) for name in names}
    return sorted(name for name in found if name in patterns or name.partition(":")[0] not in ON_REQUEST)


@pytest.fixture(scope="module")
def connection(server):
    """A superuser's session on the base database, in a transaction that also made the roles."""
    name = f"rollproof_{secrets.token_hex(8)}"
    server.create(name)
    try:
        with psycopg.connect(server.dsn(name)) as connection:
            connection.execute(BASE.read_text("utf-8"))
            connection.commit()
            connection.execute("CREATE ROLE rollproof_tester; CREATE ROLE rollproof_boss SUPERUSER")
            yield connection
            connection.rollback()
    finally:
        server.drop(name)


@pytest.fixture(scope="module")
def base(connection):
    """What is known of the base database."""
    return facts(connection, prepare=True)


@pytest.fixture
def attempt(connection):
    """A part of the transaction that is taken back after the test."""
    with connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def own(database_from):
    """A session on a base database of the test's own, where each statement is final."""
    with psycopg.connect(database_from(BASE), autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("case", TRIED.values(), ids=TRIED)
def test_a_change_differs_in_exactly_these_facts(attempt, base, case):
    """A harmless change differs in none."""
    if attempt.info.server_version < case.get("since", 0) * 10_000:
        pytest.skip(f"PostgreSQL {case['since']} brought it")
    extension = case.get("extension", "plpgsql")
    if not attempt.execute("SELECT 1 FROM pg_available_extensions WHERE name = %s", (extension,)).fetchone():
        pytest.skip(f"this server has no {extension}")
    before = base
    if "setup" in case:
        attempt.execute(case["setup"])
        before = facts(attempt, prepare=True)

    attempt.execute(case["change"])

    assert differing(before, facts(attempt, prepare=True), case["differs"]) == sorted(case["differs"])


def test_each_planted_fault_is_noticed_somewhere():
    assert [name for name, case in CASES.items() if not case["differs"] and not name.startswith("harmless")] == []


@pytest.mark.parametrize("made", SEQUENCES.values(), ids=SEQUENCES)
def test_a_sequence_stands_where_the_next_value_comes_from(attempt, made):
    attempt.execute(made)

    position = facts(attempt)["sequence_positions", "public.s"]

    assert int(position.split()[0]) == attempt.execute("SELECT nextval('s')").fetchone()[0]


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
    for facet, sql in questions(own.info.server_version).items():
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


@pytest.mark.parametrize(
    "name", ['tab"le; drop', "50%", "a%sb", "{x}", "$1", "a\nb", "-- c", "/* x", "'", "\\", "UPPER", "select", "é" * 31]
)
def test_a_strange_name_is_quoted_as_the_server_does_it(attempt, name):
    quoted = attempt.execute("SELECT quote_ident(%s)", (name,)).fetchone()[0]
    attempt.execute(NAMED.replace("NAME", '"' + name.replace('"', '""') + '"').encode())

    known = facts(attempt).keys()

    path = f"{quoted}.{quoted}"
    assert {
        ("tables", path),
        ("columns", f"{path}.{quoted}"),
        ("triggers", f"{path}.{quoted}"),
        ("constraints", f"{path}.{quoted}"),
    } <= known
    assert {
        ("comments", f"{path}.{quoted} (trigger)"),
        ("privileges", f"{path}.{quoted} (column) TO {quoted}"),
    } <= known
