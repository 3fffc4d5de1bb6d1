"""What is the same but for its name is renamed; what only may be is left, and said."""

import json

from rollproof.model.compare import Difference, compare
from rollproof.repair.objects import Object
from rollproof.repair.plan import plan
from rollproof.repair.renaming.respelled import Renaming, renamed_facts
from rollproof.repair.sides import Side, Sides


def side(table, columns, **facets):
    """Return a side with one table and these columns, name → type."""
    facts = {
        "schemas": {"public": "schema"},
        "tables": {f"public.{table}": "table"},
        "columns": {f"public.{table}.{name}": kind for name, kind in columns.items()},
        "column_order": {f"public.{table}": ", ".join(columns)},
        "constraints": {},
        "indexes": {},
    }
    return Side(facts | facets, 150_000)


def planned(before, after):
    facets = ("tables", "columns", "column_order", "constraints", "indexes")
    differ = [each for facet in facets for each in compare(facet, before.facts(facet), after.facts(facet))]
    return plan(Sides(before, after), differ)


def statements(known):
    return [text for step in known.steps if not step.optional for text in step.statements]


def test_a_table_that_is_the_same_but_for_its_name_is_renamed():
    known = planned(side("users", {"id": "integer"}), side("users_old", {"id": "integer"}))

    assert statements(known) == ["ALTER TABLE public.users_old RENAME TO users;"]
    assert not known.unmended


def test_a_table_that_may_be_it_is_neither_dropped_nor_made_again_beside_its_rows():
    known = planned(side("users", {"id": "integer"}), side("users_old", {"id": "bigint"}))

    assert known.steps == ()
    assert (
        "rename that to public.users"
        in {each.difference.identity: each.reason for each in known.unmended}["public.users"]
    )


def test_a_table_goes_back_to_a_schema_whose_name_is_quoted_also_where_json_names_it():
    """Its path is escaped in JSON, and only there."""
    described = json.dumps({"sequence": '"part ö".t_seq', "table": '"part ö".t'}, ensure_ascii=False)
    before = {
        "tables": {'"part ö".t': "table"},
        "columns": {'"part ö".t.id': "int"},
        "sequences": {'"part ö".q': described},
    }
    after = {"tables": {"away.t": "table"}, "columns": {"away.t.id": "int"}}
    after["sequences"] = {'"part ö".q': described.replace('\\"part ö\\".t"', 'away.t"')}
    renaming = Renaming(Object("tables", "away.t"), Object("tables", '"part ö".t'))

    assert renamed_facts(after, [renaming]) == before


def test_a_column_between_others_is_renamed():
    known = planned(side("t", {"a": "text", "b": "text"}), side("t", {"z": "text", "b": "text"}))

    assert statements(known) == ["ALTER TABLE public.t RENAME COLUMN z TO a;"]


def test_a_last_column_may_be_another_one_so_it_is_added_and_the_other_one_kept():
    known = planned(side("t", {"a": "text", "b": "text"}), side("t", {"a": "text", "z": "text"}))

    assert statements(known) == ["ALTER TABLE public.t ADD COLUMN b text;"]
    assert not [step for step in known.steps if step.optional]
    assert known.unmended[0].difference == Difference("columns", "public.t.z", None, "text")
    assert "UPDATE public.t SET b = z;" in known.unmended[0].reason


def test_a_constraint_of_the_same_words_is_renamed():
    was, now = ({"constraints": {f"public.t.{name}": "CHECK ((a > 0))"}} for name in ("old", "fresh"))
    known = planned(side("t", {"a": "integer"}, **was), side("t", {"a": "integer"}, **now))

    assert statements(known) == ["ALTER TABLE public.t RENAME CONSTRAINT fresh TO old;"]
