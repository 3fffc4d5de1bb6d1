"""What is wrong in a target and follows from nothing else, as it reads in every target that has it. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from rollproof.model.finding import Finding, RowReport
from rollproof.model.printable import one_line
from rollproof.verdict.cause import Cause
from rollproof.verdict.fleet.schema_name import SHOWN, STAND_IN, SchemaName
from rollproof.verdict.grid import tables_of
from rollproof.verdict.grouping import renamed, uncounted
from rollproof.verdict.outcome import Report, rank
from rollproof.verdict.overview import overview
from rollproof.verdict.wording import worded
from rollproof.verdict.words import Wording

MISSING, LEFT_BEHIND = "missing", "left behind"


@dataclass(frozen=True, order=True, slots=True)
class Root:
    """A finding that follows from nothing else.

    `check` and `subject` say which it is, `place` is the table, or the object of no table, and `words` what is wrong there,
    without numbers of rows: they differ from target to target. `thing` is what a change is about, with its place (`index x of
    public.orders`); `change` is "missing", "left behind" or "". In a schema that stands for a target, `{schema}` stands for its
    name.
    """

    check: str
    subject: str
    place: str
    words: str
    severity: str
    thing: str = ""
    change: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


def roots_of(report: Report, schema: str | None = None) -> tuple[Root, ...]:
    """Return what a report's causes are about, each once, the worst first.

    The name of the `schema` that stands for the target is taken out.
    """
    name = SchemaName(schema) if schema else None
    tables = frozenset(name.out_of(each) if name else each for each in tables_of(report))
    found = {root for cause in overview(report).causes for root in _roots(cause, tables, name)}
    return tuple(sorted(found, key=lambda root: (rank(root.severity), root)))


def _roots(cause: Cause, tables: Collection[str], schema: SchemaName | None) -> Iterator[Root]:
    rows = {schema.out_of(each.table) if schema else each.table: each for each in cause.rows}
    for finding in cause.roots:
        told = schema.out_of_finding(finding) if schema else finding
        said = renamed(_worded(told, tables, rows), finding, cause.statements)
        words = uncounted(str(said)).replace("… rows", "rows")
        thing = f"{said.noun} {said.name} of {said.place}" if said.name else f"{said.noun} {said.place}".strip()
        texts = (told.subject, said.place, words, cause.severity, thing, said.change if _is_whole(said) else "")
        yield Root(finding.check, *(one_line(text).replace(STAND_IN, SHOWN) for text in texts))


def _worded(finding: Finding, tables: Collection[str], rows: Mapping[str, RowReport]) -> Wording:
    said = worded(finding, tables, rows)
    return said if said.place else Wording(finding.check, said.noun, said.name, said.change)


def _is_whole(said: Wording) -> bool:
    return said.change in (MISSING, LEFT_BEHIND)
