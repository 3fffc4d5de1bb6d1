"""The one glance: places, causes, what follows, what is equal or undecided, the grid."""

from dataclasses import replace

from fixtures.every import every
from fixtures.sample_reports import outcome, report
from fixtures.sample_runs import green, many
from rollproof.model.finding import Finding, FindingId, RowReport, Statement, Unknown
from rollproof.report.markdown import summary
from rollproof.report.terminal import lines
from rollproof.verdict.measured import TableRead, Waived
from rollproof.verdict.overview import overview
from rollproof.verdict.selected import Selected

FAMILIES = {"columns": "types", "indexes": "constraints", "rows": "rows", "content": "content", "triggers": "structure"}


def compared(check, subject, before="a", after="b", **rest):
    return Finding(check, subject, before, after, compared=True, **rest)


def failed(*findings, parameter="", **rest):
    return outcome("not restored", "", findings, check=findings[0].check, parameter=parameter, **rest)


def run(*outcomes, tables="abcd", **rest):
    read = tuple(TableRead(f"public.{name}") for name in tables)
    return report(*outcomes, **{"tables": read, "families": FAMILIES, "selection": Selected(9, 9), **rest})


def passed(*names, check="columns"):
    return tuple(outcome(check=check, parameter=f"public.{name}") for name in names)


TYPE = compared("columns", "public.a.x", "integer", "bigint")
VIEW = compared("columns", "public.v.x", "integer", "bigint", follows_from=FindingId("columns", "public.a.x"))
INDEX = compared("indexes", "public.b.b_x_idx", "CREATE INDEX b_x_idx ON public.b USING btree (x)", None)
KEY = compared(
    "constraints",
    "public.c.k",
    "FOREIGN KEY (x) REFERENCES public.a(x)",
    None,
    follows_from=FindingId("columns", "public.a.x"),
)
HEALS = compared("planner_statistics", "public.d", "analysed", "never analysed", heals=True)


def test_places_stand_with_their_causes_the_worst_first_and_numbers_add_up():
    seen = overview(
        run(
            failed(INDEX, severity="low"),
            failed(TYPE, severity="critical"),
            failed(VIEW),
            failed(KEY),
            *passed(*"abcd"),
        )
    )

    assert [(place.name, place.is_table, [str(each.words) for each in place.causes]) for place in seen.places] == [
        ("public.a", True, ["column x: bigint, was integer"]),
        ("public.b", True, ["index b_x_idx missing"]),
    ]
    assert seen.causes[0].consequences == (VIEW, KEY)
    assert (seen.affected, seen.equal) == (("public.c",), ("public.d",))
    assert seen.headline == "2 tables differ, 1 more as a consequence, 1 does not; 2 causes, 2 consequences"


def test_a_difference_in_many_tables_is_one_cause_also_where_names_begin_with_the_tables():
    found = [
        compared("indexes", f"public.{t}.{t}_x_idx", f"CREATE INDEX {t}_x_idx ON public.{t} USING btree (x)", None)
        for t in "abc"
    ]
    seen = overview(run(*(failed(each) for each in found), *passed("d")))

    assert [(cause.words, cause.places) for cause in seen.causes] == [
        ("index …_x_idx missing", ("public.a", "public.b", "public.c"))
    ]
    assert seen.causes[0].words_at("public.b") == "index b_x_idx missing"
    assert [place.causes for place in seen.places] == [seen.causes] * 3


def test_what_counts_is_not_hidden_under_a_warning_and_what_lacks_its_cause_is_one():
    hidden = compared("triggers", "public.d.t", "a", None, follows_from=FindingId(HEALS.check, HEALS.subject))
    orphan = compared("triggers", "public.a.t", "a", None, follows_from=FindingId("tables", "public.gone"))
    circle = [
        compared("triggers", f"public.{a}.t", "a", None, follows_from=FindingId("triggers", f"public.{b}.t"))
        for a, b in ("bc", "cb")
    ]
    seen = overview(run(outcome("warning", "", (HEALS,), check=HEALS.check), failed(hidden, orphan, *circle)))

    assert [cause.places for cause in seen.causes] == [("public.a", "public.b", "public.c", "public.d")]
    assert [cause.words for cause in seen.warnings] == ["planner statistics: never analysed"]


def test_statements_are_those_of_the_cause_and_of_what_follows_in_order_and_none_drops_by_pasting():
    new = compared("columns", "public.a.n", None, "uuid")
    left = compared("leftovers", "public.a.n (column)", None, "uuid", follows_from=FindingId("columns", "public.a.n"))
    alone = compared("leftovers", "public.old (table)", None, "table")
    drop = Statement("ALTER TABLE public.a DROP COLUMN n;", left.subject)
    told = Statement("-- left behind: nothing of it was there: ALTER TABLE public.a DROP COLUMN n;", new.subject, 2)
    first = Statement("ALTER TABLE public.a ALTER x TYPE integer;", TYPE.subject, 1)
    other = Statement("CREATE VIEW public.v AS SELECT 1;", VIEW.subject, 3)
    seen = overview(
        run(
            failed(new, TYPE, statements=(told, first, Statement("SELECT 1;", "public.other", 9))),
            failed(VIEW, statements=(other,)),
            failed(left, alone, statements=(drop, Statement("DROP TABLE public.old;", alone.subject))),
        )
    )
    by_words = {cause.words: [each.sql for each in cause.statements] for cause in seen.causes}

    assert by_words == {
        "column x: bigint, was integer": [first.sql, other.sql],
        "column n left behind": [told.sql],
        "table left behind": ["-- left behind, if nobody needs it: DROP TABLE public.old;"],
    }


def test_rows_are_with_the_cause_that_explains_them():
    content = compared("content", "public.a", "i3:1", "i3:2", follows_from=FindingId("columns", "public.a.x"))
    rows = RowReport("public.a", "the backup", {"changed": 3})
    seen = overview(run(failed(TYPE), failed(content, rows=(rows,))))

    assert [cause.rows for cause in seen.causes] == [(rows,)]


def test_a_cause_of_rows_without_statements_says_which_command_gives_them():
    (cause,) = overview(run(failed(compared("rows", "public.a", "3", "2"), advice=("look",)))).causes

    assert [text.split(" writes")[0] for text in cause.advice] == ["look", "rollproof repair"]


def test_a_table_of_which_nothing_was_compared_is_not_equal():
    doubt = (Unknown("public.b", "no grant"),)
    seen = overview(
        run(
            *passed("a"),
            outcome("inconclusive", "", check="columns", parameter="public.b", unknown=doubt),
            outcome("not checked", "no reason", check="columns", parameter="public.c"),
        )
    )

    assert (seen.equal, seen.undecided) == (("public.a",), ("public.b",))
    assert seen.headline == "1 table undecided, 1 decided"
    assert overview(run(trouble="cannot connect", exit_code=7)).equal == ()


def test_the_grid_has_the_worst_of_each_family_and_marks_only_the_table_that_is_meant():
    group, doubt = "tables 1-3 of 4, from public.a", (Unknown("public.b.y", "x"),)
    trigger = compared("triggers", "public.c.t", "a", None)
    seen = overview(
        run(
            outcome("not restored", "", (TYPE, HEALS), check="columns", parameter=group, unknown=doubt),
            outcome(check="rows", parameter=group),
            outcome("broken", "boom", check="rows", parameter="public.a"),
            failed(trigger),
        )
    )

    assert seen.cells == {
        "public.a": {"types": "not restored", "rows": "broken", "structure": "verified"},
        "public.b": {"types": "inconclusive", "rows": "verified", "structure": "verified"},
        "public.c": {"types": "verified", "rows": "verified", "structure": "not restored"},
        "public.d": {"structure": "verified", "types": "warning"},
    }


@every(
    "verified, not_checked, given, equal",
    [
        ({"columns": "abcd", "rows": "abcd", "content": "abcd"}, "", {}, "bcd"),
        ({"orphans": "abcd", "columns": "ab"}, "", {}, "b"),
        ({"columns": "abcd", "content": "ab"}, "cd", {}, "b"),
        ({"columns": "abcd", "content": "ab"}, "", {"selection": Selected(9, 20)}, "b"),
        ({"columns": "abcd"}, "", {"selection": Selected(9, 20)}, "bcd"),
        ({"columns": "abcd", "content": "abcd", "rows": "ab"}, "", {"exit_code": 130, "verdict": "INTERRUPTED"}, "b"),
        ({"orphans": "abcd"}, "", {"phase": "post_migration"}, "bcd"),
    ],
)
def test_what_was_not_compared_is_not_called_equal(verified, not_checked, given, equal):
    cases = [one for check, names in verified.items() for one in passed(*names, check=check)]
    left_out = [outcome("not checked", "no rows", check="content", parameter=f"public.{name}") for name in not_checked]

    seen = overview(run(failed(TYPE), *cases, *left_out, **{"phase": "post_rollback", "exit_code": 1, **given}))

    assert seen.equal == tuple(f"public.{name}" for name in equal)


def test_a_table_whose_differences_a_waiver_accepts_is_not_called_equal():
    waiver = Waived("columns", "public.b.note", "kept, MIG-1", None, 1)
    said = run(failed(TYPE, parameter="public.a"), *passed("b", "c", "d"), phase="post_rollback", waived=(waiver,))

    assert overview(said).headline == "1 table differs, 1 as a waiver accepts, 2 do not; 1 cause"
    told = "accepted: columns public.b.note: for ever: kept, MIG-1"
    assert (told in [line.text for line in lines(said)], "1 table as a waiver accepts" in summary(said)) == (True, True)


def test_a_group_of_tables_is_of_those_of_the_reference_that_have_rows():
    read = [TableRead("public.a", 1, 1), TableRead("public.foreign"), TableRead("public.n", None, 5)]
    read += [TableRead("public.o", 1, 1), TableRead("public.p", 1, 1)]
    new = failed(compared("tables", "public.n", None, "table"), parameter="everything else")
    groups = [outcome(check=check, parameter="tables 1-2 of 200, from public.a") for check in ("columns", "content")]

    seen = overview(replace(run(*groups, new, phase="post_rollback"), tables=tuple(read)))

    assert {name.removeprefix("public."): {*told} for name, told in seen.cells.items()} == {
        "a": {"types", "content"},
        "foreign": {"types"},
        "n": {"tables"},
        "o": {"content"},
        "p": set(),
    }


def test_an_older_report_names_its_tables_by_its_cases():
    seen = overview(report(failed(TYPE, parameter="public.a"), *passed("b")))

    assert (seen.equal, [place.is_table for place in seen.places]) == (("public.b",), [True])


def test_a_green_run_has_nothing_to_show_but_its_tables():
    seen = overview(green())

    assert (seen.places, seen.causes, seen.headline, len(seen.equal)) == ((), (), "", 9)


def test_two_thousand_findings_in_ten_thousand_tables_are_few_causes():
    seen = overview(many(10_000, 2_000))

    assert len(seen.places) == 334
    assert len(seen.causes) < 340


def test_a_migration_that_nobody_rolled_back_is_rolled_back_first():
    """Which the log tells; without one, all tables that are as the migration left them are a hint, and the repair comes first."""

    def migrated(table):
        return Finding(
            "table_states", f"public.{table}", "original", "migrated: x is uuid", f"public.{table} is migrated"
        )

    log = Finding(
        "migration_log", "log m: rollback", "completed", "was not completed", "log m: rollback was not completed"
    )
    hinted, part = (overview(run(failed(*map(migrated, names)), failed(TYPE))).next_steps for names in ("abcd", "abc"))

    assert overview(run(failed(log), failed(TYPE))).next_steps == (
        "run the rollback to its end; the log of the migration says: log m: rollback was not completed",
        "rollproof verify post_rollback",
    )
    assert hinted[1:] == ("or run the rollback again: all 4 tables are as the migration left them",)
    assert part == ("rollproof repair > repair.sql",)


def test_a_narrowed_run_calls_no_table_equal_whose_columns_and_rows_were_not_asked():
    part = Selected(3, 126, ("selected by -k triggers",))
    seen = overview(run(failed(TYPE), outcome(check="triggers", parameter=""), *passed("b"), selection=part))

    assert seen.equal == ("public.b",)
    assert seen.headline == "1 table differs, 1 does not in what was asked; 1 cause"
    assert overview(run(outcome(check="triggers", parameter=""), selection=part)).equal == ()


def test_more_hangs_on_a_table_that_is_missing_than_on_a_row():
    gone = compared("tables", "public.d", "table", None)
    followers = [
        compared("columns", f"public.d.c{n}", "text", None, follows_from=FindingId("tables", "public.d"))
        for n in range(9)
    ]
    seen = overview(run(failed(compared("rows", "public.a", "2", "1")), failed(gone), failed(*followers)))

    assert [place.name for place in seen.places] == ["public.d", "public.a"]


def test_what_follows_from_a_cause_does_not_hide_that_a_table_is_undecided():
    doubt = outcome("inconclusive", "locked", check="content", parameter="public.c")
    seen = overview(run(failed(TYPE, KEY), doubt, *passed("b", check="content")))

    assert (seen.affected, seen.undecided) == ((), ("public.c",))
    assert seen.headline == "1 table differs, 1 undecided, 1 does not; 1 cause, 1 consequence"


def test_what_many_tables_share_stands_above_what_each_has_alone():
    alone = (compared("columns", f"public.a{n}.c{n}", "text", None) for n in range(50))
    shared = (compared("rows", f"public.z{n}", "2", "1") for n in range(9))
    seen = overview(run(*map(failed, alone), *map(failed, shared), tables=()))

    assert [place.name for place in seen.places[:2]] == ["public.z0", "public.z1"]
