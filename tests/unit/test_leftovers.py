"""What belongs to an object that was left behind, and what only sounds alike."""

import datetime

import pytest

from rollproof.model.compare import Difference, compare
from rollproof.verdict.waivers import Waiver, Waivers, belongs

TODAY = datetime.date(2026, 11, 24)


@pytest.mark.parametrize(
    ("left", "facet", "identity"),
    [
        ("public.x (table)", "tables", "public.xy"),
        ("public.x (table)", "columns", "public.xy.id"),
        ("public.t.x (column)", "indexes", "public.t.x"),
        ("public.t.x (column)", "comments", "public.t.x (trigger)"),
        ("x (role)", "schemas", "x"),
        ("x (schema)", "roles", "x IN y"),
        ("x (role)", "privileges", "public.x (table) TO OWNER"),
        ("public.f(integer) (function)", "functions", "public.f(text)"),
    ],
)
def test_what_only_sounds_alike_does_not_belong(left, facet, identity):
    assert not belongs(left, Difference(facet, identity, None, "new"))


def test_what_was_there_before_or_is_missing_came_with_no_leftover():
    accepted = Waivers([Waiver("leftovers", "public.x (table)", "kept", TODAY)], TODAY)
    changed = compare("columns", {"public.x.id": "text", "public.x.gone": "text"}, {"public.x.id": "uuid"})

    assert accepted.accept(changed) == changed
