"""What a verification came to, as a program reads it and as a person does."""

from collections.abc import Iterator
from dataclasses import replace

from rollproof.model.finding import Finding
from rollproof.model.plain_text import SHOWN, finding_text, more, plain_text, row_lines, statement_lines
from rollproof.model.printable import harmless, one_line
from rollproof.report.reasons import not_checked, together, worst_first
from rollproof.report.terminal import counted
from rollproof.sources.source import CONTENT
from rollproof.verdict import outcome
from rollproof.verdict.cause import in_order
from rollproof.verdict.overview import Cause, Overview, overview

_BAD = 1  # the exit code of what is not restored
_EVERY_TIME = "not compared: "


class Report:
    """The verdict of a verification and what it rests on. True only if the verdict is good; its text is to be shown.

    `exit_code` is the one that `rollproof verify` would end with: 0 is good.
    """

    __module__ = "rollproof"

    def __init__(self, told: outcome.Report) -> None:
        self._told = told

    @property
    def verdict(self) -> str:
        """VERIFIED, NOT RESTORED, INCONCLUSIVE, …"""
        return self._told.verdict

    @property
    def sentence(self) -> str:
        """What the verdict means."""
        return self._told.sentence

    @property
    def exit_code(self) -> int:
        """0 good, 1 bad, 7 not everything could be decided; the others as the command line has them."""
        return self._told.exit_code

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is not as it was; first what follows from nothing else."""
        bad = [finding for each in self._of("not restored") for finding in each.findings if not finding.heals]
        return tuple(sorted(dict.fromkeys(bad), key=lambda finding: finding.follows_from is not None))

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What heals by itself or by one harmless statement."""
        found = (finding for each in self._told.outcomes for finding in each.findings if finding.heals)
        return tuple(dict.fromkeys(found))

    @property
    def statements(self) -> tuple[str, ...]:
        """SQL that would repair what was found, in an order in which it can be run. Review it before you run it."""
        told = sorted((each for told in self._told.outcomes for each in told.statements), key=lambda each: each.place)
        return tuple(dict.fromkeys(each.sql for each in told if not each.sql.startswith("--")))

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of this verification, and what no verification compares."""
        return self._told.notes

    def _of(self, kind: outcome.Kind) -> list[outcome.Outcome]:
        return worst_first(each for each in self._told.outcomes if each.kind == kind)

    def __bool__(self) -> bool:
        return self.exit_code == 0

    def __repr__(self) -> str:
        return f"<rollproof.Report {self.verdict}: {self.sentence}>"

    def __str__(self) -> str:
        # There is no file, but there are the fields.
        return harmless("\n".join(self._lines()).replace("all in result.json", "all in the report's findings"))

    def _lines(self) -> Iterator[str]:
        seen = overview(self._told)
        yield self._title([finding for finding in self.findings if not finding.follows_from])
        yield from filter(None, [self._told.trouble])
        yield from (f"{word.lower()} {text}" for word, text in self._told.provenance.head if word != "Run by")
        yield from self._evidence(seen)
        yield from self._doubtful()
        yield from (f"\nWARNING: {plain_text(each)}" for each in self._of("warning"))
        yield f"\n{counted(self._told) or 'no case was run'}"
        yield from (f"not checked: {', '.join(checks)}: {why}" for why, checks in not_checked(self._told).items())
        yield from (note for note in self.notes if not note.startswith(_EVERY_TIME))

    def _title(self, roots: list[Finding]) -> str:
        if not roots or self.exit_code != _BAD:
            return f"{self.verdict}: {self.sentence}"
        first, others = roots[0], len(roots) - 1
        numbers = (
            f" from {first.expected} to {first.actual}" if first.check == "rows" and first.change == "changed" else ""
        )
        rest = f", and {others:,} more" if others else ""
        return f"{self.verdict}: {first.check}: {one_line(first.sentence)}{numbers}{rest}"

    def _evidence(self, seen: Overview) -> Iterator[str]:
        """Yield what differs, place by place, which rows do, what follows from that, and what repairs it."""
        if seen.causes:
            yield f"\n{seen.headline}"
        for place in seen.places[:SHOWN]:
            yield f"- {one_line(place.name)}: {' · '.join(cause.words_at(place.name) for cause in place.causes)}"
            yield from (line for cause in place.causes if len(cause.places) == 1 for line in _untold(cause))
        yield from more(len(seen.places), "- and {} more, all in the report's findings")
        rows = {report.table: report for cause in seen.causes if cause.check in CONTENT for report in cause.rows}
        for name, table in sorted(rows.items())[:SHOWN]:
            # That a baseline names no rows is news for the command line, which may have another reference.
            yield from (f"{one_line(name)}: {line}" for line in row_lines(replace(table, unnamed="")))
        if following := sorted({finding.check for cause in seen.causes for finding in cause.consequences}):
            yield f"follows from that: {', '.join(following)}"
        statements = (each for cause in seen.causes for each in cause.statements)
        yield from statement_lines(sorted(statements, key=in_order))

    def _doubtful(self) -> Iterator[str]:
        """Yield what could not be decided, and what ended in an error of its own."""
        shared, single = together(self._told)
        yield from (f"\nINCONCLUSIVE: {reason}" for reason in shared[:SHOWN])
        doubtful = [each for each in worst_first(single) if each.kind in ("broken", "misuse", "inconclusive")]
        for each in doubtful[:SHOWN]:
            yield f"\n{each.kind.upper()}: {each.check} {each.parameter}: {plain_text(each)}"
        yield from more(len(doubtful), "and {} more")


def _untold(cause: Cause) -> Iterator[str]:
    """Yield what was and what is, where the words do not say both."""
    for root in cause.roots if cause.check not in CONTENT and ", was " not in cause.words else ():
        if root.compared and None not in (root.expected, root.actual):
            yield from finding_text(root).split("\n")[1:]
