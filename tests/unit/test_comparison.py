"""What changed between two runs: nothing is called gone that the later run did not look for."""

from dataclasses import replace

from fixtures.every import every
from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from rollproof.model.finding import Finding, FindingId, Unknown
from rollproof.report.history.changes import change_lines
from rollproof.report.history.comparison import compared
from rollproof.verdict.measured import TableRead, Waived
from rollproof.verdict.selected import Selected

WHOLE = Selected(2, 2)
NAMES = ("2026-11-28T010000.000Z-not-restored", "2026-11-29T010000.000Z-not-restored")


def column(name, now="text", **rest):
    return Finding("columns", f"public.users.{name}", "uuid", now, compared=True, **rest)


def run(*findings, kind="", **rest):
    found = outcome(kind or ("not restored" if findings else "verified"), findings=findings)
    return report(found, selection=WHOLE, **rest)


def subjects(told):
    return [(each.check, each.places, each.words) for each in told]


def test_what_is_new_gone_changed_and_the_same():
    earlier, later = run(column("a"), column("b"), column("c")), run(column("a"), column("b", "integer"), column("d"))

    found = compared(earlier, later, NAMES)

    assert [len(some) for some in (found.new, found.gone, found.otherwise, found.same, found.undecided)] == [
        1,
        1,
        1,
        1,
        0,
    ]
    assert "d" in found.new[0].words
    assert "c" in found.gone[0].words
    assert ("integer" in found.otherwise[0].words, "text" in found.otherwise[0].was) == (True, True)
    assert not found.is_nothing


def test_two_runs_that_found_the_same():
    found = compared(run(column("a")), run(column("a")), NAMES)

    assert found.is_nothing
    assert len(found.same) == 1
    assert list(change_lines(found))[-1] == "nothing changed between them"


def test_what_the_earlier_run_did_not_ask_is_not_new():
    part = report(outcome(check="rows"), selection=Selected(1, 2))
    told = compared(part, run(column("a")), NAMES)

    assert (len(told.new), len(told.first_asked)) == (0, 1)
    assert "found, and not looked for or not decided in the earlier run: 1 cause" in "\n".join(change_lines(told))


def test_two_runs_that_decided_nothing_do_not_say_that_nothing_changed():
    ended = report(verdict="INTERRUPTED", exit_code=143, selection=Selected(0, 2))

    assert list(change_lines(compared(ended, ended, NAMES)))[-1] == "nothing changed in what both of them know"


def test_what_follows_from_something_else_by_now_is_neither_new_nor_gone():
    table = Finding("tables", "public.users", "a table", compared=True)
    follows = column("a", follows_from=FindingId("tables", "public.users"))
    earlier = report(outcome(check="tables"), *run(column("a")).outcomes, selection=WHOLE)
    later = report(outcome("not restored", findings=(table,), check="tables"), *run(follows).outcomes, selection=WHOLE)

    there = compared(earlier, later, NAMES)
    back = compared(later, earlier, NAMES)

    assert [each.check for each in there.new] == ["tables"]
    assert (there.gone, there.undecided, back.new) == ((), (), ())


@every(
    "later",
    [
        run(kind="inconclusive"),
        run(kind="not checked"),
        report(selection=WHOLE),
        report(outcome(parameter="public.other"), selection=Selected(1, 2)),
        report(outcome("verified", unknown=(Unknown("public.users.a", "locked"),)), selection=WHOLE),
    ],
)
def test_what_nobody_looked_for_again_is_not_gone(later):
    found = compared(run(column("a")), later, NAMES)

    assert (len(found.undecided), found.gone) == (1, ())


def test_a_case_that_failed_without_a_finding_is_a_cause_as_well():
    failed = outcome("not restored", "it costs more", check="tests/test_x.py::test_y", parameter="")
    good = replace(failed, kind="verified", reason="")

    found = compared(report(good, selection=WHOLE), report(failed, selection=WHOLE), NAMES)

    assert subjects(found.new) == [("tests/test_x.py::test_y", (), "it costs more")]
    assert len(compared(report(failed, selection=WHOLE), report(good, selection=WHOLE), NAMES).gone) == 1


def test_tables_whose_rows_are_another_number():
    before = (TableRead("public.a", 1, 1), TableRead("public.b", 5, 5), TableRead("public.c", 1, 1))
    after = (TableRead("public.a", 1, 1), TableRead("public.b", 5, 7), TableRead("public.d", None, 3))

    found = compared(run(tables=before), run(tables=after), NAMES)

    assert [(each.name, each.earlier, each.later) for each in found.tables] == [
        ("public.b", 5, 7),
        ("public.c", 1, None),
        ("public.d", None, 3),
    ]
    assert compared(run(), run(tables=after), NAMES).tables == ()


def test_what_is_not_the_same_about_the_two_is_said():
    accepted = (Waived("columns", "public.users.*", "MIG-1", None, 1),)
    later = replace(
        run(column("b")), phase="pre_rollback", subject="me@other/vibes", selection=Selected(1, 9), waived=accepted
    )

    said = "\n".join(compared(run(column("a"), column("b")), later, NAMES).reservations)

    assert "another phase: post_rollback, then pre_rollback" in said
    assert "another database" in said
    assert "the later run was of a part: 1 of 9 cases" in said
    assert "because a waiver accepts it: columns public.users.* (MIG-1)" in said


def test_the_lines_are_harmless_and_few():
    many = run(*(column(f"c{number}") for number in range(500)))
    silent = [report(outcome("broken", text, check=text, parameter=text), selection=WHOLE) for text in HOSTILE]
    hostile = [
        list(change_lines(compared(run(), each, (text, text))))
        for text, failed in zip(HOSTILE, silent, strict=True)
        for each in (failed, all_over(text))
    ]

    said = list(change_lines(compared(run(), many, NAMES)))
    assert len(said) <= 40
    assert max(map(len, said)) <= 80
    assert all(line.replace("\n", "").isprintable() for some in hostile for line in some)
