"""The report as JSON, for programs: every outcome with all its findings."""

import json
from typing import Any

import msgspec

from rollproof.model.printable import ANY_COMMAND, coded
from rollproof.report.reasons import reasons
from rollproof.verdict.outcome import Report

FORMAT = 2
"""Raised when a field changes its meaning or goes; 1 had one `text` for each outcome, 2 has its fields."""


def result(report: Report) -> bytes:
    """Return the report as JSON, indented: its format's number, the fields in their order, the reasons of many doubts."""
    return encoded(FORMAT, report, reasons=reasons(report.outcomes)[0])


def encoded(number: int, report: object, **further: object) -> bytes:
    """Return a dataclass as JSON, indented: the number of its format, its fields in their order, and what else is told."""
    told = {"format": number, **_plain(report), **_plain(further)}
    text = msgspec.json.format(msgspec.json.encode(told), indent=2).decode()
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
