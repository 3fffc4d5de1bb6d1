"""The report as JSON, for programs: every outcome with all its findings, and the causes as every other format shows them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import msgspec

from rollproof.model.finding import Finding, FindingId, Statement
from rollproof.model.printable import ANY_COMMAND, coded
from rollproof.report.reasons import reasons
from rollproof.verdict.outcome import Report, is_own
from rollproof.verdict.overview import Cause, overview

FORMAT = 3
"""Raised when a field changes its meaning or goes: 2 had fields instead of one text, 3 has no text that every run would repeat."""
LEFT_OUT = frozenset({"not_compared"})
"""Fields of a report that are the same in every run: `rollproof explain --not-compared` tells them."""


@dataclass(frozen=True)
class ToldCause:
    """A cause as `overview` has it; its findings are named, and stand in the outcomes."""

    words: str
    places: tuple[str, ...]
    check: str
    family: str
    severity: str
    heals: bool
    anchor: str
    roots: tuple[FindingId, ...]
    consequences: tuple[FindingId, ...]
    statements: tuple[Statement, ...]
    advice: tuple[str, ...]


def result(report: Report) -> bytes:
    """Return the report as JSON, indented: its format's number, the fields in their order, causes, the reasons of many doubts."""
    told = {each.name: getattr(report, each.name) for each in fields(report) if each.name not in LEFT_OUT}
    told |= {name: _own(told[name]) for name in ("promises", "advice")}
    seen = overview(report)
    causes = [_cause(each) for each in (*seen.causes, *seen.warnings)]
    further = {"headline": seen.headline, "causes": causes, "next_steps": seen.next_steps}
    return encoded(FORMAT, told, **further, reasons=reasons(report.outcomes)[0])


def _own(texts: Mapping[str, str]) -> dict[str, str]:
    """Return what the user's own checks say; what ours say is told by `rollproof explain`."""
    return {check: text for check, text in texts.items() if is_own(check)}


def _cause(cause: Cause) -> ToldCause:
    told = {each.name: getattr(cause, each.name) for each in fields(ToldCause)}
    return ToldCause(**{**told, "roots": _ids(cause.roots), "consequences": _ids(cause.consequences)})


def _ids(findings: tuple[Finding, ...]) -> tuple[FindingId, ...]:
    return tuple(FindingId(each.check, each.subject) for each in findings)


def encoded(number: int, report: object, **further: object) -> bytes:
    """Return a dataclass as JSON, indented: the number of its format, its fields in their order, and what else is told."""
    return text_of({"format": number, **_plain(report), **further})


def text_of(value: object) -> bytes:
    """Return what consists of dataclasses and JSON's own types as JSON, indented, of which no letter commands whoever prints it."""
    text = msgspec.json.format(msgspec.json.encode(_plain(value)), indent=2).decode()
    return ANY_COMMAND.sub(r"\\u0023", coded(text, _code, keep="\n")).encode()


def _code(letter: str) -> str:
    """Return JSON's own escape, which keeps the value: whoever prints the file sees what is there, and nothing obeys it."""
    return json.dumps(letter)[1:-1]


def _plain(value: Any) -> Any:
    """Return the value in JSON's own types; what UTF-8 cannot carry is written as a backslash escape."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _plain(msgspec.to_builtins(value))


RENDERS = ("result.json", result)
