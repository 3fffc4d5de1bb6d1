"""A repair plan: what is made, dropped, made again, in which order; and what cannot be."""

import json

import pytest

from fixtures.every import every
from rollproof.model.compare import Difference, compare
from rollproof.repair.excerpt import Excerpts
from rollproof.repair.objects import Object, is_attached, objects_of
from rollproof.repair.plan import plan
from rollproof.repair.planning.order import in_order
from rollproof.repair.recreate import recreate
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Step
from rollproof.repair.versions import too_new

V15 = 150_000


def side(views=(), column="integer", **facets):
    """Return a side with a table and these views, name → the view that it reads, or None for the table."""
    known = {
        f"public.{name}": f"view AS SELECT x.id\n   FROM public.{on or 't'} x;" for name, on in dict(views).items()
    }
    needs = {
        f"views public.{name}": f"{'views' if on else 'tables'} public.{on or 't'}" for name, on in dict(views).items()
    }
    facts = {
        "tables": {"public.t": "table"},
        "views": known,
        "columns": {f"{path}.id": column for path in known},
        "dependencies": {name: json.dumps({"needs": [each]}) for name, each in needs.items()},
    }
    return Side(facts | facets, V15)


def differences(sides):
    return [
        each
        for facet in ("tables", "views", "columns")
        for each in compare(facet, sides.before.facts(facet), sides.after.facts(facet))
    ]


def planned(before, after):
    sides = Sides(before, after)
    return plan(sides, differences(sides))


def told(steps):
    return [f"{step.verb} {step.of.identity.removeprefix('public.')}" for step in steps if not step.optional]


def test_what_is_missing_is_made_in_the_order_of_its_dependencies():
    made = planned(side({"a": "b", "b": "c", "c": None}), side())

    assert told(made.steps) == ["create c", "create b", "create a"]
    assert len(made.units) == 1


def test_what_stands_on_a_changed_view_goes_and_comes_back():
    was = side({"low": None, "middle": "low", "top": "middle"})
    now = side(
        {"low": "t2", "middle": "low", "top": "middle"}, "bigint", tables={"public.t": "table", "public.t2": "table"}
    )

    made = planned(was, now)

    away, back = told(made.steps)[:3], told(made.steps)[3:]
    assert away == ["drop top", "drop middle", "drop low"]
    assert [step for step in back if step.startswith("create")] == ["create low", "create middle", "create top"]
    assert {step.because for step in made.steps if step.of.identity == "public.top" and step.verb == "drop"} == {
        "it stands on views public.middle"
    }


def test_what_was_left_behind_is_a_comment_unless_it_stands_in_the_way():
    left = planned(side(), side({"new": None}))
    in_the_way = planned(
        side({"low": None}),
        side({"low": "t2", "new": "low"}, "bigint", tables={"public.t": "table", "public.t2": "table"}),
    )

    assert [(step.verb, bool(step.optional)) for step in left.steps] == [("drop", True)]
    assert "drop new" in told(in_the_way.steps)
    assert "create new" not in told(in_the_way.steps)


def test_what_needs_what_is_not_made_is_named_with_that():
    gone = Side({"tables": {}, "views": {}, "columns": {}}, V15)
    was = side({"a": None}, tables={"public.t": "what nobody knows how to make"})

    made = plan(Sides(was, gone), [Difference("views", "public.a", was.facts("views")["public.a"], None)])

    assert made.steps == ()
    assert [each.reason for each in made.unmended] == ["it needs tables public.t, which is not there and is not made"]


def test_a_circle_of_dependencies_ends_and_loses_nothing():
    made = planned(side({"a": "b", "b": "a"}), side())

    assert [each for each in sorted(told(made.steps)) if each.startswith("create")] == ["create a", "create b"]


def test_what_has_nothing_to_do_with_each_other_is_a_transaction_each_and_labels_come_first():
    sides = Sides(side(), side())
    one, other = (
        Step("alter", Object("types", "public.a"), ("1;",)),
        Step("alter", Object("types", "public.b"), ("2;",)),
    )
    label = Step("prepare", Object("types", "public.z"), ("0;",))

    assert in_order([other, one, label], sides).units == ((label,), (one,), (other,))


@pytest.mark.parametrize("of", [Object("languages", "spoken"), Object("foreign_servers", "far (server)")], ids=str)
def test_what_lies_in_no_schema_is_granted_by_another_as_well(of):
    step = Step("attributes", of, ("DO $rollproof$ BEGIN SET LOCAL ROLE b; GRANT …; RESET ROLE; END $rollproof$;",))

    assert in_order([step], Sides(side(), side())).units == ((step,),)


def test_an_excerpt_has_what_goes_and_comes_back_and_names_what_must_be_first():
    was = side({"low": None, "top": "low", "lost": "low"})
    now = side({"low": "t2", "top": "low"}, "bigint", tables={"public.t": "table", "public.t2": "table"})
    excerpts = Excerpts(planned(was, now))

    changed, lost = excerpts.of("views", "public.low"), excerpts.of("views", "public.lost")

    assert told(step for _, step in changed.steps) == ["drop top", "drop low", "create low", "create top"]
    assert [place for place, _ in changed.steps] == sorted(place for place, _ in changed.steps)
    assert told(step for _, step in lost.steps) == ["create lost"]
    assert [each.identity for each in lost.first] == ["public.low"]
    assert excerpts.of("views", "public.nobody").steps == ()


@every(
    ("facet", "identity", "objects"),
    [
        ("owners", "public.a (materialized view)", [("views", "public.a")]),
        ("privileges", "public.a.b (column) TO bob", [("columns", "public.a.b")]),
        ("comments", "public.a.c (table constraint)", [("constraints", "public.a.c")]),
        ("row_security", "public.a", [("tables", "public.a"), ("views", "public.a")]),
        ("sequence_positions", "public.s", [("sequences", "public.s")]),
        ("foreign_key_triggers", "public.a.k", [("constraints", "public.a.k")]),
        ("publications", "public.a IN PUBLICATION news", [("publications", "news")]),
    ],
)
def test_what_is_attached_tells_of_its_object(facet, identity, objects):
    assert list(objects_of(facet, identity)) == [Object(*each) for each in objects]
    assert is_attached(facet, identity)


@pytest.mark.parametrize("facet", ["tables", "columns", "settings", "roles"])
def test_an_object_tells_of_itself(facet):
    assert not is_attached(facet, "public.a")


@pytest.mark.parametrize(
    ("facet", "identity", "description", "since"),
    [
        ("indexes", "s.t.i", "CREATE UNIQUE INDEX i ON s.t USING btree (a) NULLS NOT DISTINCT", 15),
        ("views", "s.v", "view WITH (security_invoker=true) AS SELECT 1 AS one;", 15),
        ("constraints", "s.t.c", "CHECK ((a > 0)) NOT ENFORCED", 18),
        ("constraints", "s.t.f", "FOREIGN KEY (a) REFERENCES s.u(a) ON DELETE SET NULL (a)", 15),
        ("collations", "s.c", "PROVIDER builtin LOCALE 'C.UTF-8'", 17),
    ],
)
def test_what_an_older_server_cannot_make_is_not_tried(facet, identity, description, since):
    """A script is never refused by PostgreSQL; the same words in a string are no reason."""
    was = Side({facet: {identity: description}}, 180_000)
    quoted = Side({facet: {identity: f"CHECK ((a <> '{description}'))"}}, 180_000)

    def reason(before, major):
        return too_new([Object(facet, identity)], Sides(before, Side({}, major * 10_000)))

    assert f"PostgreSQL {since} brought" in reason(was, since - 1)
    assert [reason(was, since), reason(quoted, since - 1)] == ["", ""]


def test_a_schema_made_anew_names_the_tablespaces_that_it_lies_in():
    """They are the server's; that of another database is none of its business."""
    told = {"pg_default": "tablespace", "fast": "tablespace", "far": "tablespace (nothing in this database)"}

    plan, remarks = recreate(Side({"tablespaces": told}, V15))

    assert (plan.steps, remarks) == (
        (),
        ("tablespaces: fast: needed, unless the server has it: CREATE TABLESPACE fast LOCATION '…';",),
    )


def test_what_no_maker_undoes_or_refuses_is_named_all_the_same(monkeypatch):
    monkeypatch.setattr("rollproof.repair.plan.alter", lambda *_: Altered(()))
    was, now = side({"v": None}), side({"v": "t2"}, "bigint", tables={"public.t": "table", "public.t2": "table"})

    made = planned(was, now)

    named = {each.difference.identity: each.reason for each in made.unmended}
    assert made.steps == ()
    assert named.keys() >= {"public.v"}
    assert "rollproof made no statement for it" in named["public.v"]


@pytest.mark.parametrize(
    ("lost", "has_rows", "offered"), [(True, True, False), (True, False, True), (False, True, True)]
)
def test_a_table_with_rows_is_not_offered_for_drop_while_one_is_missing(lost, has_rows, offered):
    """They may be those of the missing one, under another name."""
    was = side(tables={"public.t": "table"} | ({"public.lost": "unlogged table"} if lost else {}))
    sides = Sides(was, side(tables={"public.t": "table", "public.new": "table"}), lambda _: has_rows)

    made = plan(sides, differences(sides))

    assert [step.of.identity for step in made.steps if step.verb == "drop"] == (["public.new"] if offered else [])
    assert any("under another name" in each.reason for each in made.unmended) is not offered
