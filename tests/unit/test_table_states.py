"""The state of each table, from types alone."""

import pytest

from fixtures.every import every
from rollproof.migration.table_states import flaws, states, wanted, without
from rollproof.model.errors import Misuse
from rollproof.model.phase import PHASES
from rollproof.probes.foreign_keys import Relationship
from rollproof.settings.sections import Migration, TypeChange

TEXT, UUID = "character varying(36)", "uuid"
WAS = {
    "public.users": {"id": TEXT, "name": "text"},
    'public."od.d"': {'"a.b"': TEXT, "user_id": TEXT},
    "public.free": {"id": TEXT},
}
KEYS = [Relationship('public."od.d"', ("user_id",), "public.users", ("id",))]
DERIVED, BY_TYPE = Migration(), Migration(types=TypeChange(TEXT, UUID), tables=("public.users", 'public."od.d"'))
BY_NAME = Migration(columns=("public.users.id", 'public."od.d".user_id'))


def now(**types):
    """What is, where each table's keyword gives the types of its columns in their order; None takes the table away."""
    names = {"users": "public.users", "odd": 'public."od.d"', "free": "public.free"}
    is_now = dict(WAS)
    for name, given in types.items():
        table = names[name]
        del is_now[table]
        if given:
            is_now[table] = dict(zip(WAS[table], given, strict=True))
    return is_now


def told(migration, **types):
    is_now = now(**types)
    found = states(WAS, is_now, wanted(WAS, is_now, KEYS, migration), migration)
    return [found[table].word for table in WAS]


@every(
    ("types", "derived", "by_type", "by_name"),
    [
        ({}, ["original"] * 3, ["original"] * 3, ["original"] * 3),
        (
            {"users": [UUID, "text"], "odd": [UUID, UUID]},
            ["migrated", "migrated", "original"],
            ["migrated", "migrated", "original"],
            ["migrated", "mixed", "original"],
        ),
        # A column that is tied to a migrated one by a foreign key should have been migrated with it.
        (
            {"users": [UUID, "text"], "odd": [UUID, TEXT]},
            ["migrated", "mixed", "original"],
            ["migrated", "mixed", "original"],
            ["migrated", "mixed", "original"],
        ),
        ({"users": ["bigint", "text"]}, ["migrated", "original", "original"], ["mixed", "original", "original"], None),
        ({"users": None}, ["missing", "original", "original"], None, None),
    ],
)
def test_each_state_by_each_way_of_saying_what_migrates(types, derived, by_type, by_name):
    assert told(DERIVED, **types) == derived
    assert told(BY_TYPE, **types) == (by_type or derived)
    assert told(BY_NAME, **types) == (by_name or derived)


@every(
    ("phase", "types", "wrong"),
    [
        ("post_migration", {"users": [UUID, "text"], "odd": [TEXT, UUID]}, []),
        ("post_migration", {"users": [UUID, "text"]}, ['public."od.d"']),
        ("post_migration", {"free": [UUID]}, ["public.free", 'public."od.d"', "public.users"]),
        ("pre_rollback", {"users": [UUID, "text"]}, []),
        ("pre_rollback", {"users": [UUID, "bytea"]}, ["public.users"]),
        ("pre_rollback", {"free": None}, ["public.free"]),
        ("post_rollback", {"users": [UUID, "text"]}, ["public.users"]),
        ("post_rollback", {}, []),
    ],
)
def test_what_each_phase_expects(phase, types, wrong):
    is_now = now(**types)
    migration = Migration(columns=("public.users.id", 'public."od.d".user_id'))
    found = states(WAS, is_now, wanted(WAS, is_now, KEYS, migration), migration)

    assert sorted(each.subject for each in flaws(found, WAS, PHASES[phase].tables)) == sorted(wrong)


@every(
    ("migration", "types", "expected"),
    [
        # A column that is only written to keeps its type; one of a type that changed elsewhere should have changed with it.
        (Migration(columns=("public.users.name",)), {}, []),
        (Migration(columns=("public.users.name", "public.free.id")), {"free": [UUID]}, ["public.free.id"]),
        (BY_NAME, {"free": [UUID]}, ['public."od.d".user_id', "public.users.id"]),
        (Migration(columns=("public.users.name", "public.users.id"), types=TypeChange(TEXT, UUID)), {}, ["public.users.id"]),
        (Migration(types=(TypeChange(TEXT, UUID), TypeChange("text", "citext")), tables=("public.users",)), {},
         ["public.users.id", "public.users.name"]),
        (Migration(columns=("public.users.name",), tables=("public.free",)), {"free": ["bigint"]}, ["public.free.id"]),
        (Migration(columns=("public.users.new",), adds=("public.users.new",)), {}, []),
    ],
)  # fmt: skip
def test_which_columns_are_to_change_their_type(migration, types, expected):
    assert sorted(map(".".join, wanted(WAS, now(**types), (), migration))) == expected


def test_each_type_has_its_own_successor():
    migration = Migration(types=(TypeChange(TEXT, UUID), TypeChange("text", "citext")), tables=("public.users",))

    assert told(migration, users=[UUID, "citext"]) == ["migrated", "original", "original"]
    assert told(migration, users=["citext", UUID]) == ["mixed", "original", "original"]


def test_what_was_dropped_on_purpose_is_not_missing_and_what_is_still_there_is_not_gone():
    drops = ("public.users.name", "public.free", "public.users.id")

    assert without(WAS, {"public.users": {"id": TEXT}}, drops) == {
        "public.users": {"id": TEXT},
        'public."od.d"': WAS['public."od.d"'],
    }


def test_what_the_reference_does_not_know_is_refused():
    with pytest.raises(Misuse, match=r"knows no public\.users\.nr"):
        wanted(WAS, WAS, KEYS, Migration(columns=("public.users.nr",)))
    with pytest.raises(Misuse, match=r"no column was varchar\(36\); .* character varying\(36\), text"):
        wanted(WAS, WAS, KEYS, Migration(types=TypeChange("varchar(36)", UUID)))
