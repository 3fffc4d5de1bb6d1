"""How the rows of a table differ, in a few words: `17,143 rows changed, all in note`. Pure."""

import re
from collections.abc import Iterator, Mapping

from rollproof.model.finding import RowReport
from rollproof.verdict.changes import Part

_COUNTED = re.compile(r"([\d,]+) of ([\d,]+) in the baseline not there any more, or changed; ([\d,]+) there")
_KINDS = {
    "missing": "{} missing",
    "extra": "{} more than before",
    "changed": "{} changed",
    "key spelling": "{} with another spelling of the key",
    "repeated": "{} repeated more or less often",
    "repeated more often": "{} repeated more often",
}


def row_words(was: str | None, now: str | None, report: RowReport | None) -> list[Part]:
    """Return what became of the rows of a table; `was` and `now` are their numbers, or None where these are not what differs."""
    if report and report.counts:
        return [Part(words) for words in _of_kinds(report.counts, "" if report.complete else "at least ")]
    found = _COUNTED.match(report.counted) if report else None
    lost = int(found[1].replace(",", "")) if found else 0
    if was and now and was.isdecimal() and now.isdecimal():
        fewer = int(was) - int(now)
        told = f"{_rows(fewer)} missing" if fewer > 0 else f"{_rows(-fewer)} more than before"
        changed = lost - max(fewer, 0)
        return [Part(told), *([Part(f"{_rows(changed)} changed or missing")] if changed > 0 else [])]
    if found and lost:
        return [Part(f"{found[1]} of {found[2]} rows changed or missing")]
    return [Part("rows changed, as many as before")]


def _of_kinds(counts: Mapping[str, int], least: str) -> Iterator[str]:
    first = True
    for kind, words in _KINDS.items():
        if number := counts.get(kind):
            yield words.format(f"{least}{_rows(number) if first else f'{number:,}'}")
            first = False


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"
