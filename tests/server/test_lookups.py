"""Look-ups by keys are planned on a real server, of the suite's major and of another."""

import psycopg
import pytest

from fixtures.readers import execute, reader
from rollproof.model.query_plan import QueryPlan
from rollproof.probes.queries.keys import LEAVES, Key
from rollproof.probes.queries.lookups import chosen, kept, plans_of, recorded
from rollproof.settings.sections import Lookups
from rollproof.throwaway.servers.server import fresh_name

CANARY = "nobody-may-see-this@example.org"
GROUND = f"""
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN word AS varchar(50);
CREATE TABLE users (id uuid PRIMARY KEY, email word NOT NULL UNIQUE, boss uuid REFERENCES users (id), mood mood UNIQUE DEFERRABLE);
CREATE TABLE "Ta.ble" ("Col %" int, "b""c" text, up int GENERATED ALWAYS AS (0) STORED, PRIMARY KEY ("Col %", "b""c"));
CREATE UNIQUE INDEX ON "Ta.ble" (lower("b""c"));
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);
CREATE TABLE parts (id int PRIMARY KEY, user_id uuid REFERENCES users (id)) PARTITION BY HASH (id);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE empty (id int PRIMARY KEY);
CREATE TABLE keyless (id int);
CREATE FUNCTION own(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE TABLE indexed (id int PRIMARY KEY);
CREATE INDEX ON indexed (id) WHERE own(1) = 1;
CREATE TABLE locked (id int PRIMARY KEY);
CREATE SCHEMA more;
CREATE EXTENSION citext SCHEMA more;
CREATE TABLE nocase (id more.citext PRIMARY KEY);
INSERT INTO nocase SELECT 'x' || n FROM generate_series(1, 5000) AS n;
INSERT INTO users SELECT md5(n::text)::uuid, CASE n WHEN 1 THEN '{CANARY}' ELSE 'u' || n END FROM generate_series(1, 5000) AS n;
INSERT INTO "Ta.ble" SELECT n, 'x' || n FROM generate_series(1, 5000) AS n;
INSERT INTO parent SELECT generate_series(1, 5000);
INSERT INTO child SELECT generate_series(1, 5000);
INSERT INTO parts SELECT n, md5('1')::uuid FROM generate_series(1, 5000) AS n;
INSERT INTO indexed SELECT generate_series(1, 5000);
INSERT INTO locked SELECT generate_series(1, 5000);
ANALYZE;
"""
FOUND = {
    "public.users (id)": "Index Scan by users_pkey",
    "public.users (email)": "Index Scan by users_email_key",
    "public.users (boss)": "Seq Scan",
    "public.users (mood)": "Index Scan by users_mood_key",
    'public."Ta.ble" ("Col %", "b""c")': "Index Scan by Ta.ble_pkey",
    "public.parent (id)": "Index Scan by parent_pkey",
    "public.child (id)": "Index Scan by child_pkey",
    "public.parts (id)": "Append, Index Scan by parts_0_pkey, Index Scan by parts_1_pkey",
    "public.parts (user_id)": "Append, Seq Scan",
    "public.locked (id)": "Index Scan by locked_pkey",
    "public.nocase (id)": "Index Scan by nocase_pkey",
}
ALL = Lookups(rows=1)


@pytest.fixture(scope="module", params=["server", "other_major"])
def ground(request):
    """A database with keys of many kinds, as a URL."""
    server, name = request.getfixturevalue(request.param), fresh_name()
    server.create(name)
    execute(server.dsn(name), GROUND)
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture
def view(ground):
    with reader(ground, lock_timeout=0.2, statement_timeout=20) as view:
        yield view


def planned(view, *, analyze=False):
    keys, _ = chosen(view, ["public"], ALL)
    return plans_of(view, keys, analyze=analyze)


def test_each_key_of_a_table_with_rows_is_looked_up(view):
    found, unknown = planned(view)

    assert {str(key): each.plan.brief for key, each in found.items()} == FOUND
    assert {str(key): each.has_index for key, each in found.items() if not each.has_index} == {
        "public.users (boss)": False,
        "public.parts (user_id)": False,
    }
    assert [str(key) for key in unknown] == ["public.indexed (id)"]
    assert "own(integer)" in next(iter(unknown.values()))


@pytest.mark.promise
def test_what_is_kept_is_read_again_and_holds_no_value(view):
    found, unknown = planned(view, analyze=True)
    facts = recorded(found, unknown)
    again, why = kept(facts)

    assert {key: each.plan for key, each in again.items()} == {key: each.plan for key, each in found.items()}
    assert why == unknown
    assert CANARY not in "".join([*facts, *facts.values()])


def test_they_run_if_that_is_asked_for_and_only_where_no_users_function_would(view):
    found, _ = planned(view, analyze=True)
    plan = found[Key("public.users", ("id",))].plan

    assert plan.milliseconds is not None
    assert 1 <= plan.pages <= 10
    assert [str(key) for key, each in found.items() if each.plan.milliseconds is None] == ["public.nocase (id)"]
    assert all(each.plan.milliseconds is None for each in planned(view)[0].values())


def test_a_locked_table_hides_no_other_and_one_that_is_gone_is_passed_over(ground):
    with psycopg.connect(ground) as other:
        other.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE")
        wanted = [Key("public.locked", ("id",)), Key("public.child", ("id",)), Key("public.gone", ("id",))]
        with reader(ground, lock_timeout=0.1) as view:
            found, unknown = plans_of(view, wanted)
        other.rollback()

    assert [str(key) for key in found] == ["public.child (id)"]
    assert [str(key) for key in unknown] == ["public.locked (id)"]
    assert "lock" in unknown[wanted[0]]


def test_the_largest_tables_are_taken_and_what_is_known_of_rows_counts(view):
    def tables(wanted, rows=None):
        return {key.table for key in chosen(view, ["public"], wanted, rows)[0]}

    assert tables(Lookups(rows=5001)) == set()
    assert tables(Lookups(tables=0)) == set()
    assert tables(Lookups(tables=1, rows=1), {"public.child": 9000}) == {"public.child"}
    assert tables(ALL, {"public.users": 0, "public.child": 7}) == {"public.child", "public.parts"}
    assert "public.empty" not in tables(ALL)
    assert tables(Lookups(rows=9000), {"public.parts_0": 5000, "public.parts_1": 4000}) == {"public.parts"}


def test_a_role_that_may_not_read_a_table_is_told_of_it(ground):
    role = fresh_name()
    execute(ground, f"CREATE ROLE {role} LOGIN PASSWORD 'x'", f"ALTER ROLE {role} SET enable_seqscan = off",
            f"GRANT SELECT ON users TO {role}")  # fmt: skip
    try:
        parts = psycopg.conninfo.conninfo_to_dict(ground) | {"user": role, "password": "x"}
        with reader(psycopg.conninfo.make_conninfo(**parts)) as view:
            found, unknown = plans_of(view, [Key("public.users", ("boss",)), Key("public.child", ("id",))])
    finally:
        execute(ground, f"DROP OWNED BY {role}", f"DROP ROLE {role}")

    ((_, each),) = found.items()
    assert each.plan.settings == {"enable_seqscan": "off"}
    assert "permission denied" in next(iter(unknown.values()))


def test_a_table_of_many_partitions_is_left_out_and_one_that_nobody_analysed_is_measured(new_database, server):
    url = server.dsn(new_database())
    parts = "; ".join(f"CREATE TABLE p{n} PARTITION OF p FOR VALUES FROM ({n}) TO ({n + 1})" for n in range(LEAVES + 1))
    execute(url, f"CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id); {parts}; "
                 f"INSERT INTO p SELECT generate_series(0, {LEAVES}); ANALYZE p",
            "CREATE TABLE new (id int PRIMARY KEY)", "INSERT INTO new SELECT generate_series(1, 20000)")  # fmt: skip
    with reader(url) as view:
        keys, left_out = chosen(view, ["public"], Lookups(rows=LEAVES))
        none, _ = chosen(view, ["public"], Lookups(rows=LEAVES), {})

    assert list(map(str, keys)) == ["public.new (id)"]
    assert {str(key): why for key, why in left_out.items()} == {"public.p (id)": "it has more than 50 partitions"}
    assert none == ()  # whoever counted the rows goes by that


def test_a_plan_is_the_same_whatever_row_comes_first(new_database, server):
    """The value is not the planner's: a rollback that writes the rows in another order is no alarm."""
    url = server.dsn(new_database())
    execute(url, "CREATE TABLE t (id int PRIMARY KEY, kind int)",
            "INSERT INTO t SELECT n, CASE WHEN n < 100 THEN n ELSE 0 END FROM generate_series(1, 20000) AS n",
            "CREATE INDEX ON t (kind)", "ANALYZE t")  # fmt: skip
    key = Key("public.t", ("kind",))

    def plan():
        with reader(url) as view:
            return plans_of(view, [key])[0][key].plan

    was = plan()
    execute(url, "CREATE TABLE u AS SELECT * FROM t ORDER BY id DESC", "TRUNCATE t", "INSERT INTO t SELECT * FROM u",
            "ANALYZE t")  # fmt: skip

    assert isinstance(was, QueryPlan)
    assert plan().shape == was.shape
