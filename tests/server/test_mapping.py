"""Rows held against their copies through the key mapping, on a real server; and what types may change in a definition."""

import psycopg
import pytest

from rollproof.announced import announced
from rollproof.compare import Difference
from rollproof.configuration import Migration
from rollproof.losses import losses, modulo
from rollproof.mapping import Pair, fate, primary_keys
from rollproof.session import Limits, Target, View
from rollproof.sides import EVERYTHING, Recorded
from rollproof.snapshot import Origin, Snapshot

NAME = '"k""ey %s"'


@pytest.fixture
def ask(database):
    """Run SQL, then hold the table `live` against `copy`."""

    def ask(sql, was, now, key=(NAME,)):
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(sql)
        view = View(Target.parse(database), Limits())
        try:
            pair = Pair("public.live", "public.copy", {NAME: (was, now), "value": ("numeric", "numeric")}, key)
            found = view.ask(lambda connection: fate(connection, pair))
        finally:
            view.close()
        return found.missing, found.added, found.changed

    return ask


def filled(was, now, copied, live):
    return (
        f"CREATE TABLE copy ({NAME} {was}, value numeric); CREATE TABLE live ({NAME} {now}, value numeric);"
        f"INSERT INTO copy VALUES {copied}; INSERT INTO live VALUES {live}"
    )


A, B, C = (f"{letter * 8}-0000-4000-8000-00000000000{letter}" for letter in "abc")


@pytest.mark.parametrize(
    ("copied", "live", "found"),
    [
        (f"('{A.upper()}', 1), ('{B.replace('-', '')}', 1.0), ('{{{C}}}', 2)", f"('{A}', 1), ('{B}', 1.0), ('{C}', 2)", (0, 0, 0)),
        (f"('{A}', 1)", f"('{A}', 1.0)", (0, 0, 1)),
        (f"('{A}', 1), ('{B}', 1)", f"('{A}', 1), ('{C}', 1)", (1, 1, 0)),
        (f"('{A}', 1), (NULL, 1)", f"('{A}', 1), ('{A}', 1), (NULL, 1)", (0, 1, 0)),
        ("('no uuid', 1)", f"('{A}', 1)", (1, 1, 0)),
    ],
)  # fmt: skip
def test_a_key_that_became_uuid_is_found_again_by_its_digits(ask, copied, live, found):
    assert ask(filled("varchar(40)", "uuid", copied, live), "character varying(40)", "uuid") == found


def test_any_other_change_of_type_is_a_cast(ask):
    sql = filled("text", "bigint", "('007', 1), ('8', 2), ('9', 3)", "(7, 1), (8, 3)")

    assert ask(sql, "text", "bigint") == (1, 0, 1)


def test_without_a_key_equal_rows_are_counted(ask):
    sql = filled("text", "text", "('x', 1), ('x', 1), ('y', 1)", "('x', 1), ('y', 2)")

    assert ask(sql, "text", "text", key=()) == (2, 1, 0)


def test_a_primary_key_is_read_from_its_definition():
    origin = Origin("d", "1", 180000, "now", None, "0")
    constraints = {
        "public.a.a_pkey": 'PRIMARY KEY (id, "a, ""b)") INCLUDE (c)',
        "public.b.b_pkey": "PRIMARY KEY (id, valid WITHOUT OVERLAPS)",
        "public.c.c_key": "UNIQUE (id)",
    }

    found = primary_keys(Recorded(Snapshot(origin, {"constraints": constraints}), "x"))

    assert found == {"public.a": ("id", '"a, ""b)"')}


@pytest.mark.parametrize(
    ("was", "now", "same"),
    [
        ("character varying(36) NOT NULL DEFAULT (gen_random_uuid())::text", "uuid NOT NULL DEFAULT gen_random_uuid()", True),
        ("character varying(36) NOT NULL", "uuid", False),
        ("CHECK (((id)::text <> ''::text))", "CHECK ((id <> ''))", True),
        ("CHECK ((id <> 'a'))", "CHECK ((id <> 'b'))", False),
        ("FOREIGN KEY (a) REFERENCES b(c)", "FOREIGN KEY (a) REFERENCES b(c) NOT VALID", False),
        ("text", "citext", False),
        ("my_uuid", "my_character varying(36)", False),
    ],
)  # fmt: skip
def test_a_definition_may_change_by_the_migrated_types_and_casts_alone(was, now, same):
    plain = modulo({"character varying(36)", "uuid"})

    assert (plain(was) == plain(now)) is same


def test_without_a_migrated_type_nothing_is_forgiven():
    assert modulo(set())("(a)::text") == "(a)::text"


@pytest.mark.parametrize(
    ("facet", "was", "now", "lost"),
    [
        ("types", "ENUM ('a', 'b')", "ENUM ('a', 'it''s', 'b', 'c')", False),
        ("types", "ENUM ('a', 'b')", "ENUM ('b', 'a')", True),
        ("types", "ENUM ('a', 'b')", "ENUM ('a')", True),
        ("types", "DOMAIN text", "DOMAIN text NOT NULL", True),
        ("columns", "integer DEFAULT 1", "integer NOT NULL DEFAULT 1", False),
        ("columns", "integer DEFAULT 1", 'integer CONSTRAINT "a b" NOT NULL DEFAULT 1', False),
        ("columns", "integer DEFAULT 1", "integer NOT NULL DEFAULT 2", True),
        ("columns", "integer NOT NULL", "integer", True),
        ("columns", "integer", None, True),
    ],
)
def test_what_only_adds_is_no_loss(facet, was, now, lost):
    origin = Origin("d", "1", 180000, "now", None, "0")
    sides = (
        Recorded(Snapshot(origin, {facet: {"public.t.c": text} if text else {}, "tables": {"public.t": "table"}}), "x")
        for text in (was, now)
    )

    assert bool([*losses(facet, *sides, EVERYTHING, ())]) is lost


DROPS = ("public.users.nick", "public.old")
FACTS = {
    "indexes": {
        "public.users.a": "CREATE INDEX a ON public.users USING btree (lower(nick))",
        "public.users.b": "… (nickname)",
    },
    "constraints": {
        "public.t.f": "FOREIGN KEY (x) REFERENCES public.old(id)",
        "public.t.g": "FOREIGN KEY (x) REFERENCES public.users(nick)",
        "public.t.h": "FOREIGN KEY (x) REFERENCES public.old_one(id)",
        "public.t.i": "CHECK (nick > 0)",
    },
}


def test_what_stands_on_a_dropped_column_or_table_goes_along():
    origin = Origin("d", "1", 180000, "now", None, "0")
    facets = {key: {} for key in ("statistics", "triggers", "policies", "rules", "enforcement")} | FACTS
    found = announced(Recorded(Snapshot(origin, facets), "x"), Migration(drops=DROPS))

    assert found.gone - {*DROPS} == {"public.users.a", "public.t.f", "public.t.g"}
    assert found.covers("comments", Difference("comments", "public.users.nick (column)", "x", None))
    assert found.covers("columns", Difference("columns", "public.old.id", "x", None))
    assert not found.covers("columns", Difference("columns", "public.older.id", "x", None))
    assert not found.covers("columns", Difference("columns", "public.users.nick", "x", "y"))
