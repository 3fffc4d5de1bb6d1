"""A condition of a baseline is asked of a database only if it can do nothing there but look at a row."""

from fixtures.every import every
from rollproof.verdict.conditions import is_harmless


@every(
    ("condition", "harmless"),
    [
        ("(age > 0)", True),
        ("((kind)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", True),
        ("((length(a) > 2) AND (NOT (b IS NULL)))", True),
        ("(price = (price)::numeric(10,2))", True),
        ("(EXTRACT(year FROM born) > (1900)::numeric)", True),
        ("(a ~ 'lo_export(1)'::text)", True),
        ("(lo_export(4711, '/x'::text) > 0)", False),
        ("(\"lo_export\"(4711, '/x'::text) > 0)", False),
        ("(lo_export (4711, '/x'::text) > 0)", False),
        ("(pg_catalog.lo_export(4711, '/x'::text) > 0)", False),
        ("(public.f(a))", False),
        ("((a)::public.d > 0)", False),
        ("true) OR EXISTS (SELECT 1", False),
        ("(a IN (TABLE secrets))", False),
        ("true) UNION (VALUES (1)", False),
        ("(a > 0) -- b", False),
        ("(a > 0", False),
    ],
)
def test_a_condition_that_is_asked_only_looks_at_a_row(condition, harmless):
    assert is_harmless(condition) == harmless
