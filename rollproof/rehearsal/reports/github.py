"""What GitHub Actions shows of a rehearsal: annotations, at the statements where they are known, and the summary of the step."""

import os
from collections.abc import Iterator, Mapping

from rollproof.rehearsal.reports.markdown import summary
from rollproof.rehearsal.reports.told import Told, ToldRehearsal, ToldRoot
from rollproof.rehearsal.reports.told_doors import ToldRemark
from rollproof.report.github import LEVELS, MOST, Annotation, add_to_summary, at_most, is_there


def annotations(told: Told) -> list[Annotation]:
    """Return the verdict, and each difference that follows from no other, at the statement that it comes from."""
    level = LEVELS.get(told.tone, "error")
    first = Annotation(level, told.verdict, f"{told.sentence}\n{told.advice}")
    errors = dict.fromkeys(each for one in told.rehearsals for each in _of(one))
    return [first, *at_most(MOST - (level == "error"), list(errors))]


def _of(one: ToldRehearsal) -> Iterator[Annotation]:
    for stage in one.failed:
        yield from (_at(root) for root in stage.roots)
        if not stage.roots:
            yield Annotation("error", stage.title, stage.sentence)
        yield from (_at_statement(each) for each in (stage.doors.closed if stage.doors else ()))
    for crash, *others in one.lost:
        more = f"and {len(others):,} more cuts end alike" if others else ""
        left = "\n".join(filter(None, [crash.text, crash.trouble, *(root.sentence for root in crash.roots), more]))
        yield Annotation("error", f"cut: {crash.title}", left)


def _at_statement(remark: ToldRemark) -> Annotation:
    """Return a statement that a schema refuses, at the line where it stands."""
    title = f"{remark.where} {remark.word}"
    return Annotation("error", title, f"{remark.sentence}\n{remark.door.text}", *remark.door.place)


def _at(root: ToldRoot) -> Annotation:
    """Return a difference at the statement that undid it wrongly, else at the one that made it."""
    place = next((each for each in (root.undone, root.made) if each and each.file and each.line), None)
    more = f"{len(root.following):,} more follow from it" if root.following else ""
    text = "\n".join(filter(None, [root.sentence, root.origin, more, *root.mends]))
    title = f"{root.check}: {root.subject}"
    return Annotation("error", title, text, place.file if place else "", place.line if place else None)


def summarise(told: Told, environment: Mapping[str, str]) -> str:
    """Append the summary to the step's, where GitHub has one; return why that could not be done, "" if it was or there is none."""
    return add_to_summary(summary(told), environment)


def commands(told: Told) -> list[str]:
    """Return the lines that GitHub's runner obeys; none anywhere else."""
    return [each.command() for each in annotations(told)] if is_there(os.environ) else []
