"""Patterns of waivers: what they mean, how many findings they may match, and what happens with one too many."""

import datetime
from pathlib import Path

import pytest

from fixtures.every import every
from rollproof.model.compare import Difference, compare
from rollproof.model.errors import Misuse
from rollproof.model.finding import Finding
from rollproof.settings.configuration import resolve
from rollproof.settings.waiver import Waiver
from rollproof.verdict.waivers import Waivers, belongs

TODAY = datetime.date(2026, 11, 28)
YESTERDAY = TODAY - datetime.timedelta(days=1)
TABLE = "public.events_2026_11_{} (table)"


def pattern(star, at_most=2, check="leftovers", until=TODAY):
    return Waiver(check, reason="made ahead of time", until=until, identity_pattern=star, at_most=at_most)


def new(facet, identity):
    return Difference(facet, identity, None, "new")


PARTITIONS = [
    new("tables", "public.events_2026_11_29"),
    new("columns", "public.events_2026_11_29.id"),
    new("privileges", "public.events_2026_11_29 (table) TO app"),
    new("pg_dump", "public.events_2026_11_29 (TABLE ATTACH)"),
    new("leftovers", TABLE.format(29)),
    new("leftovers", TABLE.format(30)),
]


def known(*days):
    return lambda check: [TABLE.format(day) for day in days] if check == "leftovers" else []


def test_a_pattern_accepts_the_objects_and_all_that_came_with_them():
    accepted = Waivers([pattern("public.events_2026_* (table)")], TODAY, differing=known(29, 30))
    others = [
        new("tables", "public.events_2027_01_01"),
        new("columns", "public.orders.events_2026_11_29"),
        Difference("tables", "public.events_2026_11_29", "table", "table, unlogged"),
        Difference("tables", "public.events_2026_11_29", "table", None),
    ]

    assert accepted.accept([*PARTITIONS, *others]) == tuple(others)
    assert len(accepted.used) == 1
    assert accepted.unused(["leftovers"]) == ()
    assert accepted.exceeded == ()


def test_a_pattern_that_matches_one_too_many_accepts_none_and_says_so():
    """From the first finding on, in whatever check it is met."""
    accepted = Waivers([pattern("public.events_2026_* (table)")], TODAY, differing=known(28, 29, 30))

    for difference in PARTITIONS:
        assert accepted.accept([difference]) == (difference,)
        assert "it matches 3 findings, more than its at_most = 2" in accepted.excess([Finding.of(difference)])[0]
    assert accepted.excess([Finding.of(new("tables", "public.other"))]) == []
    assert accepted.unused(["leftovers"]) == ()
    assert accepted.exceeded_late() == ()


def test_what_is_counted_as_it_comes_is_told_when_it_was_too_much():
    """The rows of a table are known when they are counted; what was accepted until then is told by the check `waivers`."""
    accepted = Waivers([pattern("public.*", check="rows")], TODAY)
    found = [Difference("rows", f"public.t{number}", "1", "2") for number in range(3)]

    assert accepted.accept(found[:1] * 3) == ()
    assert accepted.accept(found[1:2]) == ()
    assert accepted.exceeded_late() == ()
    assert accepted.accept(found[2:]) == (found[2],)
    assert accepted.accept(found[:1]) == (found[0],)
    assert "at_most = 2" in accepted.exceeded_late()[0].sentence


def test_several_at_once_are_counted_before_any_is_accepted():
    found = tuple(new("columns", f"public.t.c{number}") for number in range(3))

    assert Waivers([pattern("public.t.*", check="columns")], TODAY).accept(found) == found


def test_a_pattern_ends_and_is_unused_as_any_waiver():
    ended, idle = pattern("public.*", until=YESTERDAY), pattern("app.*")
    accepted = Waivers([ended, idle], TODAY, differing=known(29))

    assert accepted.accept(PARTITIONS) == tuple(PARTITIONS)
    assert accepted.unused(["leftovers"]) == (idle, ended)
    assert accepted.unused(["columns"]) == ()
    assert Waivers([ended, idle], TODAY, differing=known(29), block=True).unused(["leftovers"]) == ()


@every(
    ("star", "identity", "means"),
    [
        ("public.t.*", "public.t.a.b", True),
        ("public.t.*", "public.txa", False),
        ("public.f(*[]) (function)", "public.f(integer[]) (function)", True),
        ("public.f(*[]) (function)", "public.f(integer) (function)", False),
        ('public."50%.?" + *', 'public."50%.?" + |', True),
        ('public."50%.?" + *', 'public."50%xx" + |', False),
        ('*."two\nlines"', 'app."two\nlines"', True),
        ("*.a (column)", "public.b.a (column)\n", False),
        ("public.json*", "public.json_events", True),
        ("public.json.*", 'public."json".id', True),
        ("public.e*_29", "public.E_29", False),
    ],
)
def test_a_star_is_any_text_and_nothing_else_is_special(star, identity, means):
    assert pattern(star).matches(identity) is means


@every(
    ("lines", "complaint"),
    [
        ('identity = "a.b"\nidentity_pattern = "a.*"\nat_most = 1', "either `identity` or `identity_pattern`"),
        ("", "either `identity` or `identity_pattern`"),
        ('identity_pattern = "a.*"', "`at_most`"),
        ('identity_pattern = "a.*"\nat_most = 0', "`at_most`"),
        ('identity = "a.b"\nat_most = 1', "`at_most`"),
        ('identity_pattern = "a.b"\nat_most = 1', "a star"),
        ('identity_pattern = "**.*"\nat_most = 1', "more than stars"),
        ('identity = "a.b"\nreason = ""', "`reason`"),
        ('identity_patern = "a.*"\nat_most = 1', "did you mean `identity_pattern`?"),
    ],
)
def test_a_waiver_that_cannot_mean_what_was_typed_is_refused(tmp_path, lines, complaint):
    file = tmp_path / "rollproof.toml"
    reason = "" if "reason" in lines else 'reason = "r"\n'
    file.write_text(f'[[waiver]]\ncheck = "columns"\nuntil = 2030-01-01\n{reason}{lines}\n')

    with pytest.raises(Misuse, match="waiver") as misuse:
        resolve({}, {}, Path(file))
    assert complaint in str(misuse.value)


def test_a_waiver_without_its_end_is_refused(tmp_path):
    file = tmp_path / "rollproof.toml"
    file.write_text('[[waiver]]\ncheck = "columns"\nidentity = "a.b"\nreason = "r"\n')

    with pytest.raises(Misuse, match="until"):
        resolve({}, {}, file)


def waiver(identity="public.orders.note", until=TODAY, check="columns"):
    return Waiver(check, identity, "kept on purpose", until)


def test_a_waiver_accepts_its_whole_identity_in_its_own_check_and_nothing_else():
    wanted = Difference("columns", "public.orders.note", None, "text")
    others = [
        Difference("columns", "public.orders.notes", None, "text"),
        Difference("columns", "public.orders", None, "text"),
        Difference("comments", "public.orders.note", None, "text"),
    ]
    waivers = Waivers([waiver()], TODAY)

    assert waivers.accept([wanted, *others]) == tuple(others)
    assert waivers.used == (waiver(),)
    assert waivers.unused(["columns"]) == ()


def test_a_waiver_that_accepted_nothing_is_named_if_its_check_ran():
    waivers = Waivers([waiver()], TODAY)

    assert waivers.unused(["columns", "rows"]) == (waiver(),)
    assert waivers.unused(["rows"]) == ()


def test_a_waiver_lives_through_its_last_day_and_no_longer():
    difference = Difference("columns", "public.orders.note", None, "text")
    ended = Waivers([waiver(until=TODAY - datetime.timedelta(days=1))], TODAY)

    assert Waivers([waiver(until=TODAY)], TODAY).accept([difference]) == ()
    assert ended.accept([difference]) == (difference,)
    assert ended.unused(["columns"]) == ended.ended


@every(
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


TABLE_X = "public.x (table)"
BELONG = {
    (TABLE_X, "tables", "public.x"),
    (TABLE_X, "columns", "public.x.id"),
    (TABLE_X, "indexes", "public.x.x_pkey"),
    (TABLE_X, "privileges", "public.x (table) TO OWNER"),
    (TABLE_X, "owners", "public.x (table)"),
    (TABLE_X, "pg_dump", "public.x (TABLE DATA)"),
    (TABLE_X, "rows", "public.x"),
    ("public.t.k (constraint)", "constraints", "public.t.k"),
    ("public.t.k (constraint)", "indexes", "public.t.k"),
    ("public.t.c (column)", "columns", "public.t.c"),
    ("public.f(integer) (function)", "functions", "public.f(integer)"),
    ("public.f(integer) (function)", "privileges", "public.f(integer) (function) TO PUBLIC"),
    ("(a AS b) (cast)", "casts", "(a AS b) (cast)"),
    ("x (schema)", "pg_dump", "SCHEMA x (COMMENT)"),
    ("public.mood (type)", "pg_dump", "TYPE mood IN SCHEMA public (COMMENT)"),
    ("x (role)", "roles", "x"),
}
DO_NOT = {
    ("public.t.k (constraint)", "triggers", "public.t.k"),
    (TABLE_X, "views", "public.x"),
    (TABLE_X, "columns", "public.x"),
    ("public.t.k (index)", "constraints", "public.t.k"),
    ("(a AS b) (cast)", "casts", "(a AS c) (cast)"),
}


def test_what_belongs_to_a_new_object_is_exact():
    asked = BELONG | DO_NOT
    found = {each for each in asked if belongs(each[0], Difference(each[1], each[2], None, "new"))}

    assert found - BELONG == set()
    assert BELONG - found == set()


@every(
    ("left", "facet", "identity", "after"),
    [
        ("public.p.i (index)", "indexes", "public.part.i_1", "CREATE INDEX i_1 PARTITION OF public.i"),
        ('public.p."json" (index)', "indexes", "public.part.i_1", "CREATE INDEX i_1 PARTITION OF public.json"),
        ("public.p.t (trigger)", "triggers", "public.part.t", "(inherited) CREATE TRIGGER t"),
        ("public.p.k (constraint)", "constraints", "public.child.k", "CHECK (true) (inherited)"),
    ],
)
def test_what_a_partition_inherits_belongs_to_its_parents_object(left, facet, identity, after):
    assert belongs(left, Difference(facet, identity, None, after))


@every(
    ("left", "facet", "identity", "after"),
    [
        ("public.p.i (index)", "indexes", "public.part.i_1", "CREATE INDEX i_1"),
        ("public.p.i (index)", "indexes", "public.part.i_1", "CREATE INDEX i_1 PARTITION OF other.i"),
        ("public.p.i (index)", "triggers", "public.part.i_1", "CREATE INDEX i_1 PARTITION OF public.i"),
        ("public.p.k (constraint)", "constraints", "public.child.k", "CHECK (true)"),
        ("public.p.k (constraint)", "constraints", "public.child.other", "CHECK (true) (inherited)"),
        ("public.p.k (constraint)", "constraints", "public.child.k", None),
    ],
)
def test_what_a_partition_has_of_its_own_does_not(left, facet, identity, after):
    assert not belongs(left, Difference(facet, identity, "old" if after is None else None, after))


def test_a_sequence_belongs_to_the_object_that_owns_its_column():
    of_sequence = Difference("sequences", "public.x_id_seq", None, "new")

    assert belongs(TABLE_X, of_sequence, owner="public.x.id")
    assert belongs("public.x.id (column)", of_sequence, owner="public.x.id")
    assert not belongs(TABLE_X, of_sequence, owner="public.xy.id")
    assert not belongs("public.x.i (column)", of_sequence, owner="public.x.id")
    assert not belongs(TABLE_X, of_sequence)


def test_statistics_belong_to_what_was_left_behind_in_their_own_schema():
    left = "public.t.other.s (statistics)"

    assert belongs(left, new("comments", "other.s (statistics object)"))
    assert belongs(left, new("owners", "other.s (statistics)"))
    assert not belongs(left, new("owners", "public.s (statistics)"))
    assert belongs("public.t.s (statistics)", new("owners", "public.s (statistics)"))


def test_a_pattern_that_matched_too_much_too_late_is_a_finding():
    accepted = Waivers([pattern("public.* (table)", at_most=1)], TODAY)
    accepted.accept([new("leftovers", "public.a (table)")])
    accepted.accept([new("leftovers", "public.b (table)")])

    (found,) = accepted.exceeded_late()

    assert (found.check, found.subject) == ("waivers", str(accepted.exceeded[0]))
    assert found.sentence.startswith(f"the waiver {found.subject} accepts nothing: it matches 2 findings")
