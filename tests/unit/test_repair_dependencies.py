"""Which object needs which: as recorded, and, of a baseline that has no dependencies, as definitions mention each other."""

import json

import msgspec
import pytest

from fixtures.every import every
from rollproof.repair.dependencies import Graph, needs_of
from rollproof.repair.objects import Object

FACTS = {
    "schemas": {"public": "schema"},
    "tables": {"public.t": "table", "public.u": "table", "public.part": "table", "public.far": "foreign table"},
    "partitions": {"public.part": "PARTITION OF public.t FOR VALUES IN (1)"},
    "foreign_tables": {"public.far": "SERVER away OPTIONS (name=x)"},
    "foreign_servers": {"away (server)": "FOREIGN DATA WRAPPER w"},
    "columns": {
        "public.t.id": "integer DEFAULT nextval('public.numbers'::regclass)",
        "public.t.mood": "public.mood",
        "public.part.id": "integer",
        "public.u.id": "bigint GENERATED ALWAYS AS IDENTITY",
        "public.v.id": "integer",
    },
    "sequences": {"public.numbers": "integer", "public.u_id_seq": "bigint IDENTITY OF public.u.id"},
    "types": {"public.mood": "ENUM ('sad')"},
    "views": {"public.v": "view AS SELECT t.id\n   FROM public.t WHERE (public.f(t.id) > 0);"},
    "functions": {"public.f(integer)": "CREATE OR REPLACE FUNCTION public.f(integer) …"},
    "constraints": {
        "public.t.key": "PRIMARY KEY (id)",
        "public.u.to_t": "FOREIGN KEY (id) REFERENCES public.t(id)",
        "public.t.positive": "CHECK ((id > 0))",
    },
    "indexes": {
        "public.t.key": "CREATE UNIQUE INDEX key ON public.t USING btree (id)",
        "public.t.positive": "CREATE INDEX positive ON public.t USING btree (mood)",
    },
}
OLD = Graph(FACTS)


@every(
    "each, needed",
    [
        ("columns public.t.id", "sequences public.numbers"),
        ("columns public.t.mood", "types public.mood"),
        ("columns public.t.mood", "tables public.t"),
        ("sequences public.u_id_seq", "columns public.u.id"),
        ("tables public.part", "tables public.t"),
        ("tables public.far", "foreign_servers away (server)"),
        ("tables public.t", "schemas public"),
        ("views public.v", "tables public.t"),
        ("views public.v", "functions public.f(integer)"),
        ("columns public.v.id", "views public.v"),
        ("constraints public.u.to_t", "constraints public.t.key"),
        ("indexes public.t.key", "constraints public.t.key"),
        ("columns public.part.id", "columns public.t.id"),
    ],
)
def test_what_an_old_baseline_lets_one_see(each, needed):
    assert Object.parse(needed) in OLD.needs(Object.parse(each))
    assert Object.parse(each) in OLD.dependents(Object.parse(needed))


def test_an_index_that_only_has_the_name_of_a_check_is_an_object_of_its_own():
    assert OLD.within(Object("indexes", "public.t.positive")) == frozenset()
    assert OLD.within(Object("indexes", "public.t.key")) == {Object("constraints", "public.t.key")}


def test_what_is_recorded_counts_and_mentions_do_not():
    told = {"views public.v": json.dumps({"needs": ["columns public.t.mood"]})}
    graph = Graph({**FACTS, "dependencies": told})

    assert Object("columns", "public.t.mood") in graph.needs(Object("views", "public.v"))
    assert Object("functions", "public.f(integer)") not in graph.needs(Object("views", "public.v"))


@pytest.mark.parametrize(
    "text", ["[]", '{"needs":["nothing public.t"]}', '{"needs":"tables public.t"}', "it is no JSON"]
)
def test_what_no_query_of_ours_wrote_is_refused(text):
    with pytest.raises(msgspec.DecodeError):
        needs_of(text)
