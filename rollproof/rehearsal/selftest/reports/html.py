"""selftest.html: one page, no script, no outside resource, everything escaped."""

from rollproof.rehearsal.selftest.outcome import BLIND, WORDS
from rollproof.rehearsal.selftest.reports.told import ToldSelfTest
from rollproof.report.html import environment

SHOWN = 200
"""How many lines of a list or a table are shown; selftest.json has all."""


def page(told: ToldSelfTest) -> str:
    """Return the page; its Content-Security-Policy allows nothing but its own style, by hash."""
    template = environment().get_template("selftest.html.j2")
    return template.render(told=told, most=SHOWN, words=WORDS, blind=BLIND)


RENDERS = ("selftest.html", page)
