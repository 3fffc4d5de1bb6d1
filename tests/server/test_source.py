"""What a rehearsal is tried on is as its source is, whatever kind of source that is; and what is left out is said."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fixtures.hostile_names import hostile
from fixtures.source_copies import differences, dumped, only_read
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.throwaway.servers import binaries
from rollproof.throwaway.servers.provide import of_major, provide
from rollproof.throwaway.servers.server import fresh_name
from rollproof.throwaway.source.build import built
from rollproof.throwaway.source.built import How
from rollproof.throwaway.source.where import Source

ROOT = Path(__file__).parents[2]
SHOP = (ROOT / "scenarios" / "cases" / "shop.sql", ROOT / "tests" / "data" / "source" / "oddities.sql")
TANGLED = ROOT / "tests" / "data" / "source" / "tangled.sql"


OF_THE_SERVER = (
    "CREATE ROLE plain",
    "SET allow_in_place_tablespaces = on",
    "CREATE TABLESPACE fast OWNER plain LOCATION ''",
    "CREATE DATABASE shop",
    "CREATE DATABASE tangled ENCODING 'LATIN1' TEMPLATE template0",
)


@pytest.fixture(scope="module")
def original(server):
    """A server of the major of the usual one, with what is copied on it."""
    running = provide(f"local:{server.bindir}" if server.bindir else of_major("auto", server.version // 10_000))
    with psycopg.connect(running.dsn("postgres"), autocommit=True) as admin:
        for statement in OF_THE_SERVER:
            admin.execute(statement)
    for name, scripts in (("shop", SHOP), ("tangled", [TANGLED])):
        with psycopg.connect(running.dsn(name), autocommit=True) as connection:
            for script in scripts:
                connection.execute(script.read_text("utf-8"))
    yield running
    running.stop()


@pytest.fixture
def target(server):
    """The usual server, to build sources on; afterwards nothing of them is left, no role either."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        before = admin.execute(ROLES).fetchall()
        yield server
        for name in MADE:
            server.drop(name)
        MADE.clear()
        for (place,) in admin.execute("SELECT spcname FROM pg_tablespace WHERE oid > 16383").fetchall():
            admin.execute(f"DROP TABLESPACE {place}")
        for (role,) in set(admin.execute(ROLES).fetchall()) - set(before):
            admin.execute(f"DROP ROLE {role}")


ROLES = "SELECT oid::regrole::text FROM pg_roles"
MADE = []  # databases


def make(source, target, **how):
    name = fresh_name()
    MADE.append(name)
    return built(Source.parse(str(source)), target, name, How(**how)), target.dsn(name)


WEIRD = '"we""ird \n role"'
# What the forms lack that a running database has: nothing of the server's but names, and what pg_dump does not tell.
NEVER_DUMPED = {
    ("indexes", "public.parcels.broken"),
    ("foreign_key_triggers", "public.scans.scans_order_id_part_fkey"),
    ("settings", "search_path FOR ROLE plain"),
    ("owners", "fast (tablespace)"),
    ("roles", "great"),
    ("roles", WEIRD),
    ("roles", f"{WEIRD} IN plain"),
}
LACKING = {
    "database": set(),
    **dict.fromkeys(("custom", "tar"), NEVER_DUMPED),
    "plain": NEVER_DUMPED
    | {
        ("comments", "this (database)"),
        ("privileges", "this (database) TO PUBLIC"),
        ("privileges", "this (database) TO plain"),
        ("settings", "work_mem FOR DATABASE"),
        ("settings", "work_mem FOR ROLE plain IN DATABASE"),
    },
}


@pytest.mark.promise
@pytest.mark.parametrize("form", LACKING)
def test_it_is_as_its_source_is(form, original, target, tmp_path):
    url = original.dsn("shop")

    with only_read(url):
        made, copy = make(url if form == "database" else dumped(url, form, tmp_path / "dump"), target)
    found, same_rows = differences(copy, url)

    assert made.left_out == ()
    assert set(found) == LACKING[form]
    assert same_rows
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT lo_get(4711)").fetchone() == (b"abc",)


PARTLY = {
    f'"a.b".{name}' for name in ("big_1", "big_2", "dark", "egg", "hen", "owned", "part_0", "part_1", "price", "sold")
}


@pytest.mark.promise
def test_a_sample_keeps_every_foreign_key_whole_and_says_what_it_left_out(original, target):
    url = original.dsn("tangled")

    with only_read(url):
        made, copy = make(url, target, sample=5)
    found, _ = differences(copy, url)

    assert found == {}  # among it that every key is valid, and where sequences stand
    said = dict(each.split(": ", 1) for each in made.left_out)
    assert said.keys() == PARTLY
    assert said['"a.b".egg'] == "only 10 of about 99 rows"
    assert said['"a.b".owned'] == "only 5 of its rows, which nobody has counted"  # that might run code of the owner's
    with psycopg.connect(copy) as connection:
        counts = connection.execute('SELECT (SELECT count(*) FROM "a.b".chain), n FROM "a.b".second').fetchone()
    assert counts == (300, 5)  # the whole of a chain; the view tells of the rows that are there


WORD = "open sesame"


@pytest.fixture
def limited(original):
    """The address of the shop for a role that may only log in."""
    with psycopg.connect(original.dsn("shop"), autocommit=True) as admin:
        admin.execute(f"CREATE ROLE visitor LOGIN PASSWORD '{WORD}'; GRANT CONNECT ON DATABASE shop TO visitor")
        yield make_conninfo(original.dsn("shop"), user="visitor", password=WORD)
        admin.execute("DROP OWNED BY visitor; DROP ROLE visitor")


def test_who_may_not_read_is_told_so_once(original, limited, target):
    with pytest.raises(Inconclusive) as told:
        make(limited, target)

    assert "the source cannot be copied: query failed: ERROR:  permission denied" in str(told.value)
    assert "either GRANT pg_read_all_data TO visitor, or dump it as its owner" in str(told.value)
    assert WORD not in str(told.value)

    with psycopg.connect(original.dsn("shop"), autocommit=True) as admin:
        admin.execute("GRANT pg_read_all_data TO visitor; ALTER ROLE visitor BYPASSRLS")
    made, _ = make(limited, target)
    closed = "large objects: none of 1, for visitor may not read 1 of them (their owner and a superuser may)"
    assert made.left_out == (closed,)


def test_a_dump_that_ends_early_is_no_source(original, target, tmp_path):
    """A part of it without its end: what the other parts held is not taken for all."""
    dump = dumped(original.dsn("shop"), "directory", tmp_path / "dump")
    part = max(dump.glob("[0-9]*.dat.gz"), key=lambda each: each.stat().st_size)
    part.write_bytes(part.read_bytes()[: part.stat().st_size // 2])

    with pytest.raises(Inconclusive, match=r"the source could not be restored on .*could not"):
        make(dump, target)


SCRIPT = """\\set name t
CREATE TABLE :name (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 30);
ALTER TABLE t OWNER TO "The app";
CREATE ROLE own; GRANT SELECT ON t TO own;
\\ir more.sql
"""


def test_an_sql_file_is_played_with_the_roles_that_it_takes_for_granted(target, tmp_path):
    (tmp_path / "schema.sql").write_text(SCRIPT)
    (tmp_path / "more.sql").write_text("CREATE TABLE more (id int REFERENCES t); INSERT INTO more VALUES (29), (30);")

    made, copy = make(tmp_path / "schema.sql", target, sample=1)

    assert made.left_out == ("public.more: only 1 of about 2 rows", "public.t: only 2 of about 30 rows")
    assert made.notes == ("the roles that the file takes for granted were made: The app",)
    with psycopg.connect(copy) as connection:
        owner = connection.execute("SELECT tableowner FROM pg_tables WHERE tablename = 't'").fetchone()
    assert owner == ("The app",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT 1;\nSELECT no;\n", 'line 2 of .*schema.sql was refused: column "no" does not exist'),
        ("CREATE DATABASE rollproof_mine;\n\\c rollproof_mine\nCREATE TABLE t ();", "a database of its own"),
        ("\0", "is no text, so it is no SQL file"),
        ("", "is empty, so it is no SQL file"),
    ],
)
def test_what_is_no_source_is_told(text, said, target, tmp_path):
    (tmp_path / "schema.sql").write_text(text)
    MADE.append("rollproof_mine")

    with pytest.raises((Misuse, Inconclusive), match=said):
        make(tmp_path / "schema.sql", target)


def test_a_command_fills_the_database_of_this_name(target):
    def run(command, database):
        with psycopg.connect(target.dsn(database)) as connection:
            connection.execute(command)
        return "" if "t" in command else "it failed"

    command = "command:CREATE TABLE t AS SELECT generate_series(1, 9) -- --password "
    made, _ = make(f"{command}hunter2", target, run=run, schema_only=True)
    assert made.source == f"{command}***"
    assert made.left_out == ("public.t: none of about 9 rows",)
    with pytest.raises(Inconclusive, match="the source could not be made: it failed"):
        make("command:SELECT 1", target, run=lambda *_: "it failed")


OF_ONE_SERVER = {  # pg_dump does not tell who handles a language; nothing on a copy reaches another server
    'language "again" does not exist',
    'language "spoken" does not exist',
    "1 subscription, so that nothing reaches another server",
    "2 user mappings, so that nothing reaches another server",
}


# Of a table's row type, and of the functions that come with a range, pg_dump does not tell owner, grants and comment.
UNKNOWN_TO_PG_DUMP = ("again", "spoken", "hall.main (type)", "hall.reach(", "(user mapping)")


def test_every_kind_of_object_is_copied(server, museum, target):
    made, copy = make(server.dsn(museum), target)

    found, same_rows = differences(copy, server.dsn(museum))

    assert {each for each in made.left_out if "extension" not in each} == OF_ONE_SERVER
    assert {each for each in found if not any(name in f"{each[1]} " for name in (*UNKNOWN_TO_PG_DUMP, museum))} == set()
    assert same_rows


def test_names_that_hold_whatever_can_do_harm(original, target, tmp_path):
    with hostile(original) as (url, _):
        for source in (url, dumped(url, "plain", tmp_path / "dump")):
            made, copy = make(source, target)

            assert made.left_out == ()
            assert {each for each in differences(copy, url)[0] if each[0] != "roles"} == set()  # those of the shop, too


def test_a_server_that_others_use_gets_no_roles(original, target):
    """The same server, by its URL: whatever belongs to all of it stays as it is."""
    belonging = (
        "SELECT array_agg(r.rolname::text || coalesce(r.rolconfig::text, '') ORDER BY r.rolname) FROM pg_roles AS r"
    )
    others, name = provide(target.dsn("postgres")), fresh_name()
    with psycopg.connect(target.dsn("postgres"), autocommit=True) as admin:
        admin.execute("CREATE ROLE plain")
        before = admin.execute(belonging).fetchone()
        made = built(Source.parse(original.dsn("shop")), others, name, How())
        assert admin.execute(belonging).fetchone() == before
        others.stop()
        admin.execute("DROP ROLE plain")

    assert made.left_out[0].startswith('2 roles (great, "we""ird ')
    assert ["default_tablespace" in each for each in made.left_out[1:]] == [True]


def test_an_older_server_is_refused_and_a_newer_one_named(target):
    """One run each way, between the usual server and one of another major, if there is one."""
    other = next(
        (each for each in binaries.everywhere() if binaries.major_of(each) not in (None, target.version // 10_000)),
        None,
    )
    if other is None:
        pytest.skip("there is no server of another major here")
    running = provide(f"local:{other.bindir}")
    older, newer = sorted((running, target), key=lambda each: each.version)
    try:
        older.create("rollproof_older")
        newer.create("rollproof_newer")
        with pytest.raises(Inconclusive, match=r"the source is PostgreSQL .* is older: nothing can be copied to it"):
            built(Source.parse(newer.dsn("rollproof_newer")), older, "rollproof_copy", How())
        made = built(Source.parse(older.dsn("rollproof_older")), newer, "rollproof_copy", How())
        assert "the source is PostgreSQL" in made.notes[0]
    finally:
        running.stop()
        MADE.extend(["rollproof_copy", "rollproof_newer", "rollproof_older"])
