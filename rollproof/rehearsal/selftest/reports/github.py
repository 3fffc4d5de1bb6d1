"""What GitHub Actions shows of a self-test beside its log: verdict, what was missed, false alarms, blind spots."""

from collections.abc import Iterator

from rollproof.rehearsal.selftest.outcome import BLIND
from rollproof.rehearsal.selftest.reports.told import ToldSelfTest
from rollproof.report.github import LEVELS, MOST, Annotation, at_most


def annotations(told: ToldSelfTest) -> list[Annotation]:
    """Return the verdict, then errors, then blind spots, which are errors too if they count."""
    level = {"part": "notice", "open": "warning", **LEVELS}.get(told.tone, "error")
    first = Annotation(level, told.verdict, f"{told.sentence}\n{told.advice}")
    errors, blind = list(_errors(told)), list(_blind(told))
    return [first, *at_most(MOST - (level == "error"), errors), *at_most(MOST - (level == "warning"), blind)]


def _errors(told: ToldSelfTest) -> Iterator[Annotation]:
    for fault in told.of("missed"):
        yield Annotation("error", f"missed: {fault.title}", fault.statement)
    for each in told.harmless:
        if each.found:
            yield Annotation("error", f"false alarm: {each.name}", ", ".join(each.found))


def _blind(told: ToldSelfTest) -> Iterator[Annotation]:
    for each in told.why(*BLIND):
        title = f"{each.word}: {each.faults:,} of {', '.join(each.kinds)}"
        yield Annotation("warning", title, "\n".join(filter(None, [each.reason, *each.examples, each.mend])))
