"""rehearsal.html: one page, no script, no outside resource, everything escaped."""

from rollproof.model.amounts import size
from rollproof.rehearsal.record import Word
from rollproof.rehearsal.reports.costs_text import costs
from rollproof.rehearsal.reports.crash_line import crash_lines
from rollproof.rehearsal.reports.timeline import KEYS, timeline
from rollproof.rehearsal.reports.told import Told, ToldRehearsal, ToldStage, ToldStatement
from rollproof.report.html import environment

SHOWN = 200
"""How many lines of a list or a table are shown; rehearsal.json has all."""
_SLOWEST = 10
_WAYS = ("migrate", "rollback")


def page(told: Told) -> str:
    """Return the page; its Content-Security-Policy allows nothing but its own style, by hash."""
    made = environment()
    made.filters |= {
        "timeline": timeline,
        "costs": costs,
        "size": size,
        "slowest": slowest,
        "staircase": staircase,
        "crash_lines": crash_lines,
    }
    return made.get_template("rehearsal.html.j2").render(told=told, most=SHOWN, lock_keys=KEYS)


def slowest(one: ToldRehearsal) -> list[tuple[ToldStage, ToldStatement]]:
    """Return the statements of the migration and the rollback that took longest, the longest first."""
    found = [(stage, each) for stage in one.stages for each in stage.statements if stage.name in _WAYS and each.seconds]
    return sorted(found, key=lambda pair: -(pair[1].seconds or 0))[:_SLOWEST]


def staircase(one: ToldRehearsal) -> list[tuple[str, Word, list[ToldStage]]]:
    """Return each revision with the word for it, the worst of its stages', and its stages; none where there is but one."""
    stages: dict[str, list[ToldStage]] = {}
    for stage in one.stages:
        if stage.revision:
            stages.setdefault(stage.revision, []).append(stage)
    found = [(revision, _worst({stage.word for stage in some}), some) for revision, some in stages.items()]
    return found if len(found) > 1 else []


def _worst(words: set[Word]) -> Word:
    order: tuple[Word, ...] = ("bad", "undecided", "irreversible", "warning")
    return next((word for word in order if word in words), "good")


RENDERS = ("rehearsal.html", page)
