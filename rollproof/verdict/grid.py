"""What is known of each table, by families of checks: the worst of each. Pure."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rollproof.model.facets import facets_where
from rollproof.model.names import table_of
from rollproof.model.phase import PHASES
from rollproof.verdict.outcome import KINDS, Kind, Outcome, Report

Cells = dict[str, dict[str, Kind]]
_DECIDED = ("verified", "warning", "not restored")
_OF_TABLES = facets_where(lambda each: each.part_of == "table" or each.about == "table") | {
    "orphans",
    "table_states",
    "tables",
}
_OF_ROWS = ("content", "rows")
_WHOLE = frozenset(("columns", *_OF_ROWS))  # checks without which nobody can say that a table is as it was
_SIGNAL = 128  # and the exit codes above it: the run was interrupted
_GROUP = re.compile(r"tables (\d+)-(\d+) of \d+, from (.+)", re.DOTALL)
_EVERY = ""  # stands for every table, where a case is about all


def tables_of(report: Report) -> tuple[str, ...]:
    """Return the tables of both sides; of an older report, those that cases are named after."""
    if report.tables:
        return tuple(table.name for table in report.tables)
    return tuple(
        dict.fromkeys(each.parameter for each in report.outcomes if table_of(each.parameter) == each.parameter)
    )


class _Tables(NamedTuple):
    """The tables of both sides, in their order; those of the reference, and those whose rows it has, of which groups are made."""

    all: Sequence[str]
    before: Sequence[str]
    read: Sequence[str]

    @classmethod
    def of(cls, report: Report, tables: Sequence[str]) -> "_Tables":
        found = (each for outcome in report.outcomes if outcome.check == "tables" for each in outcome.findings)
        new = {each.subject for each in found if each.compared and each.expected is None}
        read = [each.name for each in report.tables if each.before is not None]
        return cls(tables, [table for table in tables if table not in new], read or tables)

    def group(self, check: str, label: re.Match[str]) -> Sequence[str]:
        """Return the tables of a group, whose label tells their number and the first of them."""
        some = self.read if check in _OF_ROWS else self.before
        start = bisect_left(some, label[3])
        return some[start : start + int(label[2]) - int(label[1]) + 1]


def cells_of(report: Report, tables: Sequence[str]) -> Cells:
    """Return for each table and family the worst that is known there; a family that was not asked about a table is left out.

    A case about one table tells of that. Of a case about several, or about what belongs to none, a finding or a doubt tells of its
    own table alone; the others were compared, and are as they were.
    """
    known, given = frozenset(tables), _Tables.of(report, tables)
    marks: Cells = defaultdict(dict)
    for outcome in report.outcomes:
        family = report.families.get(outcome.check, "") or outcome.check
        for table, kind in (*_of_case(outcome, given, known), *_of_findings(outcome, known)):
            marks[table][family] = _worse(marks[table].get(family), kind)
    every = marks.pop(_EVERY, {})
    return {table: _merged(every, marks.get(table, {})) for table in tables}


def undecided_in(cells: Mapping[str, Mapping[str, Kind]]) -> Iterator[str]:
    """Yield the tables of which something could not be decided."""
    open_kinds = {"inconclusive", "broken", "misuse"}
    yield from (table for table, told in cells.items() if open_kinds & set(told.values()))


def compared_in(report: Report, tables: Sequence[str], cells: Mapping[str, Mapping[str, Kind]]) -> Iterator[str]:
    """Yield the tables that were compared.

    After a rollback, nothing that makes a table what it is may have been left out; in a narrowed run, nothing of that which was
    asked at all; and of an interrupted one, only what was asked in full counts.
    """
    if report.selection.whole and report.phase in PHASES and PHASES[report.phase].log != "rollback completed":
        yield from (table for table, told in cells.items() if set(told.values()) & set(_DECIDED))
        return
    known, given = frozenset(tables), _Tables.of(report, tables)
    asked: dict[str, dict[str, Kind]] = defaultdict(dict)
    for outcome in (each for each in report.outcomes if each.check in _WHOLE):
        for table, kind in _of_case(outcome, given, known):
            asked[table][outcome.check] = kind
    wanted = frozenset[str]() if report.selection.whole else frozenset().union(*asked.values())
    wanted = _WHOLE if report.exit_code > _SIGNAL else wanted
    yield from (each for each, told in asked.items() if wanted <= told.keys() and set(told.values()) <= set(_DECIDED))


def _of_case(outcome: Outcome, given: _Tables, known: frozenset[str]) -> Iterator[tuple[str, Kind]]:
    """Yield what the case itself tells: of its table, of its group of tables, or of every table."""
    named, kind = outcome.parameter, outcome.kind
    if named in known:
        yield named, kind
        return
    if kind in _DECIDED or (kind == "inconclusive" and outcome.unknown and not outcome.reason):
        kind = "verified"
    if found := _GROUP.fullmatch(named):
        yield from ((table, kind) for table in given.group(outcome.check, found))
    elif not named and outcome.check in _OF_TABLES:
        yield _EVERY, kind


def _of_findings(outcome: Outcome, tables: frozenset[str]) -> Iterator[tuple[str, Kind]]:
    if outcome.findings:
        from rollproof.verdict.subjects import subject_of  # noqa: PLC0415 (a good run has no use for it)
    for finding in outcome.findings:
        if (table := _table(subject_of(finding).path, tables)) and outcome.kind != "verified":
            yield table, "warning" if finding.heals else "not restored"
    for doubt in outcome.unknown:
        if table := _table(doubt.subject, tables):
            yield table, "inconclusive"


def _table(path: str, tables: frozenset[str]) -> str:
    table = table_of(path) or ""
    return table if table in tables else ""


def _merged(some: Mapping[str, Kind], others: Mapping[str, Kind]) -> dict[str, Kind]:
    return {**some, **{family: _worse(some.get(family), kind) for family, kind in others.items()}}


def _worse(one: Kind | None, other: Kind) -> Kind:
    return other if one is None else min(one, other, key=KINDS.index)


def in_order(some: Iterable[str], tables: Sequence[str]) -> tuple[str, ...]:
    """Return those of the tables that are among `some`, in their order."""
    wanted = frozenset(some)
    return tuple(table for table in tables if table in wanted)
