"""ctrf.json: the Common Test Report Format, for tools that read the same of every test runner; the cases are those of JUnit."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rollproof.model.timestamps import read
from rollproof.report.json import text_of
from rollproof.report.junit import Case, suite
from rollproof.verdict.outcome import Report

VERSION = "0.0.0"
"""Of CTRF's specification, to whose schema of 0.0 the file holds."""
_STATUS: Mapping[str, str] = {"": "passed", "failure": "failed", "error": "failed", "skipped": "skipped"}
_OPEN = "other"  # neither passed nor failed: nobody could decide
_MS = 1_000
_EPOCH = datetime.fromtimestamp(0, UTC)


def result(report: Report) -> bytes:
    """Return the report as CTRF's JSON; times are in milliseconds, moments since 1970."""
    said = suite(report)
    tests = [_test(case) for case in said.cases]
    told = {
        "tool": {"name": "rollproof", "version": report.tool},
        "summary": _summary(report, [test["status"] for test in tests]),
        "tests": tests,
        "environment": {"reportName": said.name, "healthy": report.exit_code == 0},
        "extra": {"verdict": report.verdict, "sentence": report.sentence, "properties": dict(said.properties)},
    }
    return text_of({"reportFormat": "CTRF", "specVersion": VERSION, "generatedBy": "rollproof", "results": told})


def _summary(report: Report, statuses: list[str]) -> dict[str, int]:
    counts = Counter(statuses)
    began = int(((read(report.started) or _EPOCH) - _EPOCH).total_seconds() * _MS)
    took = int(report.seconds * _MS)
    named = {status: counts[status] for status in ("passed", "failed", "skipped", "pending", _OPEN)}
    return {"tests": len(statuses), **named, "suites": 1, "start": began, "stop": began + took, "duration": took}


def _test(case: Case) -> dict[str, Any]:
    status = _OPEN if case.type == "Inconclusive" else _STATUS[case.kind]
    told: dict[str, Any] = {
        "name": case.name,
        "status": status,
        "duration": int(case.seconds * _MS),
        "suite": [case.group],
    }
    told |= {"message": case.message, "trace": case.text, "rawStatus": case.type} if case.kind else {}
    told |= {"stdout": case.output.splitlines()} if case.output else {}
    told |= {"labels": dict(case.properties)} if case.properties else {}
    return told


RENDERS = ("ctrf.json", result)
