"""fleet.html: the groups first, then what several groups share; good targets are counted, and folded. No script, no network."""

from itertools import islice

from rollproof.report.fleet.links import link, quoted
from rollproof.report.html import environment
from rollproof.verdict.fleet.fleet_report import FleetReport
from rollproof.verdict.fleet.fleet_words import group_words, shared_words
from rollproof.verdict.fleet.group_repair import alone_repaired, own_script, repairs_of
from rollproof.verdict.fleet.target_groups import TargetGroup

GROUPS = 300
"""Groups that are shown, the worst; fleet.json has all."""
ROOTS = 30
"""Roots that are shown of a group, and of what several groups share."""
NAMES = 12_000
"""Names of targets that the page has together: with more no browser likes to open it."""
_OPEN = 12  # names of a group that are not folded


def page(report: FleetReport) -> str:
    """Return the page; its Content-Security-Policy allows nothing but its own style, by hash."""
    bad = [each for each in report.groups if each.exit_code]
    good = [each for each in report.groups if not each.exit_code]
    room = NAMES
    cards = []
    for group in bad[:GROUPS]:
        shown = min(len(group.targets), max(room // 2, min(room, _OPEN)))
        cards.append(_card(group, shown))
        room -= shown
    template = environment().get_template("fleet.html.j2")
    return template.render(
        report=report,
        cards=cards,
        left_out=len(bad) - len(cards),
        shared=[shared_words(each, len(report.outcomes)) for each in report.shared[:ROOTS]],
        more_shared=max(len(report.shared) - ROOTS, 0),
        good=[_card(each, min(len(each.targets), room // max(len(good), 1))) for each in good],
        missing=report.missing[: NAMES // 10],
        most_roots=ROOTS,
        few=_OPEN,
    )


def _card(group: TargetGroup, shown: int) -> dict[str, object]:
    targets = [(each.name, link(each), each.headline) for each in islice(group.targets, shown)]
    return {
        "group": group,
        "words": group_words(group),
        "targets": targets,
        "more": len(group.targets) - shown,
        "repairs": repairs_of(group),
        "own": [quoted(own_script(each)) for each in alone_repaired(group)],
    }


RENDERS = ("fleet.html", page)
