"""The page: whatever a database is called or says, its elements stay what they are, and the verdict comes first."""

import base64
import hashlib
import json
import re

from fixtures.every import every
from fixtures.sample_reports import HOSTILE, Seen, all_over, outcome, report
from rollproof.model.compare import Difference
from rollproof.model.finding import DifferingRow, Finding, RowReport, Statement
from rollproof.report import page_values
from rollproof.report.html import page, row_text
from rollproof.report.json import result
from rollproof.report.markdown import summary
from rollproof.report.page_values import ROOTS
from rollproof.verdict.measured import TableRead
from rollproof.verdict.outcome import OF_OWN
from rollproof.verdict.recommendation import Recommendation

ELEMENTS = {
    *("html", "head", "meta", "title", "style", "script", "body", "header", "main", "footer", "section", "article"),
    *(
        "h1",
        "h2",
        "h3",
        "p",
        "span",
        "bdi",
        "code",
        "pre",
        "strong",
        "br",
        "details",
        "summary",
        "a",
        "del",
        "ins",
        "abbr",
    ),
    *("dl", "dt", "dd", "div", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "scope", "role", "tabindex", "title"),
    *("aria-hidden", "aria-labelledby", "data-item", "data-family", "data-severity"),
}


@every("text", HOSTILE)
def test_no_element_and_no_attribute_of_the_page_comes_from_data(text):
    html = page(all_over(text))
    seen, harmless = Seen(html), Seen(page(all_over("harmless")))

    assert sorted(seen.tags) == sorted(harmless.tags)  # the order is that of the words
    assert set(seen.tags) <= ELEMENTS
    assert {key for key, _ in seen.attributes} <= ATTRIBUTES
    assert not re.search("[\x00-\x08\x0b-\x1f\u200b\u2028\u202e\u2066\ud800]", html)


@every("text", HOSTILE)
def test_words_that_changed_are_marked_and_nothing_else_is(text):
    found = differing(("public.x", f"~{text}", f"{text}~"), ("public.y", text, "0"))
    seen = Seen(page(report(outcome("not restored", "", found))))

    assert {"del", "ins"} <= set(seen.tags) <= ELEMENTS
    assert {key for key, _ in seen.attributes} <= ATTRIBUTES
    assert seen.tags.count("script") == 1


def test_the_page_allows_its_own_style_and_script_and_nothing_else():
    html = page(report())
    own = [re.search(f"<{tag}>(.*)</{tag}>", html, re.DOTALL).group(1) for tag in ("style", "script")]
    style, script = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in own)
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'"

    assert ("content", policy) in Seen(html).attributes
    assert html.startswith("<!DOCTYPE html>")
    assert not re.search("innerHTML|outerHTML|insertAdjacent|document.write|eval|fetch|XMLHttp|https?:", own[1])


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
        "Causes, the worst first",
        "What is inconclusive",
        "What was not checked",
        "What was checked",
        "What was compared with what",
    ]

    assert sorted(order, key=text.index) == order


def differing(*pairs, check="columns", heals=False):
    """Return findings of comparisons: subject, before, after."""
    return tuple(Finding.of(Difference(check, *each), heals=heals) for each in pairs)


def test_a_failure_is_shown_with_its_promise_before_and_after():
    found = differing(("public.users.id", "varchar(36)", None))
    text = Seen(page(report(outcome("not restored", "", found)))).text

    told = [
        text.index(word) for word in ("Where it differs", "Causes", "varchar(36)", "is not there", "Every column has")
    ]
    assert sorted(told) == told


def test_a_long_definition_is_shown_by_its_words_that_changed():
    lines = [f"    step_{number} integer," for number in range(40)]
    before, after = (
        "\n".join(["CREATE TABLE x (", *lines, f"    total {kind}", ");"]) for kind in ("numeric(10,2)", "text")
    )
    html = page(report(outcome("not restored", "", differing(("public.x", before, after), check="pg_dump"))))

    assert "total <del>numeric(10,2)</del>\n);" in html
    assert "total <ins>text</ins>\n);" in html
    assert "step_20 " not in html.partition('<dl class="sides">')[2].partition("</dl>")[0]
    assert "lines as they were" in html


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
    assert "Causes, the worst first" not in html
    assert "not analysed: id" in html
    assert markdown.index("## Warnings") < markdown.index("ANALYZE public.users;") < markdown.index("checks, and what")
    assert json.loads(result(given))["outcomes"][1]["findings"][0]["actual"] == "not analysed: id"


def test_the_page_says_once_what_a_failed_check_means_and_keeps_the_lines_of_its_evidence():
    advice = "When it fails: the application meets another type."
    copies = [
        RowReport(f"public.{name}", "a copy", {"missing": 1}, rows=(DifferingRow("missing", (1, 0)),)) for name in "ab"
    ]
    cases = [
        outcome(
            "not restored",
            "",
            differing((each.table, f"1{each.table}", "0"), check="content"),
            check="content",
            rows=(each,),
            parameter=each.table,
        )
        for each in copies
    ]
    other = outcome("not restored", "", differing(("public.c", None, "5"), check="content"), check="content")
    html = page(report(*cases, other, advice={"content": advice}))

    assert html.count('<article class="card') == 2
    assert html.count(advice) == 1
    assert html.count(f"<pre>{row_text(copies[0])[0]}</pre>") == 2
    assert "\n" in row_text(copies[0])[0]


def test_a_cause_shows_twenty_findings_and_counts_the_rest():
    found = differing(*((f"public.t{number:02}.c", None, f"kind_{number}_") for number in range(ROOTS + 3)))
    text = Seen(page(report(outcome("not restored", "", found)))).text

    assert f"kind_{ROOTS - 1}_" in text
    assert f"kind_{ROOTS}_" not in text
    assert "and 3 others, all in result.json" in text


def test_tables_that_differ_alike_stand_together_and_each_can_be_linked():
    tables = [f"public.t{number:03}" for number in range(400)]
    found = differing(*((f"{table}.{column}", None, "text") for column in "abcdef" for table in tables))
    html = page(report(outcome("not restored", "", found), tables=tuple(map(TableRead, (*tables, "public.well")))))

    assert html.count('<article class="card') == 6
    assert html.count('<li class="place"') == 1
    assert [table for table in tables if html.count(f'id="table-{table}"') != 1] == []


def test_many_examples_of_rows_are_folded_below_their_number():
    rows = RowReport("public.a", "a copy", {"missing": 30}, rows=(DifferingRow("missing", (1, 0)),) * 20, more=10)
    told, examples = row_text(rows)

    assert told == "which rows, compared with a copy: 30 rows missing"
    assert len(examples.splitlines()) == 21
    assert "and 10 more" in examples


def test_every_link_of_the_page_leads_somewhere_also_where_causes_are_left_out(monkeypatch):
    found = (f"public.t{number}.c{number}" for number in range(5))
    many = report(*(outcome("not restored", "", differing((each, None, "text")), parameter=each[:9]) for each in found))
    monkeypatch.setattr(page_values, "CARDS", 3)
    for given in (many, all_over("x"), all_over(HOSTILE[0])):
        html = page(given)
        seen = Seen(html).attributes
        ids = [text for key, text in seen if key == "id"]

        assert {text for key, text in seen if key == "href"} <= {f"#{each}" for each in ids}
        assert len(ids) == len(set(ids))
        assert "and 2 more causes, all in result.json" in html or given is not many


def test_the_worst_comes_first():
    cases = [outcome("not restored", "x", check=level, severity=level) for level in ("low", "critical", "unheard of")]
    for text in (Seen(page(report(*cases))).text.partition("✗")[2], summary(report(*cases))):
        assert text.index("critical") < text.index("low") < text.index("unheard of")


def test_a_report_of_nothing_is_rendered():
    assert "no case was run" in Seen(page(report())).text
    assert summary(report()).startswith("# NOT RESTORED\n")


def test_a_check_of_the_users_own_is_told_once_by_what_it_says_and_is_no_object_that_differs():
    check = f"tests/test_mine.py{OF_OWN}test_totals"
    told = (Finding(check, "", sentence="totals are off"),)
    given = report(outcome("not restored", "assert 3 == 4", told, check=check, parameter=""))
    text = Seen(page(given)).text

    assert "1 check of your own failed; 1 cause" in text
    assert text.partition("Where it differs")[2].partition("Causes")[0].count(check) == 1
    assert "test\\_totals: totals are off" in summary(given)
