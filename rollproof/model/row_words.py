"""Which rows of a table differ, in a few words: how many of each kind, and in which columns. Pure."""

import re
from collections.abc import Iterator

from rollproof.model.finding import ColumnChange, RowReport
from rollproof.model.printable import one_line

CHANGED, RESPELLED = "changed", "key spelling"
"""The kinds of difference of a row that is on both sides; `rows/row_diff` has the other kinds."""
SAME = "none; each reads the same, only types of columns differ"
_WHERE = re.compile(r"in (?:all|[\d,]+ of) [\d,]+ (?:ranges of [^,]+|parts)")
_SHOWN = 3  # columns that are named in a sentence
_KINDS = {
    "missing": "missing",
    "extra": "added",
    "repeated": "repeated less often",
    "repeated more often": "repeated more often",
}
_WAYS = (("filled", "NULL → value"), ("emptied", "value → NULL"), ("altered", "value → another"))


def rows_in_words(report: RowReport) -> str:
    """Return how many rows differ and how: `17,143 rows changed, all in note (NULL → value); 3 rows missing`.

    Empty if it is not known which rows differ.
    """
    if not report.against:
        return ""
    told = [*_of_both_sides(report), *(_counted(report, kind, words) for kind, words in _KINDS.items())]
    return "; ".join(filter(None, told)) or SAME


def column_in_words(change: ColumnChange) -> str:
    """Return how a column differs: `NULL → value`, or each way with its number of rows."""
    ways = [(getattr(change, name), words) for name, words in _WAYS if getattr(change, name)]
    return ways[0][1] if len(ways) == 1 else ", ".join(f"{words} in {number:,}" for number, words in ways)


def column_lines(report: RowReport) -> Iterator[str]:
    """Yield a line for each column that differs, unless the sentence of `rows_in_words` names all of them."""
    if len(report.columns) > _SHOWN:
        yield from (_told(report, change) for change in report.columns)


def whereabouts_in_words(report: RowReport | None) -> Iterator[str]:
    """Yield in which part of a table rows differ, if sums tell it: `in 2 of 17 ranges of id`, or the only range as a condition."""
    if report and len(report.ranges) == 1:
        yield f"where {report.ranges[0].condition}"
    elif report and (found := _WHERE.match(report.where)):
        yield found[0]


def counted_rows(number: int) -> str:
    """Return a number of rows in words: "no row", "1 row", "2,931 rows"."""
    return f"{number:,} row{'' if number == 1 else 's'}" if number else "no row"


def _of_both_sides(report: RowReport) -> Iterator[str]:
    words = ((CHANGED, "changed"), (RESPELLED, "whose key is spelled otherwise"))
    if told := ", ".join(filter(None, [_counted(report, kind, said) for kind, said in words])):
        where = _columns(report)
        join = ", " if len(report.columns) == 1 and report.columns[0].rows == _rows(report) else ": "
        yield told + (join + where if where else "")


def _counted(report: RowReport, kind: str, words: str) -> str:
    number = report.counts.get(kind, 0)
    least = "" if report.complete else "at least "
    return f"{least}{number:,} row{'' if number == 1 else 's'} {words}" if number else ""


def _columns(report: RowReport) -> str:
    changes = report.columns
    if len(changes) == 1 and changes[0].rows == _rows(report):
        every = "in" if _rows(report) == 1 else "all in"
        return f"{every} {one_line(changes[0].column)} ({column_in_words(changes[0])})"
    rest = len(changes) - _SHOWN
    last = [f"and {rest:,} more column{'' if rest == 1 else 's'}"] if rest > 0 else []
    return ", ".join([*(_told(report, each) for each in changes[:_SHOWN]), *last])


def _told(report: RowReport, change: ColumnChange) -> str:
    name = one_line(change.column)
    if _rows(report) > 1:
        name += " in all" if change.rows == _rows(report) else f" in {change.rows:,}"
    return f"{name} ({column_in_words(change)})"


def _rows(report: RowReport) -> int:
    return report.counts.get(CHANGED, 0) + report.counts.get(RESPELLED, 0)
