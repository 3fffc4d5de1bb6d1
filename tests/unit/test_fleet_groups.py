"""Many targets as groups: who lacks the same stands together, in words that say it; and one verdict for all."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures import sample_fleets, sample_runs
from fixtures.every import every
from fixtures.sample_fleets import COLUMN, INDEX, LEFT, fleet, target
from fixtures.sample_reports import outcome, report
from rollproof.model.finding import Finding, Statement
from rollproof.model.names import sql_name
from rollproof.model.phase import PHASES
from rollproof.verdict.fleet.fleet_words import group_words, shared_words
from rollproof.verdict.fleet.root import Root, roots_of
from rollproof.verdict.fleet.schema_name import SHOWN, STAND_IN, SchemaName
from rollproof.verdict.fleet.target_groups import grouped
from rollproof.verdict.fleet.target_outcome import MOST_ROOTS, outcome_of
from rollproof.verdict.run_verdict import OTHER_VERDICTS

KINDS = [
    ("BROKEN", 3),
    ("MISUSE", 4),
    ("NOT RESTORED", 1),
    ("INCONCLUSIVE", 7),
    ("NOTHING CHECKED", 5),
    ("VERIFIED", 0),
]
"""Verdicts by their precedence, the worst first."""
ROOTS = st.lists(st.sampled_from([COLUMN, INDEX, LEFT]), unique=True).map(lambda some: tuple(sorted(some)))


def lost(check, subject, before="text", after=None, sentence=""):
    return Finding(check, subject, before, after, sentence, compared=True)


def words(*findings, schema=None, **rest):
    made = report(*(outcome("not restored", findings=(each,), check=each.check, **rest) for each in findings))
    return [str(root) for root in roots_of(made, schema)]


def test_targets_that_lack_the_same_are_one_group_and_it_is_said_in_a_sentence():
    groups = sample_fleets.tenants().groups

    assert [(len(each.targets), group_words(each)) for each in groups] == [
        (88, "in 88 targets: public.orders: column status: text, was varchar(20), and 1 more difference"),
        (812, "812 targets lack index orders_x of public.orders"),
        (1, "in 1 target: public.orders: column status: text, was varchar(20); NOT NULL lost, and 4 more differences"),
        (1, "1 target: db.example:5432 refuses connections"),
        (98, "98 targets VERIFIED"),
    ]


def test_what_several_groups_share_is_counted_once_more():
    told = sample_fleets.tenants()

    assert [shared_words(each, len(told.outcomes)) for each in told.shared] == [
        "900 of 1,000 targets lack index orders_x of public.orders; 812 of them differ in nothing else"
    ]
    one = fleet(target("a", LEFT), target("b", COLUMN, LEFT))
    assert shared_words(one.shared[0], 2) == (
        "2 of 2 targets still have table public.tmp, which was left behind; 1 of them differs in nothing else"
    )


@every(("roots", "number", "said"), [
    ((INDEX,), 1, "1 target lacks index orders_x of public.orders"),
    ((LEFT,), 1, "1 target still has table public.tmp, which was left behind"),
    ((LEFT,), 2, "2 targets still have table public.tmp, which was left behind"),
    ((COLUMN,), 2, "in 2 targets: public.orders: column status: text, was varchar(20)"),
    ((COLUMN, INDEX, LEFT), 1, "in 1 target: public.orders: column status: text, was varchar(20), and 2 more differences"),
])  # fmt: skip
def test_a_group_is_told_in_words_of_its_number(roots, number, said):
    group = grouped(target(f"t{at}", *roots) for at in range(number))[0]

    assert group_words(group) == said


def test_where_rollproof_itself_failed_that_is_said_beside_what_differs():
    group = grouped([target("a", INDEX, verdict="BROKEN", exit_code=3)])[0]

    assert group_words(group).endswith("of public.orders; and a check ended in an error of rollproof's own")


@given(st.lists(ROOTS, max_size=20))
def test_groups_part_the_targets_and_each_has_one_set_of_roots(sets):
    outcomes = [target(f"t{at}", *roots) for at, roots in enumerate(sets)]
    groups = grouped(outcomes)

    assert sorted(name for each in groups for name in each.names) == sorted(each.name for each in outcomes)
    assert all({one.roots for one in each.targets} == {each.roots} for each in groups)
    assert len(groups) == len(set(sets))
    assert len({each.anchor for each in groups}) == len(groups)


@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=8))
def test_the_verdict_is_the_worst_by_the_precedence_of_a_run(kinds):
    told = fleet(*(target(f"t{at}", verdict=word, exit_code=code) for at, (word, code) in enumerate(kinds)))
    worst = min(kinds, key=KINDS.index)

    assert (told.verdict, told.exit_code) == worst
    assert Counter(told.counts) == Counter(word for word, _ in kinds)
    assert list(told.counts) == sorted({word for word, _ in kinds}, key=[word for word, _ in KINDS].index)
    assert {(word, code) for word, code, _ in OTHER_VERDICTS.values()} <= set(KINDS)


@every(("rest", "verdict", "code", "sentence"), [
    ({"missing": ("c",)}, "INTERRUPTED", 130, "ended before 1 of 3 targets was verified; 1 of 3 targets NOT RESTORED; 1 VERIFIED"),
    ({"missing": ("c", "d"), "interrupted": 15}, "INTERRUPTED", 143,
     "ended before 2 of 4 targets were verified; 1 of 4 targets NOT RESTORED; 1 VERIFIED"),
    ({"interrupted": 2}, "INTERRUPTED", 130,
     "ended by a signal when every target had been verified; 1 of 2 targets NOT RESTORED; 1 VERIFIED"),
    ({}, "NOT RESTORED", 1, "1 of 2 targets; 1 VERIFIED"),
])  # fmt: skip
def test_a_fleet_that_was_ended_says_so_and_what_was_found(rest, verdict, code, sentence):
    told = fleet(target("a", INDEX), target("b"), **rest)

    assert (told.verdict, told.exit_code, told.sentence) == (verdict, code, sentence)


def test_no_target_is_no_green_and_a_part_is_no_whole():
    part = target("b", verdict="PARTLY VERIFIED", sentence="3 of 9 cases: the rollback put the database back")

    assert (fleet().verdict, fleet().exit_code, fleet().tone) == ("NOTHING CHECKED", 5, "open")
    assert (fleet(target("a"), part).verdict, fleet(target("a"), part).tone) == ("PARTLY VERIFIED", "part")
    assert fleet(target("a"), part).sentence == "2 targets: 3 of 9 cases: the rollback put the database back"
    assert fleet(target("a")).sentence == f"1 target: {PHASES['post_rollback'].good_sentence}"
    warned = fleet(target("a", warnings=2), target("b", warnings=1), target("c", earlier=True))
    assert warned.sentence.endswith("; 3 warnings in 2 targets; 1 target taken over from an earlier run")


def test_tables_that_were_not_read_are_told_with_the_verdict():
    told = fleet(target("a", unread=2), target("b", unread=10), target("c"))

    assert told.sentence.endswith("; 12 tables not read, by the server's own counters, in 2 targets")
    assert group_words(told.groups[0]) == "3 targets VERIFIED; 12 tables not read, by the server's own counters"


def test_targets_without_a_report_stand_together_if_they_have_the_same_trouble():
    """Each message names its own database and server: that is no other trouble."""
    some = [
        target(
            f"t{at}",
            verdict="INCONCLUSIVE",
            exit_code=7,
            server=f"h{at}:5432",
            sentence=f"h{at}:5432/t{at} refuses connections",
        )
        for at in range(5)
    ]
    other = target("x", verdict="INCONCLUSIVE", exit_code=7, sentence="h9 has no database x")

    assert [len(each.targets) for each in grouped([*some, other])] == [5, 1]


def test_what_nobody_could_decide_is_told_by_its_reason():
    found = outcome_of(sample_runs.inconclusive(), "a", "db")

    assert found.doubts == ("the server closed the connection; is it still running?",)
    assert found.roots == ()
    assert outcome_of(sample_runs.green(), "a", "db").doubts == ()


def test_numbers_of_rows_part_no_group():
    def counted(before, after):
        return words(lost("rows", "public.a", before, after))

    assert counted("100", "93") == counted("7000", "6100") == ["public.a: rows missing"]
    assert counted("100", "93") != counted("93", "100")


def test_a_target_with_more_roots_than_are_kept_is_alike_only_if_all_of_them_are():
    def many(last):
        found = [lost("columns", f"public.t.c{at:04}") for at in range(MOST_ROOTS + 5)]
        return outcome_of(
            report(outcome("not restored", findings=(*found, lost("columns", f"public.t.{last}")))), last, "db"
        )

    one, two = many("zz"), many("zy")

    assert (len(one.roots), one.left_out) == (MOST_ROOTS, 6)
    assert (one.roots, one.left_out) == (two.roots, two.left_out)
    assert len(grouped([one, two])) == 2
    assert len(grouped([one, replace(one, name="other")])) == 1


def test_a_target_of_which_more_is_wrong_than_is_kept_does_not_differ_in_one_thing_alone():
    one, two = target("a", INDEX, left_out=300, digest="x"), target("b", COLUMN, INDEX)

    assert [(each.targets, each.alone) for each in fleet(one, two).shared] == [(2, 0)]


def test_a_column_that_has_another_name_is_told_as_in_every_report():
    found = lost("columns", "public.a.x")
    made = report(
        outcome(
            "not restored",
            findings=(found,),
            statements=(Statement("ALTER TABLE public.a RENAME COLUMN y TO x;", found.subject),),
        )
    )

    assert [str(each) for each in roots_of(made)] == ["public.a: column x missing: now called y"]


NAMES = [
    "a",
    "data",
    "tenant_7",
    "Te nant",
    'q"t',
    "schema",
    "public",
    "orders",
    "x.y",
    "ünï",
    "select",
    "d\x1bx",
    "1st",
]


@every("raw", NAMES)
def test_a_schema_that_stands_for_a_target_is_in_no_word_of_its_differences(raw):
    """Two schemas that lack the same read the same, whatever their names are."""

    def said(name):
        own = sql_name(name)
        found = (
            lost("indexes", f"{own}.orders_x", f"btree (id) ON {own}.orders"),
            lost(
                "columns",
                f"{own}.orders.total",
                f"bigint DEFAULT nextval('{own}.s'::regclass)",
                f"text DEFAULT {own}.f(1)",
            ),
            lost("functions", f"{own}.f({own}.data, integer)", f"AS $$ SELECT a.data FROM {own}.data AS a $$"),
            lost("schemas", own),
            lost("comments", f"{own} (schema)", "x", "y"),
            lost("default_privileges", f"postgres IN SCHEMA {own} ON TABLES"),
        )
        return words(*found, schema=name)

    assert said(raw) == said("other")
    assert any(SHOWN in each for each in said(raw))


@every(("raw", "text", "told"), [
    ("a", "a.data.a", f"{STAND_IN}.data.a"),
    ("a", "data.a", "data.a"),
    ("a", "a", STAND_IN),
    ("a", "a sea of a", "a sea of a"),
    ("a", "in schema a and schema a.b", f"in schema {STAND_IN} and schema {STAND_IN}.b"),
    ("a", "f('a.b', $$a.c$$) -- a.d", f"f('{STAND_IN}.b', $${STAND_IN}.c$$) -- a.d"),
    ("A", '"A".x, a.x', f"{STAND_IN}.x, a.x"),
    ("orders", "orders.orders.orders", f"{STAND_IN}.orders.orders"),
    ("x.y", '"x.y".z', f"{STAND_IN}.z"),
    ("t", "It isn't t.x but t.y, they're", f"It isn't {STAND_IN}.x but {STAND_IN}.y, they're"),
])  # fmt: skip
def test_a_schema_is_found_as_sql_reads_names_and_eats_no_letters(raw, text, told):
    assert SchemaName(raw).out_of(text) == told


def test_the_worst_root_comes_first():
    found = [lost("indexes", "public.a_x"), lost("columns", "public.a.x")]
    made = report(
        *(
            outcome("not restored", findings=(each,), check=each.check, severity=how)
            for each, how in zip(found, ("low", "critical"), strict=True)
        )
    )

    assert [root.severity for root in roots_of(made)] == ["critical", "low"]


@pytest.mark.parametrize("phase", PHASES)
def test_each_phase_has_its_own_words_for_a_good_end(phase):
    known = PHASES[phase]
    told = fleet(target("a", verdict=known.good), phase=phase)

    assert (told.verdict, told.tone, told.sentence) == (known.good, "good", f"1 target: {known.good_sentence}")


def test_a_root_is_told_with_its_place():
    assert str(Root("c", "s", "public.a", "index x missing", "high")) == "public.a: index x missing"


def test_why_is_one_line_also_where_it_was_told_in_two():
    (group,) = grouped(
        [target("a", verdict="MISUSE", exit_code=4, sentence="of another database\npass --other-database")]
    )

    assert group_words(group).endswith("of another database; pass --other-database")
