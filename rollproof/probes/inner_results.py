"""The JUnit file of a command of the user's: the cases in it, or what is wrong with it. It is not trusted to be one."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rollproof.model.command_run import CaseKind, InnerCase
from rollproof.system.files import contents

_MOST = 2**26  # bytes of a file
_CASES = 10_000
_LETTERS = 4_000  # of what one case says of its failure
_NAME = 500  # letters of a case's name
_LONGEST = 1e9  # seconds
_KINDS: dict[str, CaseKind] = {"Failure": "failure", "Error": "error", "Skipped": "skipped"}

Signature = tuple[int, int, int]


def signature(file: Path) -> Signature | None:
    """Return what changes when a file is written, whatever the clocks say; None if there is no such file."""
    try:
        found = os.stat(file)  # noqa: PTH116 (the same on every Python)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def inner_results(
    file: Path, before: Signature | None, hide: Callable[[str], str]
) -> tuple[tuple[InnerCase, ...], str]:
    """Return the cases of a file that had the signature `before` when the command began, and what is wrong with it, else ""."""
    now = signature(file)
    if now is None:
        return (), "none was written"
    if now == before:
        return (), "one of an earlier run, which this run did not write"
    try:
        whole = _parsed(contents(file, _MOST))
        cases, told = tuple(_cases(whole, hide)), _failures_counted(whole)
    except OSError as error:
        return (), f"one that cannot be read ({error.strerror or error})"
    except Exception as error:  # noqa: BLE001 (whatever a parser makes of somebody's file, it is no result)
        return (), hide(f"one that is no JUnit ({type(error).__name__}: {next(iter(str(error).splitlines()), '')})")
    bad = any(case.is_bad for case in cases)
    return cases, _wrong(cases) or (
        "one that counts failures, and none of its tests failed" if told and not bad else ""
    )


def _wrong(cases: tuple[InnerCase, ...]) -> str:
    if not cases:
        return "one without a test case: no test was run"
    if all(case.kind == "skipped" for case in cases):
        return f"one whose {len(cases):,} tests were all skipped"
    return f"one with more than {_CASES:,} tests, of which only so many were read" if len(cases) > _CASES else ""


def _parsed(written: bytes) -> Any:
    import junitparser  # noqa: PLC0415 (an extra, for who names such a file)

    return junitparser.JUnitXml.fromstring(written)


def _failures_counted(whole: Any) -> bool:
    """Tell whether a suite says of itself that something failed, as some do for what failed beside its tests."""
    every = whole._elem.iter()  # noqa: SLF001 (its own numbers are counted anew, from the cases)
    return any((each.get(name) or "0").strip("0") for each in every for name in ("failures", "errors"))


def _cases(whole: Any, hide: Callable[[str], str]) -> Iterator[InnerCase]:
    import junitparser  # noqa: PLC0415 (the same)

    suites = whole if isinstance(whole, junitparser.JUnitXml) else (whole,)
    for number, case in enumerate(case for suite in suites for case in suite):  # those of suites within suites, too
        if number > _CASES:
            return
        results = sorted(case.result, key=lambda each: [*_KINDS].index(type(each).__name__))
        worst: Any = results[0] if results else None
        yield InnerCase(
            hide(case.classname or "")[:_NAME],
            hide(case.name or "")[:_NAME],
            _seconds(case.time),
            _KINDS[type(worst).__name__] if worst is not None else "passed",
            hide((worst.message or "") if worst is not None else "")[:_LETTERS],
            hide((worst.text or "") if worst is not None else "")[-_LETTERS:],
        )


def _seconds(told: float | None) -> float:
    """Return the seconds of a case; 0 for what is no time, as no report could hold it."""
    return float(told) if told and 0 < told < _LONGEST else 0.0
