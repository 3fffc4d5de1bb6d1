"""What came of a check of the user's own: pytest called it, so it is read from pytest's report and the exception.

A failing `assert` is a finding; whatever else goes wrong in it is an error of the check's, of which nobody can say what it means.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rollproof.model.errors import Inconclusive, Misuse, NotChecked
from rollproof.model.failure import NotRestored, Warned
from rollproof.model.finding import Finding
from rollproof.model.redaction import without_values
from rollproof.plugin.case import about, check_named, severity_of
from rollproof.settings.waiver import OF_OWN
from rollproof.verdict.outcome import KINDS, Kind, Outcome

LINES = 20
"""Lines of a failure's text that are shown."""
LONGEST = 500
"""Letters of such a line."""
TIMED_OUT = "Timeout (>"
_NOT_ASKED = (TIMED_OUT, "async def functions are not natively supported")
"""What pytest-timeout says where a test took too long, and pytest where nobody calls one: it failed, and nothing was asked."""


def own_outcome(
    item: pytest.Item, error: BaseException | None, excinfo: Any, report: pytest.TestReport
) -> Outcome | None:
    """Return what came of a case that ended in this `error`, or in none; None for a setup or teardown that went well."""
    kind = _kind(error, report)
    if kind is None:
        return None
    told: dict[str, Any] = {}
    if kind == "not checked":
        told["reason"] = _reason(error, report)
    elif error is None and kind == "inconclusive":
        told["reason"] = f"{report.longrepr}: it was expected to fail, and did not; take that mark off"
    elif error and not (kind == "not restored" or isinstance(error, Inconclusive | Misuse)):
        told["reason"] = f"{one_line_of(error)} ({_place(item, excinfo)})"
    elif error and kind == "not restored" and not isinstance(error, NotRestored):
        told |= _found(item, excinfo)
    elif error:
        told["reason"] = str(error)
    told["properties"] = recorded(report.user_properties)
    return Outcome(check_named(item), about(item), kind, severity_of(item), **told)


def recorded(properties: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return what `record_property` was given, values of one name beside each other; names of ours are ours alone."""
    found: dict[str, str] = {}
    for name, value in properties:
        key, text = _text(name), _text(value)
        if not key.startswith("rollproof."):
            found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _text(value: object) -> str:
    """Return a value as text; the name of its type if it cannot tell itself, which is no error of ours."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 (it is the user's code)
        return f"<{type(value).__name__}>"


def _kind(error: BaseException | None, report: pytest.TestReport) -> Kind | None:
    if isinstance(error, NotChecked) or report.skipped:
        return "not checked"
    if error is None:
        passed: Kind | None = "verified" if report.when == "call" else None
        return "inconclusive" if report.failed else passed
    if isinstance(error, Misuse):
        return "misuse"
    if isinstance(error, Warned):
        return "warning"
    failed = isinstance(error, NotRestored) or (report.when == "call" and is_failure(error))
    return "not restored" if failed else "inconclusive"


def is_failure(error: BaseException) -> bool:
    """Tell whether an exception says that what a test asserts is not so; a group does if all of its exceptions do."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(is_failure, error.exceptions))
    if isinstance(error, pytest.fail.Exception):
        return not (error.msg or "").startswith(_NOT_ASKED)
    return isinstance(error, AssertionError) or _is_of_a_doctest(error)


def _is_of_a_doctest(error: BaseException) -> bool:
    known = sys.modules.get("doctest")  # who has no doctests need not wait until it is imported
    return known is not None and isinstance(error, known.DocTestFailure)


def _reason(error: BaseException | None, report: pytest.TestReport) -> str:
    """Return why a case was left out, as whoever left it out says."""
    if isinstance(error, NotChecked):
        return str(error)
    if hasattr(report, "wasxfail"):
        return f"it is expected to fail: {report.wasxfail or 'no reason was given'}"
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr or "skipped")
    return str(text).removeprefix("Skipped: ")


def _found(item: pytest.Item, excinfo: Any) -> dict[str, Any]:
    """Return a failed assertion as a finding: its first line as the sentence, the others and the place as what else is known."""
    first, *rest = [line for line in _lines(excinfo.value, excinfo) if line.strip()] or ["it failed, and says nothing"]
    cut = [*rest[:LINES], *(["…"] if len(rest) > LINES else []), f"at {_place(item, excinfo)}"]
    finding = Finding(check_named(item), about(item), sentence=_short(first))
    return {"findings": (finding,), "reason": "\n".join(f"  {_short(line)}" for line in cut)}


def _lines(error: BaseException, excinfo: Any = None) -> Iterator[str]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _lines(each)
        return
    if _is_of_a_doctest(error):
        example: Any = error
        yield from f"{example.example.source}expected:\n{example.example.want}got:\n{example.got}".splitlines()
        return
    text = str(getattr(error, "msg", None) or error)
    yield from (text or _statement(excinfo)).splitlines()
    for note in getattr(error, "__notes__", ()):
        yield from note.splitlines()


def _statement(excinfo: Any) -> str:
    """Return the line of a failed `assert` that has no text, because its file was not rewritten."""
    return str(excinfo.traceback[-1].statement).strip() if excinfo and excinfo.traceback else ""


def one_line_of(error: BaseException) -> str:
    """Return what went wrong, on one line; of what a server said without the values that it quotes."""
    if isinstance(error, BaseExceptionGroup):
        return one_line_of(next((each for each in error.exceptions if not is_failure(each)), error.exceptions[0]))
    if isinstance(error, psycopg.Error):
        told = f"psycopg.errors.{type(error).__name__}: {error.diag.message_primary or next(_lines(error), '')}"
        return _short(without_values(told).removeprefix("psycopg.errors."))
    wanted = getattr(error, "argname", None)  # of pytest's FixtureLookupError
    text = f"there is no fixture {wanted}" if wanted else next(_lines(error), "")
    return _short(f"{type(error).__name__}: {text}".removesuffix(": "))


def _place(item: pytest.Item, excinfo: Any) -> str:
    """Return the line of the check's file where it went wrong; else the last line of the user's files, or where the case begins."""
    root = item.config.rootpath
    entries = [(Path(each.path), each.lineno + 1) for each in excinfo.traceback]
    own = [entry for entry in entries if entry[0] == item.path]
    others = [entry for entry in entries if entry[0].is_relative_to(root) and "site-packages" not in entry[0].parts]
    file, line = (own or others or [(item.path, (item.location[1] or 0) + 1)])[-1]
    return f"{file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name}:{line}"


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def uncollected(report: pytest.CollectReport) -> Outcome:
    """Return what came of a file, or a class in it, that pytest could not collect, or that was skipped as a whole."""
    if report.skipped:
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        return Outcome(report.nodeid, "", "not checked", "high", reason=text.removeprefix("Skipped: "))
    whole = str(report.longrepr).strip().splitlines() or ["it cannot be collected"]
    errors = [line.removeprefix("E ").strip() for line in whole if line.startswith("E ")]
    text = errors[-1] if errors else " ".join(dict.fromkeys((whole[0], whole[-1])))
    return Outcome(report.nodeid, "", "inconclusive", "high", reason=f"{_short(text)} ({report.nodeid})")


def worse(before: Outcome, after: Outcome) -> Outcome:
    """Return the worse of what came of a case twice: it was run again, or had subtests, whose findings are told together."""
    if OF_OWN in after.check and before.kind == after.kind and before.kind in {"not restored", "inconclusive"}:
        return replace(
            before,
            findings=tuple(dict.fromkeys((*before.findings, *after.findings))),
            reason="\n".join(dict.fromkeys(filter(None, (before.reason, after.reason)))),
        )
    return min(before, after, key=_weight)


def _weight(outcome: Outcome) -> int:
    """Rank an outcome among those of one case, worst first; verified comes last."""
    return len(KINDS) if outcome.kind == "verified" else KINDS.index(outcome.kind)
