"""A key is enforced when each trigger that keeps it is there, on every table and partition of both sides."""

import re
import secrets
from itertools import zip_longest

import psycopg
import pytest
from psycopg import RawCursor

from fixtures.sql_dump import sql_dump
from rollproof.catalog.queries import for_version, query
from rollproof.server.transactions import ALL_AT_ONCE

ORDINARY = "CREATE TABLE {0} (id integer PRIMARY KEY, other integer);"
DIVIDED = """
CREATE TABLE {0} (id integer PRIMARY KEY, other integer) PARTITION BY RANGE (id);
CREATE TABLE {0}_a PARTITION OF {0} FOR VALUES FROM (0) TO (10);
CREATE TABLE {0}_b PARTITION OF {0} FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
CREATE TABLE {0}_b_a PARTITION OF {0}_b FOR VALUES FROM (10) TO (15);
"""
AFTERWARDS = """
CREATE TABLE {0}_c (id integer PRIMARY KEY, other integer) PARTITION BY RANGE (id);
CREATE TABLE {0}_c_a PARTITION OF {0}_c FOR VALUES FROM (20) TO (25);
ALTER TABLE {0} ATTACH PARTITION {0}_c FOR VALUES FROM (20) TO (30);
CREATE TABLE {0}_b_b PARTITION OF {0}_b FOR VALUES FROM (15) TO (20);
"""
DETACHED = "ALTER TABLE {0} DETACH PARTITION {0}_b;"
ATTACHED = "ALTER TABLE {0} ATTACH PARTITION {0}_b FOR VALUES FROM (10) TO (20);"
KEY = "ALTER TABLE f ADD CONSTRAINT key FOREIGN KEY (other) REFERENCES p"

BOTH = DIVIDED.format("f") + DIVIDED.format("p") + KEY
PERIODS = """
CREATE TABLE p (id int4range, at daterange, PRIMARY KEY (id, at WITHOUT OVERLAPS)) PARTITION BY LIST (id);
CREATE TABLE p_a PARTITION OF p DEFAULT;
CREATE TABLE f (id int4range, at daterange, FOREIGN KEY (id, PERIOD at) REFERENCES p (id, PERIOD at)) PARTITION BY LIST (id);
CREATE TABLE f_a PARTITION OF f DEFAULT
"""
OWN_KEY = """
CREATE TABLE g (id integer PRIMARY KEY, other integer CONSTRAINT key REFERENCES p);
ALTER TABLE f ATTACH PARTITION g FOR VALUES FROM (50) TO (60)
"""
DEFERRABLE = "DEFERRABLE INITIALLY DEFERRED"
UNIQUE = f"CREATE TABLE u (id integer PRIMARY KEY DEFERRABLE, r int4range, EXCLUDE USING gist (r WITH &&) {DEFERRABLE})"

SHAPES = {
    f"{here}_to_{there}{'_deferred' * bool(how)}": f("f") + p("p") + f"{KEY} {how};" + later_f("f") + later_p("p")
    for here, f, later_f in [("ordinary", ORDINARY.format, "".format), ("divided", DIVIDED.format, AFTERWARDS.format)]
    for there, p, later_p in [("ordinary", ORDINARY.format, "".format), ("divided", DIVIDED.format, AFTERWARDS.format)]
    for how in ("", f"ON DELETE CASCADE ON UPDATE SET NULL {DEFERRABLE}")
} | {
    "to_itself": ORDINARY.format("f") + KEY.replace("REFERENCES p", "REFERENCES f"),
    "divided_to_itself": DIVIDED.format("f")
    + KEY.replace("REFERENCES p", "REFERENCES f")
    + ";"
    + AFTERWARDS.format("f"),
    "a_partition_to_the_whole": DIVIDED.format("p") + KEY.replace("TABLE f", "TABLE p_a"),
    "restrict_and_set_default": f"{BOTH} ON DELETE RESTRICT ON UPDATE SET DEFAULT DEFERRABLE",
    "deferrable_afterwards": f"{BOTH} ON DELETE CASCADE; ALTER TABLE f ALTER CONSTRAINT key {DEFERRABLE}",
    "detached_where_the_key_is": f"{BOTH}; {DETACHED.format('f')}",
    "detached_where_it_leads": f"{BOTH}; {DETACHED.format('p')}",
    "detached_and_attached": f"{BOTH}; " + "".join(text.format(name) for name in "fp" for text in (DETACHED, ATTACHED)),
    "a_key_of_its_own_attached": ORDINARY.format("p") + DIVIDED.format("f") + f"{KEY}; {OWN_KEY}",
    "rechecked": UNIQUE,
    "rechecked_divided": (DIVIDED + AFTERWARDS)
    .format("u")
    .replace("KEY, other integer)", "KEY DEFERRABLE, other integer)"),
    "periods": PERIODS,
    "enforced_afterwards": f"{BOTH} NOT ENFORCED; ALTER TABLE f ALTER CONSTRAINT key ENFORCED",
}
"""Each in a schema of its name."""
SINCE_18 = {"periods", "enforced_afterwards"}

TRIGGERS = """
SELECT t.oid, replace(f.proname, 'RI_FKey_', '') || ' on ' || t.tgrelid::regclass
FROM pg_trigger AS t JOIN pg_proc AS f ON f.oid = t.tgfoid JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE c.relnamespace = %s::regnamespace AND t.tgconstraint <> 0
"""
MUTATIONS = {
    "missing": "DELETE FROM pg_trigger",
    "disabled": "UPDATE pg_trigger SET tgenabled = 'D'",
    "on replicas only": "UPDATE pg_trigger SET tgenabled = 'R'",
    "always": "UPDATE pg_trigger SET tgenabled = 'A'",
    "altered": "UPDATE pg_trigger SET tgdeferrable = NOT tgdeferrable",
    "altered, initially": "UPDATE pg_trigger SET tginitdeferred = NOT tginitdeferred",
    "altered, when": "UPDATE pg_trigger SET tgtype = tgtype # 2",
    "altered, whose": "UPDATE pg_trigger SET tgisinternal = false",
    "missing, for a column": "UPDATE pg_trigger SET tgattr = '2'",
    "missing, otherwise": "UPDATE pg_trigger SET tgfoid = 'suppress_redundant_updates_trigger'::regproc",
}


@pytest.fixture(scope="module")
def connection(server):
    """A superuser's session on a database that holds each shape in a schema of its own."""
    name = f"rollproof_{secrets.token_hex(8)}"
    server.create(name)
    try:
        with psycopg.connect(server.dsn(name), autocommit=True) as connection:
            for shape in made(server):
                connection.execute(f"CREATE SCHEMA {shape}; SET search_path = {shape}; {SHAPES[shape]}".encode())
            connection.execute("SET search_path = ''; SET allow_system_table_mods = on")
            yield connection
    finally:
        server.drop(name)


def made(server):
    return [shape for shape in SHAPES if server.version >= 180_000 or shape not in SINCE_18]


def told(connection, *shapes):
    """Return what the question says of these schemas."""
    sql = for_version(query("foreign_key_triggers"), connection.info.server_version)
    with connection.transaction():
        connection.execute(ALL_AT_ONCE)
        return dict(RawCursor(connection).execute(sql, [list(shapes)], prepare=True).fetchall())


def test_what_ordinary_sql_made_is_enforced(connection, server):
    answer = told(connection, *made(server))

    assert {identity.partition(".")[0] for identity in answer} == set(made(server))
    assert {identity: text for identity, text in answer.items() if text != "enforced"} == {}


def named(answer):
    """Return the triggers that the answer names, with what is wrong."""
    lists = [text.partition("usual: ")[2] for text in answer.values() if text != "enforced"]
    return sorted(item for text in lists for item in text.split(", "))


def test_each_trigger_is_missed(connection, server):
    """One of each shape at a time is deleted, and is the only one of its shape that is named."""
    shapes = made(server)
    triggers = [connection.execute(TRIGGERS, (shape,)).fetchall() for shape in shapes]
    for turn in zip_longest(*triggers):
        gone = [trigger for trigger in turn if trigger]
        with connection.transaction(force_rollback=True):
            connection.execute("DELETE FROM pg_trigger WHERE oid = ANY (%s)", ([oid for oid, _ in gone],))
            found = named(told(connection, *shapes))

        assert found == sorted(f"{name} missing" for _, name in gone)

    assert all(triggers)


def test_each_trigger_that_is_not_as_it_must_be_is_named(connection, server):
    """All triggers of all shapes at once."""
    shapes = made(server)
    triggers = [row for shape in shapes for row in connection.execute(TRIGGERS, (shape,)).fetchall()]
    found, expected = {}, {}
    for wrong, mutation in MUTATIONS.items():
        with connection.transaction(force_rollback=True):
            connection.execute(f"{mutation} WHERE oid = ANY (%s)".encode(), ([oid for oid, _ in triggers],))
            found[wrong] = named(told(connection, *shapes))
        expected[wrong] = sorted(f"{name} {wrong.partition(',')[0]}" for _, name in triggers)

    assert {wrong: names for wrong, names in found.items() if names != expected[wrong]} == {}


@pytest.mark.parametrize("side", ["conrelid", "confrelid"])
def test_a_partition_that_nobody_told_of_the_key_is_named(connection, side):
    shape = "divided_to_divided"
    table = f"{shape}.{'f' if side == 'conrelid' else 'p'}_a"
    with connection.transaction(force_rollback=True):
        gone = connection.execute(
            f"DELETE FROM pg_constraint WHERE connamespace = %s::regnamespace AND contype = 'f' AND {side} = %s::regclass"
            " RETURNING conname".encode(),
            (f'"{shape}"', table),
        ).fetchall()
        answer = told(connection, shape)

    assert len(gone) == 1
    assert {text.rpartition(" on ")[2] for text in answer.values() if text != "enforced"} == {f"{table} missing"}
    assert f"{shape}.f.key" in answer


def test_a_key_that_is_not_enforced_says_so(connection, server):
    if server.version < 180_000:
        pytest.skip("PostgreSQL 18 brought it")
    with connection.transaction(force_rollback=True):
        connection.execute(
            f"CREATE SCHEMA s; SET search_path = s; {DIVIDED.format('f') + DIVIDED.format('p') + KEY} NOT ENFORCED".encode()
        )
        connection.execute("SET search_path = ''")
        answer = told(connection, "s")

    assert set(answer.values()) == {"NOT ENFORCED"}


def test_what_was_dumped_and_restored_is_enforced(connection, server, database):
    dump = sql_dump(server, server.dsn(connection.info.dbname), "--schema-only")
    sql = re.sub(r"^(SET|SELECT pg_catalog.set_config|CREATE SCHEMA public).*$", "", dump, flags=re.MULTILINE)
    with psycopg.connect(database, autocommit=True) as restored:
        restored.execute(sql.encode())
        answer = told(restored, *made(server))

    assert answer == told(connection, *made(server))
    assert set(answer.values()) == {"enforced"}
