"""Rules by which a difference is no loss, and what facets.toml says of a fact."""

from fixtures.every import every
from rollproof.model.compare import Difference
from rollproof.model.facets import Kind
from rollproof.model.no_loss import (
    RULES,
    collation_version,
    gain,
    more_labels,
    no_loss,
    not_null,
    same_roles,
    told_more,
)

COLUMN = "text"
RULED = {
    not_null: {
        ("text", "text NOT NULL"): True,
        ("text", "text CONSTRAINT n NOT NULL"): True,
        ("text", 'text CONSTRAINT "a ""b" NOT NULL DEFAULT 1'): False,
        ("text DEFAULT 1", 'text CONSTRAINT "a ""b" NOT NULL DEFAULT 1'): True,
        ("text NOT NULL", "text NOT NULL"): False,
        ("text", "integer NOT NULL"): False,
        ("text", "text"): True,
        ("text", None): False,
        (None, " NOT NULL"): True,
    },
    more_labels: {
        ("ENUM ('a', 'b')", "ENUM ('a', 'x', 'b', 'y')"): True,
        ("ENUM ('a', 'b')", "ENUM ('b', 'a')"): False,
        ("ENUM ('a', 'b')", "ENUM ('a')"): False,
        ("ENUM ('it''s')", "ENUM ('new', 'it''s')"): True,
        ("ENUM ('it''s')", "ENUM ('it', 's')"): False,
        ("ENUM ('a')", "DOMAIN ('a')"): False,
        ("DOMAIN ('a')", "ENUM ('a')"): False,
        ("ENUM ('a')", None): False,
        (None, "ENUM ('a')"): False,
    },
    same_roles: {
        ("CREATE POLICY p ON a.t TO x, y;", "CREATE POLICY p ON a.t TO y, x;"): True,
        (
            'CREATE POLICY "a, b" ON a.t AS RESTRICTIVE FOR ALL TO "x, y", z USING (true);',
            'CREATE POLICY "a, b" ON a.t AS RESTRICTIVE FOR ALL TO z, "x, y" USING (true);',
        ): True,
        ("CREATE POLICY p ON a.t TO x, y;", "CREATE POLICY p ON a.t TO x;"): False,
        ("CREATE POLICY p ON a.t TO x, y;", "CREATE POLICY p ON a.t TO x, z;"): False,
        ("CREATE POLICY p ON a.t TO x, y USING (true);", "CREATE POLICY p ON a.t TO y, x USING (false);"): False,
        (
            "CREATE POLICY p ON a.t TO x USING (a = ' TO b, c');",
            "CREATE POLICY p ON a.t TO x USING (a = ' TO c, b');",
        ): False,
        ("GRANT SELECT ON t TO x, y;", "GRANT SELECT ON t TO y, x;"): False,
        ("CREATE POLICY p ON a.t TO x, y;", None): False,
    },
    told_more: {
        ("member", "member, owned by ann"): True,
        ("member", "owned by a member"): False,
        ("member", None): False,
        ("member, owned by ann", "member"): False,
    },
}


@every("rule", RULED)
def test_a_rule_is_exact(rule):
    assert {pair: rule(Difference("facet", "name", *pair)) for pair in RULED[rule]} == RULED[rule]


def test_the_default_collation_is_told_apart_by_its_name():
    assert collation_version(Difference("database", "collation version", "1", "2"))
    assert not collation_version(Difference("database", "collation", "1", "2"))


def test_a_facet_has_the_rules_of_its_row():
    assert no_loss("sequence_positions", old=False) is no_loss("sequence_positions", old=True) is RULES["ahead"]
    assert no_loss("extension_members", old=True) is told_more
    assert gain("columns") is not_null
    lost = Difference("tables", "public.a", "table", None)
    for never in (no_loss("extension_members", old=False), no_loss("tables", old=True), gain("tables")):
        assert not never(lost)


@every(
    ("kind", "fits"),
    [
        (Kind("view", "DROP"), [("public.v", "anything")]),
        (Kind("view", "DROP", described="view"), [("public.v", "view\n AS SELECT 1")]),
        (Kind("view", "DROP", described="v.*1"), [("public.v", "view\n AS SELECT 1")]),
        (Kind("cast", "DROP", in_identity=True), [("(a AS b) (cast)", "anything")]),
    ],
)
def test_a_fact_is_about_a_kind_by_its_description_or_its_identity(kind, fits):
    assert all(kind.fits(*fact) for fact in fits)


@every(
    ("kind", "identity", "description"),
    [
        (Kind("view", "DROP", described="view"), "public.v", "materialized view"),
        (Kind("cast", "DROP", in_identity=True), "(a AS b) (castle)", "cast"),
        (Kind("cast", "DROP", in_identity=True), "a cast", "cast"),
    ],
)
def test_a_fact_is_about_no_other_kind(kind, identity, description):
    assert not kind.fits(identity, description)
