"""The summary: whatever a database is called or says, its markup stays what it is."""

import re

from fixtures.every import every
from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from rollproof.report.markdown import summary


@every("text", HOSTILE)
def test_a_name_stays_in_its_cell(text):
    def tables(markdown):
        """Return the number of unescaped pipes of each line that lies in no fence."""
        outside = re.sub(r"^(`{3,})text\n.*?\n\1$", "", markdown, flags=re.DOTALL | re.MULTILINE)
        return [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in outside.split("\n")]

    assert tables(summary(all_over(text))) == tables(summary(all_over("harmless")))


@every("text", HOSTILE)
def test_no_markup_of_the_summary_comes_from_data(text):
    outside = re.sub(r"^(`{3,})text\n.*?\n\1$", "", summary(all_over(text)), flags=re.DOTALL | re.MULTILINE)

    assert re.findall(r"(?<!\\)(?:\\\\)*[`<\[\]~]", outside) == []
    assert "://" not in outside
    assert outside.isascii() or not re.search("[\u200b\u2028\u202e\u2066\ud800]", outside)


def test_a_fence_is_longer_than_any_run_of_backticks_in_it():
    assert "\n`````text\n```` x\n`````\n" in summary(report(outcome("inconclusive", "```` x")))


def test_the_summary_stays_below_what_github_takes():
    kinds = ("not restored", "warning")
    cases = [outcome(kind, "é" * 200_000, check=f"c{number}") for number in range(600) for kind in kinds]
    unchecked = [outcome("not checked", f"{number} {'x' * 5000}") for number in range(600)]

    assert len(summary(report(*cases, *unchecked)).encode()) < 1024 * 1024
