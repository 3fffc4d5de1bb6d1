"""What a run has found so far: rows of a table judged the moment they are known, by the rule of the checks `rows` and `content`.

A check judges when its turn has come, and all tables of its case are read; who waits for hours wants to know sooner. Nothing that
may still turn out well is told: of a table that may grow and of a materialized view the checks ask more, so it is left to them.
That rows with other columns read otherwise is no news.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from rollproof.model.compare import compare
from rollproof.model.errors import RollproofError
from rollproof.model.finding import Finding
from rollproof.sources.table_groups import TableGroup
from rollproof.verdict.expect import Expect


@dataclass(frozen=True)
class SoFar:
    """What both checks expect, by facet, each with the tables that may be told of."""

    expected: Mapping[str, tuple[Expect, Collection[str]]]

    @classmethod
    def about(
        cls, asked: Mapping[str, Collection[str]], expects: Callable[[str], Expect], growing: Collection[str]
    ) -> "SoFar":
        """Return it for the tables that are `asked` about, by facet; `expects` makes what a check expects."""
        told = {}
        for facet, tables in asked.items():
            expect = expects(facet)
            with suppress(RollproofError):  # a side of which nobody knows the tables
                both = set(expect.before.tables).intersection(expect.after.tables)  # which no materialized view is
                told[facet] = expect, both.intersection(tables).difference(growing)
        return cls(told)

    def of(self, table: str) -> tuple[Finding, ...]:
        """Return what is certain to be found about the rows of a table; () as long as one side has not read them."""
        return tuple(
            found
            for facet, (expect, tables) in self.expected.items()
            if table in tables and expect.before.has_read(table) and expect.after.has_read(table)
            for found in _certain(expect, facet, TableGroup(table, frozenset([table])))
        )


def _certain(expect: Expect, facet: str, group: TableGroup) -> tuple[Finding, ...]:
    try:
        if facet == "content" and _has_other_columns(expect, group):
            return ()
        return expect.certain(facet, group)
    except RollproofError:  # what cannot be compared is the news of the check
        return ()


def _has_other_columns(expect: Expect, group: TableGroup) -> bool:
    sides = (expect.before, expect.after)
    if any(side.unavailable("columns") for side in sides):
        return False
    was, now = (side.known("columns", group).facts for side in sides)
    return bool(compare("columns", was, now))
