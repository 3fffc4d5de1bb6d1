"""The page: whatever a database is called or says, its elements stay what they are, and the verdict comes first."""

import base64
import hashlib
import json
import re

from fixtures.every import every
from fixtures.sample_reports import HOSTILE, Seen, all_over, outcome, report
from rollproof.model.compare import Difference
from rollproof.model.finding import DifferingRow, Finding, RowReport, Statement
from rollproof.model.plain_text import SHOWN
from rollproof.report.html import page
from rollproof.report.json import result
from rollproof.report.markdown import summary
from rollproof.verdict.recommendation import Recommendation

ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "article", "details"),
    *("h1", "h2", "h3", "h4", "p", "span", "bdi", "code", "pre", "strong", "br", "summary"),
    *("dl", "dt", "dd", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "aria-hidden", "scope"}


@every("text", HOSTILE)
def test_no_element_and_no_attribute_of_the_page_comes_from_data(text):
    html = page(all_over(text))
    seen, harmless = Seen(html), Seen(page(all_over("harmless")))

    assert seen.tags == harmless.tags
    assert set(seen.tags) <= ELEMENTS
    assert {key for key, _ in seen.attributes} <= ATTRIBUTES
    assert not re.search("[\x00-\x08\x0b-\x1f\u200b\u2028\u202e\u2066\ud800]", html)


def test_the_page_allows_its_own_style_and_nothing_else():
    html = page(report())
    style = re.search("<style>(.*)</style>", html, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert ("content", f"default-src 'none'; style-src 'sha256-{digest}'") in Seen(html).attributes
    assert html.startswith("<!DOCTYPE html>")
    assert "@media print" in style


def test_a_recommendation_is_in_every_report_with_its_reasons():
    found = Recommendation(
        "data corruption", "critical", "roll back", ("stop it",), ("migrated_rows [public.users]",), ("slow",)
    )
    given = report(outcome("not restored"), recommendation=found)

    for text in (Seen(page(given)).text, summary(given).replace("\\", "")):
        assert [
            word
            for word in ("data corruption", "critical", "roll back", "migrated_rows [public.users]", "slow")
            if word not in text
        ] == []
    assert json.loads(result(given))["recommendation"]["because"] == ["migrated_rows [public.users]"]
    assert "Recommendation" not in page(report())


def test_a_name_with_a_line_end_shows_it():
    assert r"public.a\nb" in Seen(page(report(outcome(parameter="public.a\nb")))).text


def test_the_page_says_the_verdict_first_then_failures_then_doubts_then_the_rest():
    cases = [
        outcome("not checked", "no log"),
        outcome(),
        outcome("inconclusive", "locked"),
        outcome("not restored", "x"),
    ]
    text = Seen(page(report(*cases))).text.partition("✗")[2]
    order = [
        "NOT RESTORED",
        "Database",
        "What failed",
        "What is inconclusive",
        "What was checked",
        "What was not checked",
        "What was compared with what",
    ]

    assert sorted(order, key=text.index) == order


def differing(*pairs, check="columns", heals=False):
    """Return findings of comparisons: subject, before, after."""
    return tuple(Finding.of(Difference(check, *each), heals=heals) for each in pairs)


def test_a_failure_is_shown_with_its_promise_before_and_after():
    found = differing(("public.users.id", "varchar(36)", None))
    text = Seen(page(report(outcome("not restored", "", found)))).text

    assert all(
        word in text for word in ("Every column has", "public.users.id is missing", "varchar(36)", "is not there")
    )
    assert text.index("What failed") < text.index("Every column has") < text.index("varchar(36)")
    assert "1 difference" not in text


def test_a_finding_that_compares_nothing_is_shown_by_its_sentence():
    found = Finding("primary_keys", "public.x", "a primary key", None, "public.x has no primary key")
    text = Seen(page(report(outcome("not restored", "", (found,))))).text

    assert "public.x has no primary key" in text
    assert "not there" not in text


def test_a_warning_has_a_section_of_its_own_with_the_statement_that_heals():
    found = differing(("public.users", "analysed", "not analysed: id"), check="planner_statistics", heals=True)
    mends = (Statement("ANALYZE public.users;", "public.users"),)
    warned = outcome("warning", "", found, check="planner_statistics", statements=mends)
    given = report(outcome(), warned, verdict="VERIFIED")
    html, markdown = Seen(page(given)).text, summary(given)

    assert html.index("1 warning") < html.index("Warnings") < html.index("ANALYZE public.users;")
    assert html.index("ANALYZE public.users;") < html.index("What was checked")
    assert "What failed" not in html
    assert "not analysed: id" in html
    assert markdown.index("## Warnings") < markdown.index("ANALYZE public.users;") < markdown.index("## Checks")
    assert json.loads(result(given))["outcomes"][1]["findings"][0]["actual"] == "not analysed: id"


def test_the_page_says_once_what_a_failed_check_means_and_keeps_the_lines_of_its_evidence():
    advice = "When it fails: the application meets another type."
    found = differing(("public.users.id", "text", "uuid"))
    rows = (RowReport("public.users", "a copy", {"missing": 1}, rows=(DifferingRow("missing", (1, 0)),)),)

    html = page(report(*(outcome("not restored", "", found, rows=rows, parameter=table) for table in ("a", "b"))))

    assert html.count(advice) == 1
    assert (
        html.count("<pre>which rows, compared with a copy: 1 row missing\n- missing: a row that is gone by now</pre>")
        == 2
    )


def test_a_case_shows_twenty_findings_and_counts_the_rest():
    found = differing(*((f"c{number:02}.", None, "integer") for number in range(SHOWN + 3)))
    text = Seen(page(report(outcome("not restored", "", found)))).text

    assert "c19." in text
    assert "c20." not in text
    assert "and 3 more, all in result.json" in text


def test_the_worst_comes_first():
    cases = [outcome("not restored", "x", check=level, severity=level) for level in ("low", "critical", "unheard of")]
    for text in (Seen(page(report(*cases))).text.partition("✗")[2], summary(report(*cases))):
        assert text.index("critical") < text.index("low") < text.index("unheard of")


def test_a_report_of_nothing_is_rendered():
    assert "no case was run" in Seen(page(report())).text
    assert summary(report()).startswith("# NOT RESTORED\n")
