"""One reason for many inconclusive cases is shown once, with the checks and the names that it is about."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rollproof.model.plain_text import SHOWN
from rollproof.verdict.outcome import KINDS, SEVERITIES, Outcome, Report

_PATH = r'(?:"(?:[^"]|"")*"|[\w$])+(?:\.(?:"(?:[^"]|"")*"|[\w$])+)*'
_GRANTED = re.compile(rf"GRANT SELECT ON (?:SEQUENCE )?({_PATH})")
_TO = re.compile(rf"GRANT (?:SELECT|USAGE|pg_read_all_data)\b[^;\n]*? TO ({_PATH})")


@dataclass(frozen=True)
class Reason:
    """One reason why several cases are inconclusive: of which `checks`, about which `names`, and how many cases."""

    text: str
    checks: tuple[str, ...]
    names: tuple[str, ...]
    cases: int

    def __str__(self) -> str:
        shown = ", ".join(self.names[:SHOWN])
        more = f", and {len(self.names) - SHOWN:,} more" if len(self.names) > SHOWN else ""
        return f"{self.text}\n  {self.cases:,} cases of {', '.join(self.checks)}\n  about {shown}{more}"


@dataclass(frozen=True)
class _Doubt:
    node: int
    check: str
    names: tuple[str, ...]
    cause: str


def reasons(outcomes: Sequence[Outcome]) -> tuple[tuple[Reason, ...], frozenset[int]]:
    """Return the reasons that several cases share, the most frequent first, and the places of the cases without any other."""
    doubts = [
        doubt for node, each in enumerate(outcomes) if each.kind == "inconclusive" for doubt in _doubts(node, each)
    ]
    roles = sorted({role for doubt in doubts for role in _TO.findall(doubt.cause)})
    by_cause: dict[str, list[_Doubt]] = {}
    for doubt in doubts:
        by_cause.setdefault(_granted(doubt.cause, roles), []).append(doubt)
    shared = {cause: some for cause, some in by_cause.items() if len({doubt.node for doubt in some}) > 1}
    alone = {doubt.node for cause, some in by_cause.items() if cause not in shared for doubt in some}
    told = frozenset(doubt.node for some in shared.values() for doubt in some) - alone
    found = [_reason(cause, some) for cause, some in shared.items()]
    return tuple(sorted(found, key=lambda reason: (-reason.cases, reason.text))), told


def _reason(cause: str, some: Sequence[_Doubt]) -> Reason:
    names = sorted({name for doubt in some for name in doubt.names if name})
    checks = sorted({doubt.check for doubt in some})
    return Reason(cause, tuple(checks), tuple(names), len({doubt.node for doubt in some}))


def _doubts(node: int, outcome: Outcome) -> Iterator[_Doubt]:
    """Yield each reason why a case is inconclusive, with its names replaced by a sign, so that like reasons are equal."""
    for each in outcome.unknown:
        yield _doubt(node, outcome, each.subject, each.reason)
    if outcome.reason or not outcome.unknown:
        yield _doubt(node, outcome, outcome.parameter, outcome.reason)


def _doubt(node: int, outcome: Outcome, name: str, why: str) -> _Doubt:
    plain = why.strip()
    for word in sorted({name, outcome.parameter, name.rpartition(".")[2]} - {""}, key=len, reverse=True):
        plain = re.sub(rf"(?<!\w')(?<![\w.\"]){re.escape(word)}(?![\w\"])", "…", plain)
    return _Doubt(node, outcome.check, tuple(_GRANTED.findall(why)) or (name or outcome.parameter,), plain)


def _granted(cause: str, roles: Sequence[str]) -> str:
    """Return one reason for all missing grants: one statement grants all that a verification reads."""
    if "GRANT SELECT ON" not in cause and "GRANT pg_read_all_data" not in cause:
        return cause
    role = (_TO.findall(cause)[-1:] or roles or ["the role"])[0]  # ours comes last: a name before it may say anything
    return f"{role} may not read all that is to be compared: GRANT pg_read_all_data TO {role};"


def together(report: Report) -> tuple[tuple[Reason, ...], list[Outcome]]:
    """Return the shared reasons, and the outcomes that are shown one by one."""
    found, told = reasons(report.outcomes)
    return found, [outcome for place, outcome in enumerate(report.outcomes) if place not in told]


def worst_first(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the outcomes by kind, then by severity, else in their order."""
    return sorted(outcomes, key=_badness)


def _badness(outcome: Outcome) -> tuple[int, int]:
    rank = SEVERITIES.index(outcome.severity) if outcome.severity in SEVERITIES else len(SEVERITIES)
    return KINDS.index(outcome.kind), rank


def not_checked(report: Report) -> dict[str, list[str]]:
    """Return the reasons why something was not checked, and of which checks, sorted."""
    found: dict[str, set[str]] = {}
    for outcome in report.outcomes:
        if outcome.kind == "not checked":
            found.setdefault(outcome.reason, set()).add(outcome.check)
    return {reason: sorted(checks) for reason, checks in found.items()}
