"""Search, filters, keys, links and copies of report.html, as somebody uses them."""

import pytest
from playwright.sync_api import expect

from fixtures import sample_runs
from rollproof.report.html import page


@pytest.fixture
def shown(opened):
    """The report of five mistakes."""
    return opened(page(sample_runs.five_mistakes()))


def cards(shown):
    """Return the names of the causes' cards that are seen."""
    return [each.get_attribute("id") for each in shown.locator(".card[id^='cause-']").all() if each.is_visible()]


def test_a_search_shows_what_has_the_words_and_says_how_much_that_is(shown):
    everything = cards(shown)
    shown.get_by_role("searchbox").fill("GRANT vip_orders")
    expect(shown.get_by_role("status")).to_contain_text(f"1 of {len(everything) + 1} cards")  # one is no cause

    (found,) = cards(shown)
    assert "grants" in shown.locator(f"#{found}").inner_text()
    shown.keyboard.press("Escape")
    assert cards(shown) == everything


def test_filters_by_table_and_family_show_their_cards_and_can_be_taken_back(shown):
    everything = cards(shown)
    shown.get_by_role("combobox", name="Table").select_option(label="public.orders")
    assert len(cards(shown)) == 3
    shown.get_by_role("combobox", name="Family").select_option("types")
    (found,) = cards(shown)
    assert "column status" in shown.locator(f"#{found}").inner_text()
    shown.get_by_role("button", name="Show all again").click()
    assert cards(shown) == everything


def test_keys_search_walk_from_card_to_card_and_tell_themselves(shown):
    places = cards(shown)
    walked = []
    for key in "jjk":
        shown.keyboard.press(key)
        walked.append(shown.evaluate("() => document.activeElement.id"))
    assert walked == [places[0], places[1], places[0]]
    shown.keyboard.press("/")
    expect(shown.get_by_role("searchbox")).to_be_focused()
    shown.keyboard.type("j?")
    expect(shown.get_by_role("searchbox")).to_have_value("j?")
    shown.keyboard.press("Escape")
    shown.keyboard.press("?")
    expect(shown.get_by_role("dialog")).to_contain_text("next and previous card")
    shown.keyboard.press("Escape")
    expect(shown.get_by_role("dialog")).to_have_count(0)


def test_a_statement_and_the_link_of_a_card_are_copied_and_the_link_opens_it(opened):
    html = page(sample_runs.five_mistakes())
    shown = opened(html, permissions=["clipboard-read", "clipboard-write"])
    card = shown.locator(".card", has_text="GRANT INSERT")
    card.get_by_role("button", name="Copy this command").click()
    statement = card.locator(".copied pre").inner_text()
    assert statement.endswith("TO shop_app;")
    expect(shown.get_by_role("status")).to_contain_text("copied")
    assert shown.evaluate("() => navigator.clipboard.readText()") == statement
    card.get_by_role("button", name="Copy the link to this card").click()
    expect(card.get_by_role("button", name="Copy the link to this card")).to_have_text("copied")
    copied = shown.evaluate("() => navigator.clipboard.readText()")

    again = opened(html, f"#{copied.partition('#')[2]}")

    assert again.evaluate("() => document.activeElement.textContent").count("GRANT INSERT") == 1
    expect(again.locator(".card", has_text="GRANT INSERT")).to_be_in_viewport()


def test_a_link_and_a_search_open_what_is_folded_or_filtered_out(opened):
    """Whoever sends a link wants it to be seen, whatever the reader has folded or searched for."""
    shown = opened(page(sample_runs.many(60, 120)))
    last = shown.locator("[id='table-public.table_00019']")
    assert not last.is_visible()
    shown.get_by_role("searchbox").fill("table_00019")
    expect(last).to_be_visible()
    shown.get_by_role("searchbox").fill("nothing has these words")
    expect(last).not_to_be_visible()
    shown.evaluate("() => { location.hash = ''; location.hash = 'table-public.table_00019'; }")
    expect(last).to_be_visible()
    expect(last).to_be_in_viewport()
