"""Several runs as one HTML page, in the order of time: what each phase of a night came to, with links to the runs' own pages. Pure.

Like report.html it needs no network, and has no script; everything in it is escaped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rollproof.report.html import environment
from rollproof.report.reasons import together
from rollproof.verdict.outcome import Report
from rollproof.verdict.overview import Overview, overview

PLACES = 30
"""How many places are shown of each run; its own page has all."""
REASONS = 10
"""How many reasons are shown of what was inconclusive."""
BADNESS = ("bad", "open", "part", "good")
"""Tones, the worst first."""


@dataclass(frozen=True)
class NightRun:
    """A run on the page: its `report`, and the `link` to its own page, a relative URL; "" if it has none."""

    name: str
    report: Report
    link: str = ""

    @cached_property
    def view(self) -> Overview:
        """What there is to see at a glance."""
        return overview(self.report)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why something could not be decided, each reason once."""
        several, single = together(self.report)
        alone = (f"{each.check} {each.parameter}: {each.reason}" for each in single if each.kind == "inconclusive")
        return (*(each.text for each in several), *alone)


def page(runs: Sequence[NightRun]) -> str:
    """Return the page of these runs, given in the order in which they began.

    Its colour is that of the worst among the last runs of each phase and database: what was bad and is mended by now, is history.
    """
    last = {(each.report.phase, each.report.subject): each.report.tone for each in runs}
    tone = min(last.values(), key=BADNESS.index, default="open")
    databases = list(dict.fromkeys(each.report.subject for each in runs))
    template = environment().get_template("night.html.j2")
    return template.render(runs=runs, tone=tone, databases=databases, places=PLACES, most=REASONS)
