"""What a report leaves out of a list is counted there: nobody takes the part for all."""

from fixtures.every import every
from fixtures.sample_reports import outcome, report
from rollproof.model.finding import Finding, Statement, Unknown
from rollproof.model.plain_text import plain_text
from rollproof.report.history.night import NightRun, page
from rollproof.report.html import page as whole_page
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


@every("sql, number, shown", [("ANALYZE t{};", 60, True), ("DROP INDEX i{};", 60, False), ("DROP INDEX i{};", 9, True)])
def test_statements_of_a_cause_that_drop_something_are_shown_whole_or_not_at_all(sql, number, shown):
    statements = tuple(Statement(sql.format(each), "public.t", each + 1) for each in range(number))
    found = Finding("tables", "public.t", "table", None, "public.t is missing", compared=True)
    said = report(outcome("not restored", "", (found,), check="tables", statements=statements), exit_code=1)

    for text in (summary(said), whole_page(said), plain_text(said.outcomes[0])):
        assert (statements[0].sql in text, "60 statements that belong together" in text) == (shown, not shown)
        assert statements[-1].sql in text or not shown or "40 more" in text or "10 more" in text


def test_warnings_and_reasons_of_a_night():
    warned = [
        outcome("warning", "", (Finding(f"check{number}", "x", None, None, f"x: {number}", heals=True),))
        for number in range(12)
    ]
    open_ones = [outcome("inconclusive", f"reason {number}", check=f"check{number}") for number in range(13)]

    told = page([NightRun("a", report(*warned, *open_ones, exit_code=7))])

    assert ("2 more warnings, on its own page" in told, "3 more reasons, on its own page" in told) == (True, True)
