"""The table of facets: a row for every SQL file and no row without, and each row can be used."""

import re
import string

from fixtures.every import every
from rollproof.catalog.queries import SQL
from rollproof.model.compare import Difference
from rollproof.model.facets import facets, facets_where, traits
from rollproof.model.no_loss import RULES, no_loss

RECORDED = {
    "plans",
    "plan_costs",
    "lookups",
    "query_results",
    "endpoint_answers",
    "endpoint_seconds",
    "endpoint_values",
}
NOT_ASKED_BY_SQL = {"pg_dump", "rows", "content", *RECORDED}
PLACEHOLDERS = {"name", "last", "table", "schema", "statistics_schema", "role", "server", "raw"}


def test_every_sql_file_has_a_row_and_no_row_is_without_a_file():
    assert facets().keys() == {path.stem for path in SQL.glob("*.sql")} | NOT_ASKED_BY_SQL


@every("name", sorted(facets()))
def test_a_row_names_rules_and_placeholders_that_there_are(name):
    row = traits(name)
    assert {row.harmless, row.harmless_if_old, row.gain} - {""} <= RULES.keys()
    for kind in row.kinds:
        assert {field for _, field, *_ in string.Formatter().parse(kind.drop) if field} <= PLACEHOLDERS
        re.compile(kind.described), re.compile(kind.brings)


def test_a_kind_is_told_apart_from_the_others_of_its_facet():
    """Of several kinds only the last one may fit whatever it is given; else those behind it are never found."""
    for name, row in facets().items():
        open_ = [kind.kind for kind in row.kinds if not kind.described and not kind.in_identity]
        assert open_ in ([], [kind.kind for kind in row.kinds[-1:]]), name


def test_kinds_have_one_facet_each():
    """Waivers name a kind; all schemas and those that are looked at are the one exception."""
    kinds = [kind.kind for row in facets().values() for kind in row.kinds]
    assert sorted({kind for kind in kinds if kinds.count(kind) > 1}) == ["schema"]


def test_what_no_row_names_is_so_by_default():
    """Checks that are no facets ask, too."""
    assert traits("leftovers") == traits("nothing of this name")
    assert not traits("leftovers").verbatim


def test_the_facets_of_which_something_is_so():
    assert facets_where(lambda row: row.json) == {"dependencies", "foreign_keys", "sequence_columns", "storage"}


def test_what_only_an_old_rollproof_described_otherwise_is_a_loss_to_a_younger_one():
    """A baseline of 0.2.0 tells of an extension's member only that it is one; to a younger one an owner of its own is news."""
    found = Difference("extension_members", "hstore: public.each(hstore) (function)", "member", "member, owned by ann")
    assert no_loss(found.facet, old=True)(found)
    assert not no_loss(found.facet, old=False)(found)


def test_rules_of_one_direction_hold_for_every_reference():
    ahead = Difference("sequence_positions", "public.s", "5", "7")
    assert no_loss(ahead.facet, old=True)(ahead)
    assert no_loss(ahead.facet, old=False)(ahead)
    assert not no_loss("columns", old=False)(Difference("columns", "public.t.a", "integer", "bigint"))
