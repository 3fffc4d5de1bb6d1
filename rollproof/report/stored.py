"""A report read back from a result.json, of this version or the one before: so it can be shown again, in any format."""

from dataclasses import replace
from functools import cache
from typing import Any

import msgspec

from rollproof.model.errors import Misuse
from rollproof.report.json import FORMAT
from rollproof.system.bundle import TITLES, check_files, told
from rollproof.verdict.outcome import Report

READ = (2, FORMAT)
"""The formats that are read: 2 is that of rollproof after 0.2.0, whose own was 1."""
_NO_RUN = "this is not the result.json of a run"
_EVERY_TIME = "not compared: "  # how those notes begin that format 2 repeated in every run


def read(content: bytes) -> Report:
    """Return the report that was written as `content`; fields that are not known are ignored.

    What every run would repeat is not in the file: what bundled checks promise and advise is said by the installed ones, and
    `not_compared` is empty. Raises `Misuse` for anything else.
    """
    try:
        found = msgspec.json.decode(content, type=dict[str, Any])
        _known(found.get("format"))
        return _whole(msgspec.convert(found, Report))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Misuse(f"{_NO_RUN}: {error}") from error


def _known(number: object) -> None:
    if isinstance(number, int) and number > FORMAT:
        raise Misuse(
            f"a newer rollproof wrote this result.json, in format {number}; this one reads {READ[0]} to {READ[-1]}"
        )
    if number not in READ:
        raise Misuse(f"{_NO_RUN}: its format is none of {', '.join(map(str, READ))}")


def _whole(report: Report) -> Report:
    """Return the report with what the bundled checks say, and without what format 2 repeated in every run."""
    said = {outcome.check: _said(outcome.check) for outcome in report.outcomes}
    every_time = [note.removeprefix(_EVERY_TIME) for note in report.notes if note.startswith(_EVERY_TIME)]
    return replace(
        report,
        notes=tuple(note for note in report.notes if not note.startswith(_EVERY_TIME)),
        not_compared=(*report.not_compared, *every_time),
        promises={check: promise for check, (promise, _) in said.items() if promise} | {**report.promises},
        advice={check: advice for check, (_, advice) in said.items() if advice} | {**report.advice},
    )


@cache
def _said(check: str) -> tuple[str, str]:
    """Return promise and advice of a bundled check; nothing of any other."""
    if check not in check_files():
        return "", ""
    said = told(check)
    return said.promises, f"{TITLES[0]}: {said.fails}"
