"""Which statements of an application live on another schema: asked of real servers, and none of them is run."""

import psycopg
import pytest

from fixtures.doors import MIGRATIONS, ROLE, SHOP, told
from fixtures.postgres import fresh_name
from rollproof.rehearsal.doors.looking import looked
from rollproof.rehearsal.doors.read import read_statements
from rollproof.rehearsal.doors.statement import Statement

TWELVE = """
SELECT id, email FROM customers WHERE id = $1;
INSERT INTO customers (id, email, note) VALUES (%s, %s, %s);
UPDATE orders SET status = 'paid' WHERE id = :id;
INSERT INTO customers (id, email) VALUES (1, 'a') ON CONFLICT (email) DO UPDATE SET note = excluded.note;
COPY customers (id, email) FROM STDIN;
1	it's; not SQL
\\.
DECLARE c CURSOR FOR SELECT id, note FROM customers;
WITH gone AS (DELETE FROM orders WHERE status = 'gone' RETURNING id) SELECT count(*) FROM gone;
SELECT spent(id) FROM customers;
CALL tidy();
PREPARE p (numeric) AS UPDATE orders SET total = $1 WHERE id = 7;
SELECT count_them();
COPY orders (id, total) TO STDOUT;
"""
NAMES = (
    "select",
    "insert",
    "update",
    "upsert",
    "copy-in",
    "cursor",
    "cte",
    "function",
    "call",
    "prepared",
    "plpgsql",
    "copy-out",
)
GONE = 'relation "orders" does not exist'
NO_PHONE = "it gives no value for shop.customers.phone, which is NOT NULL and has no default"
NARROW = (
    "a value that character varying(10) does not hold would be refused for shop.customers.note, "
    "elsewhere character varying(50)"
)
DENIED = "permission denied for table orders"
BREAKS = {
    "renamed column": {
        "insert": ("refused", 'column "note" of relation "customers" does not exist'),
        "upsert": ("refused", "column excluded.note does not exist"),
        "cursor": ("refused", 'column "note" does not exist'),
    },
    "new NOT NULL": dict.fromkeys(("insert", "upsert", "copy-in"), ("refused", NO_PHONE)),
    "narrowed type": {
        "insert": ("in doubt", NARROW),
        "upsert": ("in doubt", NARROW),
        "prepared": (
            "in doubt",
            "a value that integer does not hold would be refused for shop.orders.total, elsewhere numeric(10,2)",
        ),
        "copy-out": ("in doubt", "it returns total as integer, not numeric"),
    },
    "dropped table": {
        **dict.fromkeys(("update", "cte", "function", "prepared", "copy-out"), ("refused", GONE)),
        "call": ("in doubt", "it calls shop.tidy(), whose body speaks of orders, which is gone or changed"),
        "plpgsql": ("in doubt", "it calls shop.count_them(), whose body speaks of orders, which is gone or changed"),
    },
    "changed enum": {"update": ("refused", 'invalid input value for enum status: "paid"')},
    "revoked grant": {
        **dict.fromkeys(("update", "cte", "prepared", "copy-out"), ("refused", DENIED)),
        "function": (
            "in doubt",
            f"it calls shop.spent(integer), whose body speaks of orders, on which {ROLE} has no SELECT",
        ),
        "call": ("refused", "permission denied for procedure tidy"),
        "plpgsql": (
            "in doubt",
            f"it calls shop.count_them(), whose body speaks of orders, on which {ROLE} has no SELECT",
        ),
    },
}


@pytest.mark.parametrize("migration", MIGRATIONS)
def test_a_migration_closes_just_the_doors_that_it_breaks(doors, migration):
    found = dict(zip(NAMES, doors(MIGRATIONS[migration], TWELVE), strict=True))

    assert {name: told(door.on_new) for name, door in found.items() if door.on_new.word != "works"} == BREAKS[migration]
    assert {door.on_old.word for door in found.values()} == {"works"}


NO_NEWS = {
    "SELEC 1": 'it is no SQL that PostgreSQL reads: syntax error at or near "SELEC"',
    "SELECT * FROM scratch": 'the old schema refuses it, so it says nothing of the migration: relation "scratch" does not exist; '
    "is it a temporary table? then put its CREATE TEMP TABLE before the statement",
    "SELECT pg_typeof($1)": "the type of a parameter cannot be told (could not determine data type of parameter $1): "
    "cast it, as $1::integer",
    "SELECT $1 + $2": "the type of a parameter cannot be told (operator is not unique: unknown + unknown): "
    "cast it, as $1::integer",
    "SELECT nothing FROM customers": "the old schema refuses it, so it says nothing of the migration: "
    'column "nothing" does not exist',
    "SELECT phone FROM customers": "the old schema refuses it, so it says nothing of the migration: "
    'column "phone" does not exist; the other schema takes it: is it the other application\'s?',
    "SELECT rolpassword FROM pg_authid": "its role may not, on the old schema either: permission denied for table pg_authid",
    "FETCH 3 FROM c": "it needs the cursor of its session; the statement that declares it is asked about",
    "BEGIN": "it only opens or ends a transaction",
    "VACUUM customers": "it is upkeep, and cannot be prepared",
    "DROP TABLE customers": "it changes the schema itself, and is not run",
    "DO $$ BEGIN PERFORM 1; END $$": "what a DO block does could only be told by running it",
    "EXECUTE unknown": "it needs a statement that its session has prepared, and what that is is not known",
}


def test_a_statement_that_says_nothing_of_the_migration_is_told_apart_and_why(doors):
    found = doors("ALTER TABLE shop.customers ADD phone text", ";\n".join(NO_NEWS))

    assert {door.statement.text: door.on_new.sentence for door in found} == NO_NEWS
    assert {(door.on_old.word, door.on_new.word) for door in found} == {("not asked", "not asked")}


def test_an_application_that_its_own_new_schema_refuses_is_broken(doors):
    found = doors(
        MIGRATIONS["renamed column"], "SELECT note FROM customers; SELECT remark FROM customers; SELEC 1", "new"
    )

    assert [(door.on_old.word, door.on_new.word) for door in found] == [
        ("works", "refused"),
        ("refused", "works"),
        ("not asked", "not asked"),
    ]


def test_a_role_that_is_not_there_is_named(doors):
    (door,) = doors("", "-- role: nobody_of_that_name\nSELECT 1")

    assert door.on_old.sentence == (
        'role "nobody_of_that_name" does not exist: name another with --application-role, or make it in the source'
    )


COUNTERS = """
SELECT (SELECT last_value FROM shop.called), (SELECT count(*) FROM shop.log),
  (SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions),
  (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables)
"""
TRAPS = """
CREATE SEQUENCE shop.called; CREATE TABLE shop.log (at timestamptz DEFAULT now(), id integer DEFAULT nextval('shop.called'));
CREATE FUNCTION shop.trap() RETURNS integer LANGUAGE plpgsql VOLATILE AS
  'BEGIN INSERT INTO shop.log DEFAULT VALUES; PERFORM nextval(''shop.called''); RETURN 1; END';
CREATE FUNCTION shop.lies() RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS
  'BEGIN RETURN nextval(''shop.called''); END';
CREATE FUNCTION shop.fires() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM shop.trap(); RETURN NULL; END';
CREATE TRIGGER fires AFTER INSERT OR UPDATE OR DELETE ON shop.log EXECUTE FUNCTION shop.fires();
CREATE PROCEDURE shop.sprung() LANGUAGE plpgsql AS 'BEGIN PERFORM shop.trap(); END';
"""
SPRUNG = """
SELECT shop.trap(); INSERT INTO shop.log DEFAULT VALUES; UPDATE shop.log SET id = shop.trap(); DELETE FROM shop.log;
SELECT nextval('shop.called'); SELECT shop.lies();
CALL shop.sprung(); DECLARE c CURSOR FOR SELECT shop.trap(); COPY shop.log FROM STDIN;
CREATE TEMP TABLE t AS SELECT shop.trap(); SELECT * FROM t; TRUNCATE shop.log; DO 'BEGIN PERFORM shop.trap(); END';
CREATE TEMP TABLE u AS /* ! */ SELECT shop.trap(); CREATE TEMP TABLE v AS ((SELECT shop.trap())); SELECT FROM u, v;
CREATE TEMP TABLE w AS SELECT shop.trap() -- or not
; SELECT * FROM w; EXPLAIN ANALYZE SELECT shop.trap(); CREATE TABLE shop.made (id integer); DROP TABLE shop.log; VACUUM shop.log;
WITH x AS (INSERT INTO shop.log DEFAULT VALUES RETURNING id) SELECT shop.trap() FROM x; COPY (SELECT shop.trap()) TO STDOUT
"""


def test_nothing_of_an_application_is_run(database, tmp_path):
    (tmp_path / "app.sql").write_text(SPRUNG)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SHOP.replace(ROLE, "CURRENT_USER") + TRAPS)
        connection.execute("ALTER DATABASE " + connection.info.dbname + " SET track_functions = 'all'")
        before = connection.execute(COUNTERS).fetchone()

        looks = looked(database, "", read_statements(["app.sql"], None, tmp_path).statements)

        connection.execute("SELECT pg_stat_clear_snapshot()")
        assert connection.execute(COUNTERS).fetchone() == before
        assert connection.execute("SELECT to_regclass('shop.made'), to_regclass('shop.log')").fetchone() == (
            None,
            "shop.log",
        )
    assert [each.refused for each in looks.looks if each.refused] == []


def test_a_search_path_is_no_way_to_run_a_second_statement(database, tmp_path):
    path = "public; COMMIT; CREATE TABLE public.made (); COMMIT"
    (tmp_path / "app.sql").write_text(f"SELECT set_config('search_path', '{path}', false); SELECT 1")

    (look,) = looked(database, "", read_statements(["app.sql"], None, tmp_path).statements).looks

    assert look.refused
    assert look.refused.message == "cannot insert multiple commands into a prepared statement"
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT to_regclass('public.made')").fetchone() == (None,)


HINDERING = {
    "statement_timeout": "1ms",
    "idle_in_transaction_session_timeout": "1ms",
    "client_encoding": "LATIN1",
    "default_transaction_read_only": "on",
}


@pytest.mark.parametrize("of", ["ROLE", "DATABASE"])
def test_no_setting_of_a_role_or_a_database_hinders_the_asking(database, of):
    role = fresh_name()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role}")
        try:
            for name, value in HINDERING.items():
                connection.execute(
                    f"ALTER {of} {role if of == 'ROLE' else connection.info.dbname} SET {name} = '{value}'"
                )
            (look,) = looked(database, role, [Statement("SELECT 'Ω'", "app.sql:1")]).looks
        finally:
            connection.execute(f"DROP ROLE {role}")

    assert (look.refused, look.nothing, look.unread) == (None, "", "")
