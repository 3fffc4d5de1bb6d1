"""What a report leaves out of a list is counted there: nobody takes the part for all."""

from fixtures.sample_reports import outcome, report
from rollproof.model.finding import Finding, Statement, Unknown
from rollproof.report.history.night import NightRun, page
from rollproof.report.markdown import summary
from rollproof.report.terminal import lines
from rollproof.settings.waiver import OF_OWN


def printed(given):
    return [line.text.strip() for line in lines(given)]


def test_doubts_of_one_case():
    doubts = tuple(Unknown(f"public.t{number}", f"reason {number}") for number in range(9))

    shown = printed(report(outcome("inconclusive", "", check="columns", unknown=doubts), exit_code=7))

    assert ("public.t2: reason 2" in shown, "and 6 more" in shown) == (True, True)


def test_lines_of_an_assertion():
    said = "\n".join(f"line {number}" for number in range(20))

    shown = printed(report(outcome("not restored", said, check=f"tests/test_a.py{OF_OWN}test_a"), exit_code=1))

    assert shown[shown.index("…") + 1] == "line 19"


def test_statements_of_a_cause():
    statements = tuple(Statement(f"DROP INDEX i{number};", "public.t", number + 1) for number in range(25))
    found = Finding("tables", "public.t", "table", None, "public.t is missing", compared=True)

    told = summary(report(outcome("not restored", "", (found,), check="tables", statements=statements), exit_code=1))

    assert "DROP INDEX i19;\n-- and 5 more: rollproof repair writes all" in told


def test_warnings_and_reasons_of_a_night():
    warned = [
        outcome("warning", "", (Finding(f"check{number}", "x", None, None, f"x: {number}", heals=True),))
        for number in range(12)
    ]
    open_ones = [outcome("inconclusive", f"reason {number}", check=f"check{number}") for number in range(13)]

    told = page([NightRun("a", report(*warned, *open_ones, exit_code=7))])

    assert ("2 more warnings, on its own page" in told, "3 more reasons, on its own page" in told) == (True, True)
