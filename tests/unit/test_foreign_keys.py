"""The anti-join of a foreign key: rows that refer to nothing, by the key's own columns and operators."""

from rollproof.probes.foreign_keys import Relationship, _orphans, query, relationships
from rollproof.settings.sections import ForeignKey


def test_the_anti_join_of_a_composite_key_judges_only_rows_whose_key_is_whole():
    key = Relationship("public.scans", ("order_id", "part"), "public.parcels", ("id", "no"), parent_only=False)

    assert query(key) == (
        "FROM ONLY public.scans AS c WHERE c.order_id IS NOT NULL AND c.part IS NOT NULL AND NOT EXISTS "
        "(SELECT FROM public.parcels AS p WHERE p.id OPERATOR(pg_catalog.=) c.order_id AND p.no OPERATOR(pg_catalog.=) c.part)"
    )


def test_the_anti_join_of_match_full_finds_half_empty_keys_too():
    key = Relationship("public.c", ("a", "b"), "public.p", ("x", "y"), match="full")

    simple, _, half = query(key).partition(" OR (")
    assert simple.startswith("FROM ONLY public.c AS c WHERE (c.a IS NOT NULL AND c.b IS NOT NULL AND NOT EXISTS (")
    assert half == "(c.a IS NOT NULL OR c.b IS NOT NULL) AND NOT (c.a IS NOT NULL AND c.b IS NOT NULL))"


def test_the_anti_join_compares_with_the_keys_own_operators():
    key = Relationship("public.c", ("a",), "public.p", ("x",), equality=("OPERATOR(public.==)",))

    assert "p.x OPERATOR(public.==) c.a" in query(key)


def test_a_key_that_is_gone_is_still_asked_about_and_a_configured_one_too():
    recorded = '{"table": "public.c", "columns": ["a"], "references": "public.p", "referenced_columns": ["x"]}'
    configured = ForeignKey("public.c", ("b",), "public.p", ("x",))

    found = relationships([{"public.c.c_a_fkey": recorded}, {}], [configured])

    assert found["public.c.c_a_fkey"].columns == ("a",)
    assert "ONLY" not in query(found["public.c (b)"])


def test_a_key_without_a_parent_is_named_once():
    key = Relationship("public.a", ("b",), "public.c", ("id",))

    assert _orphans("public.a.k", key, 6, ["77", "77", "78"]).actual == "6 rows without a parent row: 77, 78, …"
