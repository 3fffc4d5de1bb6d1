"""What a check has to show, as plain text: the one text of a failure, a warning or a doubt, for people."""

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from rollproof.model.finding import DifferingRow, Finding, RowRange, RowReport, Statement, Unknown
from rollproof.model.printable import one_line, visible
from rollproof.model.row_words import column_lines, counted_rows, rows_in_words

SHOWN = 20
"""How many of each kind are shown of one case: findings, tables whose rows differ, statements; `result.json` has all."""
LONGEST = 200
"""Letters of one value that are shown; the file of `--evidence-file` has all."""
REVIEW = "to repair (review before running):"
TO_KNOW = "to know about, and no failure"
TOGETHER = "{:,} statements that belong together: rollproof repair writes them"
"""What is said in the place of statements of which some would be left out."""
_DROPS = re.compile(r"^(?!\s*--).*\bDROP\b", re.MULTILINE)
_SHORT = 4  # lines; of longer texts only the lines that changed are shown, each with its neighbours


class Shows(Protocol):
    """Whatever has something to show: a failure, a warning, the outcome of a case."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What was found, warnings among it."""

    @property
    def rows(self) -> Sequence[RowReport]:
        """Which rows differ."""

    @property
    def statements(self) -> Sequence[Statement]:
        """SQL that repairs what was found."""

    @property
    def advice(self) -> Sequence[str]:
        """What else can be done, in words."""

    @property
    def unknown(self) -> Sequence[Unknown]:
        """What could not be read or decided."""

    @property
    def reason(self) -> str:
        """Why nothing could be decided, where that is not about single subjects; else empty."""


def plain_text(shown: Shows) -> str:
    """Return all that there is to show: findings, doubts, warnings, rows, statements, advice, each cut at `SHOWN`."""
    bad = [finding for finding in shown.findings if not finding.heals]
    lines = [
        *_found(bad),
        *filter(None, [shown.reason]),
        *_unknown(shown),
        *_found([finding for finding in shown.findings if finding.heals]),
        *(line for report in shown.rows for line in row_lines(report)),
        *statement_lines(shown.statements),
        *shown.advice,
    ]
    return "\n".join(lines)


def _found(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        return
    yield f"{findings[0].check}: {count_of(findings)}"
    yield from (f"- {finding_text(finding)}" for finding in findings[:SHOWN])
    yield from more(len(findings), "- and {} more, all in result.json")


def count_of(findings: Sequence[Finding]) -> str:
    """Return how many findings there are, in words that fit them: differences, findings, or warnings."""
    if findings[0].heals:
        return f"{len(findings):,} {TO_KNOW}"
    word = "difference" if all(finding.compared for finding in findings) else "finding"
    return f"{len(findings):,} {word}{'' if len(findings) == 1 else 's'}"


def more(number: int, words: str, shown: int = SHOWN) -> Iterator[str]:
    """Yield how many are left out, if any are."""
    if number > shown:
        yield words.format(f"{number - shown:,}")


def _unknown(shown: Shows) -> Iterator[str]:
    if shown.unknown:
        yield "not known:"
        yield from (f"- {each.subject}: {each.reason}" for each in shown.unknown)


def finding_text(finding: Finding) -> str:
    """Return the finding's sentence and, of a comparison, what was before and what is after."""
    name = one_line(finding.sentence)
    if not finding.compared:
        return name
    before, after = before_and_after(finding)
    if after is None:
        return f"{name}\n  before  {_inside(before or '')}"
    if before is None:
        return f"{name}\n  after   {_inside(after)}"
    if min(len(text.split("\n")) for text in (before, after)) > _SHORT:
        return f"{name}\n{_changed_lines(before, after)}"
    return f"{name}\n  before  {_inside(before)}\n  after   {_inside(after)}"


def before_and_after(finding: Finding) -> tuple[str | None, str | None]:
    """Return both texts of a comparison, safe to show: where one of them needs escapes, a real backslash is doubled in both."""
    before, after = finding.expected, finding.actual
    if all(visible(text) == text for text in (before, after) if text is not None):
        return before, after
    return _escaped(before), _escaped(after)


def _escaped(text: str | None) -> str | None:
    return None if text is None else visible(text.replace("\\", "\\\\"))


def _inside(text: str) -> str:
    """Return text whose further lines stand below its first, so that none looks like a line of ours."""
    return text.replace("\n", "\n          ")


def _changed_lines(before: str, after: str) -> str:
    lines = [*difflib.unified_diff(before.split("\n"), after.split("\n"), n=1, lineterm="")][2:]
    return "\n".join(f"  {'…' if line.startswith('@@') else line}" for line in lines)


def statement_lines(statements: Iterable[Statement]) -> Iterator[str]:
    """Yield the statements below a heading; nothing if there is none."""
    lines = list(dict.fromkeys(each.sql for each in statements))
    shown = harmless_part(lines)
    if lines:
        yield REVIEW
        yield from (f"  {line}" for line in shown or [f"-- {TOGETHER.format(len(lines))}"])
    if shown:
        yield from more(len(lines), "  -- and {} more")


def harmless_part(statements: Sequence[str], most: int = SHOWN, letters: int | None = None) -> Sequence[str]:
    """Return the statements, or the first of them if there are too many.

    Where they drop something, all are returned or none: whoever runs the first half has lost what the second makes again.
    """
    whole = len(statements) <= most and (letters is None or sum(map(len, statements)) + len(statements) <= letters)
    return statements[:most] if whole or not any(map(_DROPS.search, statements)) else ()


def row_lines(report: RowReport) -> Iterator[str]:
    """Yield which rows of a table differ, line by line."""
    if report.note:
        yield report.note
    if report.counted:
        yield f"how many rows: {report.counted}"
    if report.where:
        yield f"where: {report.where}"
        yield from map(_range_line, report.ranges[:SHOWN])
        yield from more(len(report.ranges), "- and {} more ranges")
    if report.unnamed:
        yield f"which rows: {report.unnamed}"
    if report.against:
        yield f"which rows, compared with {report.against}: {rows_in_words(report)}"
        lines = [*column_lines(report)]
        yield from (f"  {line}" for line in lines[:SHOWN])
        yield from more(len(lines), "  and {} more columns")
    if report.unpaired:
        yield f"columns of one side only, which were not compared: {', '.join(report.unpaired)}"
    yield from map(row_line, report.rows)
    if report.file:
        yield f"- all {report.more + len(report.rows):,} of them in {report.file}"
    elif report.more:
        yield f"- and {report.more:,} more: --evidence N shows more, --evidence-file FILE all of them"


def _range_line(found: RowRange) -> str:
    before, now = (counted_rows(number) for number in found.rows)
    return f"- {found.condition}: {before} in the baseline, {now} now"


def row_line(row: DifferingRow) -> str:
    """Return one row on a line, and its values on further ones."""
    words = f"- {row.kind}: {_identity(row, row.key_after if row.key_before is None else row.key_before)}"
    if row.key_before and row.key_after and row.key_before != row.key_after:
        words += f" is now {_identity(row, row.key_after)}" + (", and it changed in " if row.columns else "")
    elif row.columns:
        words += " in "
    elif row.rows not in ((1, 0), (0, 1), (1, 1)):
        words += f": {row.rows[0]:,} before, {row.rows[1]:,} now"
    return words + ", ".join(row.columns) + _values(row)


def _identity(row: DifferingRow, key: Mapping[str, str | None] | None) -> str:
    if key is None:
        return "a row that is gone by now"
    return _named(key) if key else f"a row of image {row.image}"


def _values(row: DifferingRow) -> str:
    lines = ""
    for word, values in (("before", row.before), ("after", row.after)):
        if values is not None:
            some = {name: text for name, text in values.items() if not row.columns or name in row.columns}
            lines += f"\n    {word:6}  {_named(some)}"
    return lines


def _named(values: Mapping[str, str | None]) -> str:
    return ", ".join(f"{name} = {value_text(text)}" for name, text in values.items())


def value_text(text: str | None) -> str:
    """Return a value on one line, in double quotes, with whatever has no shape of its own written as its code."""
    if text is None:
        return "NULL"
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return "".join(
        letter
        if letter == " " or unicodedata.category(letter)[0] not in "CZ"
        else letter.encode("unicode_escape").decode()
        for letter in json.dumps(cut, ensure_ascii=False)
    )
