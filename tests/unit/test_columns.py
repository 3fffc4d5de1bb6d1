"""What a backup copy's columns are."""

from fixtures.every import every
from rollproof.backup.columns import type_of


@every(
    ("description", "type_"),
    [
        ("character varying(36) NOT NULL DEFAULT 'NOT NULL'::text", "character varying(36)"),
        ("timestamp(3) without time zone", "timestamp(3) without time zone"),
        ('text COLLATE "C" CONSTRAINT "a b" NOT NULL', 'text COLLATE "C"'),
        ("numeric(10,2) GENERATED ALWAYS AS (1) STORED", "numeric(10,2)"),
        ('public."odd NOT NULL type"[] STATISTICS 100', 'public."odd NOT NULL type"[]'),
        ("interval day to second(3) (inherited and own)", "interval day to second(3)"),
        ("bit varying(5) SET (n_distinct=5)", "bit varying(5)"),
    ],
)
def test_a_columns_type_is_told_apart_from_the_rest(description, type_):
    assert type_of(description) == type_
