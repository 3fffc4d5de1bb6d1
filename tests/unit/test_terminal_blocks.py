"""What has no room on a screen is cut so that everybody sees it."""

from fixtures.every import every
from rollproof.report.blocks import Block, Line, Section, fitted

WORDS = "not configured: backup, commands, endpoints, log, look-ups"


@every("sections", [1, 2])
def test_a_line_that_says_all_of_a_section_and_is_too_long_shows_that_it_goes_on(sections):
    cut = Section("check", (Block((Line("one"), Line("two"))),), WORDS)
    (shown,) = fitted([cut] * sections, 1, "report.html", width=40)
    assert shown.text == "not configured: backup, commands, …"


def test_one_that_fits_is_whole():
    cut = Section("check", (Block((Line("one"), Line("two"))),), "few")
    (shown,) = fitted([cut], 1, "report.html", width=40)
    assert shown.text == "few (report.html says more)"
