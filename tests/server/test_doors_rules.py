"""What is written is held against the rules of the other schema: constants, and parameters as far as a log tells them."""

import pytest

from fixtures.doors import MIGRATIONS, ROLE, told

CUSTOMER = "INSERT INTO customers (id, email, note) VALUES ($1, $2, $3)"
KEY = "FOREIGN KEY (id) REFERENCES shop.orders(id)"
BILLS = "shop.bills FOREIGN KEY (of) REFERENCES shop.orders(id)"
ORDER = "INSERT INTO orders (customer, total) VALUES ($1, $2)"
TRIGGER = """
CREATE FUNCTION shop.acts() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER acts BEFORE UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.acts()"""
FILLS = """
ALTER TABLE shop.orders ALTER status DROP DEFAULT;
CREATE FUNCTION shop.acts() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.{}; RETURN NEW; END';
CREATE TRIGGER acts BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.acts()"""
NO_STATUS = "it gives no value for shop.orders.status, which is NOT NULL and has no default"
UNLESS = "unless acts of shop.orders sees to it first; acts of shop.orders acts on it, as nothing does elsewhere"
DENIED = "permission denied for"
RULES = {
    "a constant NULL": (
        "ALTER TABLE shop.customers ALTER note SET NOT NULL",
        "UPDATE customers SET note = NULL",
        "refused: it writes NULL into shop.customers.note, which is NOT NULL",
    ),
    "a parameter that may be NULL": (
        "ALTER TABLE shop.customers ALTER note SET NOT NULL",
        CUSTOMER,
        "in doubt: a NULL for shop.customers.note would be refused",
    ),
    "a default that is gone": (
        "ALTER TABLE shop.orders ALTER status DROP DEFAULT",
        ORDER,
        f"refused: {NO_STATUS}",
    ),
    "a constant that keeps a check": (
        "ALTER TABLE shop.orders ADD CHECK (total > 0)",
        "INSERT INTO orders (total) VALUES (1.5)",
        "works",
    ),
    "a constant that breaks a check": (
        "ALTER TABLE shop.orders ADD CHECK (total > 0)",
        "INSERT INTO orders (total) VALUES (1), (0)",
        "refused: its values break CHECK ((total > (0)::numeric)) of shop.orders",
    ),
    "a parameter that may break a check": (
        "ALTER TABLE shop.orders ADD CHECK (total > 0)",
        ORDER,
        "in doubt: values that break CHECK ((total > (0)::numeric)) of shop.orders would be refused",
    ),
    "a check of another column": (
        "ALTER TABLE shop.orders ADD CHECK (total > 0)",
        "UPDATE orders SET customer = $1",
        "works",
    ),
    "a check that rows break, of another column": (
        "ALTER TABLE shop.orders ADD CHECK (total > 0) NOT VALID",
        "UPDATE orders SET customer = $1",
        "in doubt: values that break CHECK ((total > (0)::numeric)) of shop.orders would be refused",
    ),
    "a check that was renamed": (
        "ALTER TABLE shop.customers RENAME CONSTRAINT customers_email_key TO x",
        CUSTOMER,
        "works",
    ),
    "a unique column": (
        "ALTER TABLE shop.customers ADD UNIQUE (note)",
        CUSTOMER,
        "in doubt: a second row with the same note would be refused in shop.customers (UNIQUE (note))",
    ),
    "a unique column that stays NULL": (
        "ALTER TABLE shop.customers ADD UNIQUE (note)",
        "INSERT INTO customers (id, email) VALUES ($1, $2)",
        "works",
    ),
    "a unique index": (
        "CREATE UNIQUE INDEX ON shop.customers (lower(note))",
        CUSTOMER,
        "in doubt: a second row with the same note would be refused in shop.customers (UNIQUE btree (lower((note)::text)))",
    ),
    "an upsert whose index is gone": (
        "ALTER TABLE shop.customers DROP CONSTRAINT customers_email_key",
        "INSERT INTO customers (id, email) VALUES ($1, $2) ON CONFLICT (email) DO NOTHING",
        "refused: there is no unique or exclusion constraint matching the ON CONFLICT specification",
    ),
    "a foreign key": (
        "ALTER TABLE shop.customers ADD FOREIGN KEY (id) REFERENCES shop.orders",
        CUSTOMER,
        f"in doubt: a value of shop.customers.id that is not referred to would be refused ({KEY})",
    ),
    "a row that is referred to": (
        "CREATE TABLE shop.bills (of integer REFERENCES shop.orders)",
        "DELETE FROM orders WHERE id = $1",
        f"in doubt: a row of shop.orders that is referred to would be refused ({BILLS})",
    ),
    "rows that go with the one that they refer to": (
        "CREATE TABLE shop.bills (of integer REFERENCES shop.orders ON DELETE CASCADE)",
        "DELETE FROM orders WHERE id = $1",
        f"in doubt: a row of shop.orders takes with it the rows that refer to it ({BILLS} ON DELETE CASCADE)",
    ),
    "a partition that is gone": (
        "DROP TABLE shop.visits_2",
        "INSERT INTO visits VALUES ($1)",
        "in doubt: rows would be refused in shop.visits that belong to no partition: the partitions are others",
    ),
    "an event trigger that forbids changes of the schema": (
        """CREATE FUNCTION shop.no() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
        ALTER TABLE shop.customers ALTER note SET NOT NULL;
        CREATE EVENT TRIGGER no ON ddl_command_end EXECUTE FUNCTION shop.no(); ALTER EVENT TRIGGER no ENABLE ALWAYS;
        ALTER EVENT TRIGGER no DISABLE; CREATE EVENT TRIGGER no_more ON ddl_command_start EXECUTE FUNCTION shop.no();
        ALTER EVENT TRIGGER no ENABLE ALWAYS""",
        "UPDATE customers SET note = NULL",
        "refused: it writes NULL into shop.customers.note, which is NOT NULL",
    ),
    "a column with a blank in its name": (
        'ALTER TABLE shop.customers ADD "a b" text NOT NULL',
        "INSERT INTO customers (id, email) VALUES ($1, $2)",
        'refused: it gives no value for shop.customers."a b", which is NOT NULL and has no default',
    ),
    "a longer column": ("ALTER TABLE shop.customers ALTER note TYPE text", CUSTOMER, "works"),
    "a wider parameter": ("ALTER TABLE shop.orders ALTER customer TYPE bigint", ORDER, "works"),
    "another type of a parameter": (
        "ALTER TABLE shop.customers ALTER note TYPE uuid USING NULL",
        CUSTOMER,
        "in doubt: $3 is uuid, not character varying: a value that is none would be refused",
    ),
    "a constant of another type": (
        "ALTER TABLE shop.customers ALTER note TYPE uuid USING NULL",
        "INSERT INTO customers (id, email, note) VALUES (1, 'a', 'b')",
        'refused: invalid input syntax for type uuid: "b"',
    ),
    "a constant that is too long": (
        "ALTER TABLE shop.customers ALTER note TYPE varchar(3)",
        "INSERT INTO customers (id, email, note) VALUES ($1, $2, 'long')",
        "refused: value too long for type character varying(3)",
    ),
    "a label as a parameter": (
        MIGRATIONS["changed enum"],
        "SELECT FROM orders WHERE status = $1",
        "in doubt: $1 would be refused as 'paid', which shop.status has not",
    ),
    "a label more": ("ALTER TYPE shop.status ADD VALUE 'lost'", "UPDATE orders SET status = $1", "works"),
    "a result of another type": (
        "ALTER TABLE shop.orders ALTER customer TYPE bigint",
        "SELECT id, customer FROM orders",
        "in doubt: it returns customer as bigint, not integer",
    ),
    "a result of one column more": (
        "ALTER TABLE shop.customers ADD phone text",
        "SELECT * FROM customers",
        "in doubt: it also returns phone",
    ),
    "a COPY without columns": (
        "ALTER TABLE shop.customers ADD phone text",
        "COPY customers FROM STDIN",
        "refused: its data has 3 columns, and the table has 4",
    ),
    "an INSERT without columns": (
        "ALTER TABLE shop.customers RENAME note TO remark; ALTER TABLE shop.customers ADD phone text",
        "INSERT INTO customers VALUES ($1, $2, $3)",
        "works",
    ),
    "a trigger": (
        TRIGGER,
        "UPDATE orders SET total = $1",
        "in doubt: acts of shop.orders acts on it, as nothing does elsewhere",
    ),
    "a trigger that may fill what is left out": (
        FILLS.format("status = ''new''"),
        ORDER,
        f"in doubt: {NO_STATUS}, {UNLESS}",
    ),
    "a trigger that fills something else": (FILLS.format("total = 1"), ORDER, f"refused: {NO_STATUS}"),
    "a rule that leaves the table alone": (
        "ALTER TABLE shop.orders ALTER status DROP DEFAULT; CREATE RULE acts AS ON INSERT TO shop.orders DO INSTEAD NOTHING",
        ORDER,
        f"in doubt: {NO_STATUS}, {UNLESS}",
    ),
    "a sequence without a right": (
        "ALTER TABLE shop.orders ADD n serial",
        ORDER,
        f"refused: {DENIED} sequence shop.orders_n_seq",
    ),
    "an identity": ("ALTER TABLE shop.orders ADD n integer GENERATED ALWAYS AS IDENTITY", ORDER, "works"),
    "a right to truncate": (
        f"REVOKE TRUNCATE ON shop.orders FROM {ROLE}",
        "TRUNCATE orders",
        f"refused: {DENIED} table orders",
    ),
    "a truncated table that is referred to": (
        "CREATE TABLE shop.bills (of integer REFERENCES shop.orders)",
        "TRUNCATE TABLE orders RESTART IDENTITY",
        "refused: cannot truncate a table referenced in a foreign key constraint",
    ),
    "a trigger on something else": (TRIGGER, ORDER, "works"),
    "row security": (
        "ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY",
        "SELECT id FROM orders",
        "in doubt: row security hides rows of shop.orders, and refuses some",
    ),
    "a function that fails": (
        "ALTER TABLE shop.orders RENAME total TO amount",
        "SELECT spent($1)",
        'refused: column "total" does not exist',
    ),
    "a procedure that fails when it is run": (
        "ALTER TABLE shop.orders RENAME total TO amount",
        "CALL wipe($1)",
        'refused: it calls shop.wipe(numeric), whose body fails: column "total" does not exist',
    ),
    "a function that is another": (
        "CREATE OR REPLACE FUNCTION shop.spent(integer) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT 1.0'",
        "SELECT spent($1)",
        "in doubt: it calls shop.spent(integer), which is defined otherwise",
    ),
    "a view": (
        "ALTER TABLE shop.customers ADD phone text NOT NULL",
        "INSERT INTO emails (id, email) VALUES ($1, $2)",
        "refused: it gives no value for shop.customers.phone, which is NOT NULL and has no default",
    ),
    "a domain that is NOT NULL": ("", "INSERT INTO domains (name) VALUES ($1)", "works"),
    "a domain that is NOT NULL, forbidden": (
        f"REVOKE INSERT ON shop.domains FROM {ROLE}",
        "INSERT INTO domains (name) VALUES ($1)",
        "refused: permission denied for table domains",
    ),
    "a check of a domain": (
        "ALTER DOMAIN shop.must ADD CHECK (VALUE <> '')",
        "INSERT INTO domains (name) VALUES ('a'), ('')",
        "refused: its values break domain shop.must: CHECK ((VALUE <> ''::text)) of shop.domains",
    ),
    "a table that is locked": (
        "DROP TABLE shop.domains",
        "LOCK TABLE domains IN SHARE MODE",
        'refused: relation "domains" does not exist',
    ),
    "a temporary table": (
        "ALTER TABLE shop.customers RENAME note TO remark",
        "CREATE TEMP TABLE notes AS SELECT note FROM customers; INSERT INTO notes VALUES ('x')",
        'refused: column "note" does not exist',
    ),
    "a MERGE": (
        "ALTER TABLE shop.customers ALTER note SET NOT NULL",
        "MERGE INTO customers AS c USING orders AS o ON o.customer = c.id WHEN MATCHED THEN UPDATE SET note = NULL",
        "refused: it writes NULL into shop.customers.note, which is NOT NULL",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_is_written_is_held_against_the_rules_of_the_other_schema(doors, server, rule):
    if rule == "a MERGE" and server.version < 150000:
        pytest.skip("PostgreSQL has MERGE since 15")
    migration, statement, said = RULES[rule]

    door = doors(migration, statement)[0]

    assert ": ".join(filter(None, told(door.on_new))) == said
    assert door.on_old.word == "works"


LOG = "[1] LOG:  execute <unnamed>: {}\n[1] DETAIL:  Parameters: {}\n"
CALLED = {
    "NULL": (
        "ALTER TABLE shop.customers ALTER note SET NOT NULL",
        (CUSTOMER, "$1 = '1', $2 = 'a', $3 = NULL"),
        "refused: it writes NULL into shop.customers.note, which is NOT NULL",
    ),
    "another type": (
        "ALTER TABLE shop.customers ALTER note TYPE uuid USING NULL",
        (CUSTOMER, "$1 = '1', $2 = 'a', $3 = 'it''s none'"),
        "refused: $3 is uuid, which refuses a value that it was called with",
    ),
    "a label": (
        MIGRATIONS["changed enum"],
        ("SELECT FROM orders WHERE status = $1", "$1 = 'paid'"),
        "refused: $1 is shop.status, which refuses a value that it was called with",
    ),
    "a check": (
        "ALTER TABLE shop.orders ADD CHECK (total > 0)",
        (ORDER, "$1 = NULL, $2 = '-1.5'"),
        "refused: its values break CHECK ((total > (0)::numeric)) of shop.orders",
    ),
    "nothing": (
        "ALTER TABLE shop.orders ADD CHECK (total > 0)",
        (ORDER, "$1 = NULL, $2 = '1.5'"),
        "in doubt: values that break CHECK ((total > (0)::numeric)) of shop.orders would be refused",
    ),
}


@pytest.mark.parametrize("broken", CALLED)
def test_parameters_that_a_log_tells_are_held_against_the_other_schema(doors, broken):
    migration, call, said = CALLED[broken]

    (door,) = doors(migration, LOG.format(*call), where="log:app.sql")

    assert ": ".join(filter(None, told(door.on_new))) == said
