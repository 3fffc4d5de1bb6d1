"""Both pages as people meet them: with a screen reader, without script, on a telephone, on paper, and of hostile names."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from fixtures import sample_fleets, sample_rehearsals, sample_reports, sample_runs
from fixtures.every import every
from fixtures.sample_reports import HOSTILE
from rollproof.rehearsal.reports.html import page as rehearsal_page
from rollproof.report.fleet.html import page as fleet_page
from rollproof.report.history.night import NightRun
from rollproof.report.history.night import page as night_page
from rollproof.report.html import page

PAGES = {
    "five mistakes": lambda: page(sample_runs.five_mistakes()),
    "inconclusive": lambda: page(sample_runs.inconclusive()),
    "night": lambda: night_page(
        [NightRun("20261124", sample_runs.green(), "x.html"), NightRun("20261125", sample_runs.five_mistakes())]
    ),
    "fleet": lambda: fleet_page(sample_fleets.tenants()),
    "rehearsal": lambda: rehearsal_page(sample_rehearsals.said(*sample_rehearsals.all_over("public.orders"))),
}
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 400, "height": 800}
HIDDEN = """async () => {
    const folded = [...document.querySelectorAll("details:not([open]) *")].filter(each => !each.closest("summary"));
    let hidden;
    for (let turn = 0; turn < 60 && (!hidden || hidden.length); turn += 1) {  // another medium is there some frames later
        await new Promise(requestAnimationFrame);
        hidden = folded.filter(each => each.textContent.trim() && !each.checkVisibility({contentVisibilityAuto: true}));
    }
    return hidden.map(each => each.textContent.trim().slice(0, 80));
}"""


@every("name", PAGES)
def test_axe_finds_nothing_in_both_themes(opened, name):
    """Contrast, names of controls, order of headings, landmarks, tables: all rules of axe-core, best practices too."""
    shown = opened(PAGES[name]())
    for theme, size in (("light", WIDE), ("dark", NARROW)):
        shown.emulate_media(color_scheme=theme)
        shown.set_viewport_size(size)
        found = Axe().run(shown)

        assert found.response["passes"], "axe-core did not run"
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]] == [], theme


def test_the_first_screen_says_which_table_what_is_wrong_and_what_to_type(opened):
    """Whoever is woken by it reads no further."""
    for size in (WIDE, NARROW):
        shown = opened(page(sample_runs.five_mistakes()), viewport=size)

        for what in ("h1", "[id='table-public.orders']", "a[href^='#cause-']", "pre:has-text('rollproof repair')"):
            expect(shown.locator(what).first).to_be_in_viewport()


def test_a_telephone_shows_the_page_without_scrolling_sideways(opened):
    for name, made in PAGES.items():
        shown = opened(made(), viewport=NARROW)
        widest = shown.evaluate("() => document.documentElement.scrollWidth")

        assert widest <= NARROW["width"], name


def test_paper_shows_what_is_folded(opened):
    for name, made in PAGES.items():
        shown = opened(made())
        shown.emulate_media(media="print")

        assert shown.evaluate(HIDDEN) == [], name


def test_without_script_the_page_says_all_and_offers_nothing_that_does_not_work(opened):
    for name, made in PAGES.items():
        with_script, without = opened(made()), opened(made(), java_script_enabled=False)
        said = "() => [...document.querySelectorAll('h1, h2, h3, pre, td, th, dd')].map(each => each.textContent)"
        dead = "() => [...document.querySelectorAll('button, input, select')].filter(each => each.checkVisibility()).length"

        assert set(with_script.evaluate(said)) <= {*without.evaluate(said), ""}, name
        assert without.evaluate(dead) == 0, name


@pytest.mark.promise
def test_hostile_names_show_as_text_and_run_nothing(opened):
    """The policy would stop them by itself; here it is taken out too, so that the escaping alone protects."""
    hostile = "\n".join(HOSTILE)
    for html in (
        page(sample_reports.all_over(hostile)),
        rehearsal_page(sample_rehearsals.said(*sample_rehearsals.all_over(hostile))),
        fleet_page(sample_fleets.all_over(hostile)),
    ):
        for text in (html, html.replace("http-equiv", "data-was")):
            shown = opened(text)

            assert shown.evaluate("() => document.documentElement.dataset.pwned") is None
            assert "onerror" in shown.inner_text("body")
    assert "pwned" in opened(HOSTILE[0]).evaluate("() => Object.keys(document.documentElement.dataset)")


def test_the_largest_page_is_small_and_opens(opened):
    """How soon it opens is measured by benchmarks/page.py."""
    html = page(sample_runs.many(10_000, 2_000, are_alike=False))

    assert len(html.encode()) < 5_000_000
    assert opened(html).title().startswith("NOT RESTORED")
