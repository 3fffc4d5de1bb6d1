"""What a migration may change in a definition, and what is lost."""

from fixtures.every import every
from rollproof.migration.catalogue_loss import ignoring_types, losses
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.sources.recorded import Recorded
from rollproof.sources.table_groups import EVERYTHING


@every(
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
    plain = ignoring_types({"character varying(36)", "uuid"})

    assert (plain(was) == plain(now)) is same


def test_without_a_migrated_type_nothing_is_forgiven():
    assert ignoring_types(set())("(a)::text") == "(a)::text"


@every(
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
