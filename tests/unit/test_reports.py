"""The renderers: whatever a database is called or says, the page, the summary and the JSON stay what they are."""

import base64
import dataclasses
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from rollproof.model.compare import TO_KNOW, Difference, sentence
from rollproof.model.printable import visible
from rollproof.model.provenance import Client, Provenance, Reference, Source
from rollproof.report.html import FINDINGS, page
from rollproof.report.json import result
from rollproof.report.markdown import summary
from rollproof.report.reasons import reasons
from rollproof.verdict.outcome import Outcome, Report
from rollproof.verdict.recommendation import Recommendation
from rollproof.verdict.selected import Selected

PWNED = "document.documentElement.dataset.pwned=1"
HOSTILE = [
    f"<script>{PWNED}</script>",
    f"<img src=x onerror='{PWNED}'>",
    f'"><svg onload={PWNED}>',
    f"' autofocus onfocus='{PWNED}' x='",
    f"</style></title></pre></textarea><script>{PWNED}</script>",
    f"--><body onload={PWNED}><!--",
    f"javascript:{PWNED}",
    f"<style>*{{display:none}}</style><link rel=stylesheet href=//evil><meta http-equiv=refresh content=0>",  # noqa: F541 (braces)
    f"{{{{ ''.__class__ }}}}{{% raw %}}<a href='javascript:{PWNED}'>x</a>",
    "nul\x00 esc\x1b[31m bell\x07 rtl\u202e isolate\u2066 zero\u200b lone\ud800 line\u2028 new\nline\r\n]]>",
    "`` ``` | \\| <b> [x](javascript:1) ~~~ @everyone #1",
]
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "article", "details"),
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "span",
        "bdi",
        "code",
        "pre",
        "strong",
        "br",
        "summary",
        "dl",
        "dt",
        "dd",
        "ul",
        "li",
    ),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "aria-hidden", "scope"}


def outcome(kind="verified", text="", findings=(), **rest):
    given = {"check": "columns", "parameter": "public.users", "severity": "high", "seconds": 0.5, **rest}
    return Outcome(kind=kind, text=text, findings=findings, **given)


def report(*outcomes, **rest):
    given = {
        "verdict": "NOT RESTORED",
        "sentence": "the rollback did not put the database back",
        "exit_code": 1,
        "subject": "postgres@localhost/vibes",
        "reference": "baseline.json",
        "phase": "post_rollback",
        "tool": "0.1.0",
        "started": "2026-11-24T02:28:11+00:00",
        "seconds": 11.2,
        "trouble": "",
        "notes": (),
        "promises": {"columns": "Every column has its type back."},
        "advice": {"columns": "When it fails: the application meets another type."},
        "selection": Selected(16, 366, ('selected by -k "users"',)),
        "provenance": provenance("shop"),
        **rest,
    }
    return Report(outcomes=outcomes, **given)


def all_over(text):
    """Return a report that says `text` wherever a report can."""
    found = (Difference(text, text, text, text), Difference("x", text, None, text), Difference("x", text, text, None))
    words = {"check": text, "parameter": text, "severity": text}
    return report(
        *(outcome(kind, text, found, **words) for kind in ("not restored", "broken", *["inconclusive"] * 2, "warning")),
        outcome("misuse", "", found, **words),
        *(outcome(kind, text, **words) for kind in ("verified", "not checked")),
        **dict.fromkeys(("verdict", "sentence", "subject", "reference", "phase", "tool", "started", "trouble"), text),
        notes=(text,),
        selection=Selected(16, 366, (text,)),
        promises={text: text},
        advice={text: text},
        recommendation=Recommendation(text, text, text, (text,), (text, text), (text,)),
        provenance=provenance(text),
    )


def provenance(text):
    """Return one that says `text` wherever it can."""
    source = Source(*[text] * 6, role=text, session_role=text + text, instants=(text, text), note=text)
    words = {field.name: text for field in dataclasses.fields(Client) if field.name != "options"}
    reference = Reference("baseline", text, text, source, None, text, text, text, text)
    return Provenance(text, source, reference, Client(**words, options=(text,)))


class Seen(HTMLParser):
    """The elements and attributes of a page, and its text as a reader sees it."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.tags.append(f"<!--{data}-->")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
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


@pytest.fixture(scope="module")
def browser():
    """Chromium, as a function from a page's path to its document once scripts had their chance."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed, so no browser can say whether a script would run")

    def dom(path):
        flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={path.parent}/profile", "--dump-dom"]
        return subprocess.run([program, *flags, path.as_uri()], capture_output=True, check=True, timeout=90).stdout

    return dom


def test_a_browser_runs_nothing_that_data_says(browser, tmp_path):
    """The policy would stop a script by itself; here it is taken out, so that only the escaping protects."""
    html = re.sub("<meta http-equiv=[^>]*>", "", page(all_over("\n".join(HOSTILE))))
    unsafe, safe = tmp_path / "unsafe.html", tmp_path / "page.html"
    unsafe.write_text(HOSTILE[0])
    safe.write_text(html, "utf-8")

    assert b'data-pwned="1"' in browser(unsafe)
    assert b'data-pwned="1"' not in browser(safe)


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


def test_what_has_no_shape_is_shown_by_its_code():
    assert visible("a\x1b\u202eb\x00\ud800\u3164\ufe0f") == r"a\x1b\u202eb\x00\ud800\u3164\ufe0f"
    assert visible("größe 表 שם\n\t") == "größe 表 שם\n\t"
    assert visible("a\nb", keep="") == r"a\nb"


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
        "What cannot be told",
        "What was checked",
        "What was not checked",
        "What was held against what",
    ]

    assert sorted(order, key=text.index) == order


def test_a_failure_is_shown_with_its_promise_before_and_after():
    found = (Difference("columns", "public.users.id", "varchar(36)", None),)
    text = Seen(page(report(outcome("not restored", f"{sentence('columns', found)}\nWhen it fails …", found)))).text

    assert all(
        word in text for word in ("Every column has", "public.users.id", "missing", "varchar(36)", "is not there")
    )
    assert text.index("What failed") < text.index("Every column has") < text.index("varchar(36)")
    assert "When it fails …" in text
    assert "1 not restored\n-" not in text


def test_a_warning_has_a_section_of_its_own_with_the_statement_that_heals():
    found = (Difference("planner_statistics", "public.users", "analysed", "not analysed: id"),)
    said = f"{sentence('planner_statistics', found, word=TO_KNOW)}\nANALYZE public.users;"
    given = report(outcome(), outcome("warning", said, found, check="planner_statistics"), verdict="VERIFIED")
    html, markdown = Seen(page(given)).text, summary(given)

    assert html.index("1 warning") < html.index("Warnings") < html.index("ANALYZE public.users;")
    assert html.index("ANALYZE public.users;") < html.index("What was checked")
    assert "What failed" not in html
    assert "not analysed: id" in html
    assert markdown.index("## Warnings") < markdown.index("ANALYZE public.users;") < markdown.index("## Checks")
    assert json.loads(result(given))["outcomes"][1]["findings"][0]["after"] == "not analysed: id"


def test_the_page_says_once_what_a_failed_check_means_and_keeps_the_lines_of_its_evidence():
    advice = "When it fails: the application meets another type."
    found = (Difference("columns", "public.users.id", "text", "uuid"),)
    said = f"{sentence('columns', found)}\nwhich rows:\n- one\n{advice}"

    html = page(report(*(outcome("not restored", said, found, parameter=table) for table in ("a", "b"))))

    assert html.count(advice) == 1
    assert html.count("<pre>which rows:\n- one</pre>") == 2


def test_a_case_shows_twenty_findings_and_counts_the_rest():
    found = tuple(Difference("columns", f"c{number:02}.", None, "integer") for number in range(FINDINGS + 3))
    text = Seen(page(report(outcome("not restored", sentence("columns", found), found)))).text

    assert "c19." in text
    assert "c20." not in text
    assert "and 3 more, all in result.json" in text


def test_a_secret_that_the_text_hides_is_not_shown_by_a_finding():
    found = (Difference("comments", "public.users", "hunter2", "none"),)
    hidden = sentence("comments", found).replace("hunter2", "***")
    html = page(report(outcome("not restored", hidden, found)))

    assert "***" in html
    assert "hunter2" not in html


def test_the_worst_comes_first():
    cases = [outcome("not restored", "x", check=level, severity=level) for level in ("low", "critical", "unheard of")]
    for text in (Seen(page(report(*cases))).text.partition("✗")[2], summary(report(*cases))):
        assert text.index("critical") < text.index("low") < text.index("unheard of")


def test_a_report_of_nothing_is_rendered():
    assert "no case was run" in Seen(page(report())).text
    assert summary(report()).startswith("# NOT RESTORED\n")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_stays_in_its_cell(text):
    def tables(markdown):
        """Return the number of unescaped pipes of each line that lies in no fence."""
        outside = re.sub(r"^(`{3,})text\n.*?\n\1$", "", markdown, flags=re.DOTALL | re.MULTILINE)
        return [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in outside.split("\n")]

    assert tables(summary(all_over(text))) == tables(summary(all_over("harmless")))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_markup_of_the_summary_comes_from_data(text):
    outside = re.sub(r"^(`{3,})text\n.*?\n\1$", "", summary(all_over(text)), flags=re.DOTALL | re.MULTILINE)

    assert re.findall(r"(?<!\\)(?:\\\\)*[`<\[\]~]", outside) == []
    assert "://" not in outside
    assert outside.isascii() or not re.search("[\u200b\u2028\u202e\u2066\ud800]", outside)


def test_a_fence_is_longer_than_any_run_of_backticks_in_it():
    assert "\n`````text\n```` x\n`````\n" in summary(report(outcome("not restored", "```` x")))


def test_the_summary_stays_below_what_github_takes():
    kinds = ("not restored", "warning")
    cases = [outcome(kind, "é" * 200_000, check=f"c{number}") for number in range(600) for kind in kinds]
    unchecked = [outcome("not checked", f"{number} {'x' * 5000}") for number in range(600)]

    assert len(summary(report(*cases, *unchecked)).encode()) < 1024 * 1024


def test_the_json_has_every_field_and_every_finding():
    found = tuple(Difference("columns", f"c{number}", "a", None) for number in range(50))
    given = report(outcome("not restored", "text", found), notes=("note",))
    read = json.loads(result(given))

    assert list(read) == ["format", *(field.name for field in dataclasses.fields(Report)), "reasons"]
    assert read == {"format": 1, **json.loads(json.dumps(dataclasses.asdict(given))), "reasons": []}
    assert result(given) == result(given)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_json_carries_any_text(text):
    read = json.loads(result(all_over(text)))
    carried = text.replace("\ud800", r"\ud800")

    assert read["subject"] == read["outcomes"][0]["findings"][0]["before"] == read["promises"][carried] == carried


def test_a_finding_that_is_no_dataclass_is_told_by_its_text():
    given = report(outcome("not restored", "said", (ValueError("odd"),)))

    assert json.loads(result(given))["outcomes"][0]["findings"] == ["odd"]
    assert "said" in page(given)
    assert "What failed" in page(report(outcome("not restored", "", (ValueError("odd"),))))


def untold(check, name, why):
    return outcome("inconclusive", f"{check}: not known\n- {name}: {why}", check=check, parameter=name)


def denied(check, name):
    grant = f"GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON {name} TO reader"
    return untold(check, name, f"{name} could not be read: permission denied for table {name[7:]}\n{grant}")


NAMES = [f"public.t{number}" for number in range(11)]
MANY = [
    outcome(),
    *(denied(check, name) for check in ("rows", "content") for name in NAMES),
    *(
        untold("planner_statistics", name, f"needs GRANT SELECT ON {name}, and rows that no policy hides")
        for name in NAMES
    ),
    *(untold("privileges", name, f"{name} changed while it was read") for name in ("public.a", "public.b")),
    untold("columns", "public.c", "a reason of its own"),
]


def test_one_reason_for_many_doubts_is_told_once_in_every_report():
    given = report(*MANY)
    found, _ = reasons(given.outcomes)

    assert [(each.cases, each.checks, each.names) for each in found] == [
        (33, ("content", "planner_statistics", "rows"), tuple(sorted(NAMES))),
        (2, ("privileges",), ("public.a", "public.b")),
    ]
    assert "GRANT pg_read_all_data TO reader;" in found[0].text
    assert found[1].text == "… changed while it was read"
    for text in (Seen(page(given)).text, summary(given)):
        assert text.count("GRANT pg_read_all_data TO reader;") == 1
        assert "GRANT SELECT" not in text
        assert "a reason of its own" in text
        assert [name for name in NAMES if name not in text] == []
    assert json.loads(result(given))["reasons"][0]["cases"] == 33


def test_a_case_that_has_a_reason_of_its_own_as_well_is_told_by_itself():
    both = outcome(
        "inconclusive", f"{denied('rows', NAMES[0]).text}\n- public.x: locked", check="rows", parameter="the rest"
    )
    found, told = reasons([both, denied("rows", NAMES[0]), denied("rows", NAMES[1])])

    assert found[0].cases == 3
    assert told == {1, 2}


def test_hidden_rows_are_another_reason_than_a_missing_grant():
    """No grant lets a role see what row security hides."""
    hidden = [untold("rows", name, "its rows are hidden from reader: ALTER ROLE reader BYPASSRLS") for name in NAMES]
    found, _ = reasons([*hidden, *(denied("rows", f"{name}0") for name in NAMES)])

    assert sorted("BYPASSRLS" in each.text for each in found) == [False, True]


def test_a_table_of_one_letter_is_not_looked_for_in_the_words_of_a_reason():
    why = "{} is not read: a function is not PostgreSQL's own"
    found, _ = reasons([untold("rows", name, why.format(name)) for name in ("public.s", "public.t")])

    assert [each.text for each in found] == ["… is not read: a function is not PostgreSQL's own"]
