"""The page of a night: each run in short, in the order given, self-contained, and no name is markup."""

from fixtures.every import every
from fixtures.sample_reports import HOSTILE, Seen, all_over, outcome, report
from rollproof.model.finding import Finding
from rollproof.report.history.night import NightRun, page

TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "footer",
        "section",
        "h1",
        "h2",
        "h3",
        "p",
        "a",
    ),
    *(
        "strong",
        "bdi",
        "code",
        "div",
        "span",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "ul",
        "li",
        "dl",
        "dt",
        "dd",
        "pre",
    ),
}
ATTRIBUTES = {
    *("lang", "charset", "content", "http-equiv", "name", "class", "id", "href", "scope", "role", "tabindex"),
    *("aria-labelledby", "aria-hidden"),
}


def test_each_run_is_told_in_short_with_the_way_to_its_own_page():
    lost = Finding("columns", "public.users.id", "uuid", compared=True)
    good = report(outcome(), verdict="READY", exit_code=0, phase="pre_rollback")
    bad = report(outcome("not restored", findings=(lost,)))

    html = page([NightRun("a", good), NightRun("b", bad, "runs/b/report.html")])
    seen = Seen(html)

    assert "READY → NOT RESTORED" in seen.text
    assert '<header class="bad">' in html
    assert "column id missing" in " ".join(seen.text.split())
    assert ("href", "runs/b/report.html") in seen.attributes


def test_a_page_has_the_tone_of_the_last_run_of_each_phase():
    good, bad = report(outcome(), verdict="VERIFIED", exit_code=0), report(outcome("broken"), phase="pre_rollback")

    assert '<header class="good">' in page([NightRun("a", report()), NightRun("b", good)])
    assert '<header class="bad">' in page([NightRun("a", bad), NightRun("b", good)])
    assert '<header class="open">' in page([])


@every("text", HOSTILE)
def test_whatever_a_run_says_is_text(text):
    seen = Seen(page([NightRun(text, all_over(text), "x")]))

    assert set(seen.tags) <= TAGS
    assert {name for name, _ in seen.attributes} <= ATTRIBUTES
    assert "script-src" not in str(seen.attributes)
