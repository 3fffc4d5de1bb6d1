"""What the page shows, as values for its template: causes as cards, places in groups, the grid of tables and families. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from rollproof.model.finding import Finding, FindingId, RowReport
from rollproof.model.plain_text import before_and_after
from rollproof.report.word_diff import Piece, Pieces, word_diff
from rollproof.verdict.outcome import KINDS, Kind, Outcome, Report
from rollproof.verdict.overview import Cause, Overview, Place

MOST = 500
"""Names and findings that one card shows; `result.json` has all."""
ROOTS = 20
"""Findings of one cause whose before and after are shown."""
STATEMENTS = 50
"""Statements of one cause that are shown; `rollproof repair` has all."""
CARDS = 3_000
"""Causes that are shown: more make a page that no browser likes to open."""
_PLAIN = re.compile(r"[\w.$]+", re.ASCII)


class Change(NamedTuple):
    """A finding with its before and after in pieces; None: it was or is not there."""

    finding: Finding
    before: Pieces | None
    after: Pieces | None


@dataclass(frozen=True)
class Card:
    """A cause with all that is known of it. `meaning` is what it means when its check fails, on the first card of each check."""

    cause: Cause
    changes: tuple[Change, ...]
    rows: tuple[RowReport, ...]
    sql: str
    more_sql: int
    advice: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Group:
    """Tables, or an object of no table, with the same causes and the same cells.

    `links` are the anchors of the evidence, by family: the worst cause of that family, else one from which such a finding follows.
    """

    names: tuple[str, ...]
    causes: tuple[Cause, ...]
    cells: tuple[tuple[str, Kind | None], ...]
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether anything was asked about these tables; nothing is where it is about no table."""
        return any(kind for _, kind in self.cells)


def anchor(kind: str, name: str) -> str:
    """Return the name by which the page links to a table or a check: its own where a link can hold it, else a hash of it."""
    if _PLAIN.fullmatch(name):
        return f"{kind}-{name}"
    return f"{kind}-~{sha256(name.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}"


def cards(report: Report, causes: Iterable[Cause]) -> list[Card]:
    """Return the causes as cards, in their order."""
    told = _Told.of(report)
    seen: set[str] = set()
    found = []
    for cause in islice(causes, CARDS):
        meaning = "" if cause.check in seen else report.advice.get(cause.check, "")
        seen.add(cause.check)
        found.append(_card(cause, told, meaning))
    return found


@dataclass(frozen=True)
class _Told:
    """What outcomes tell beside their findings: rows by table, advice by finding."""

    rows: Mapping[str, tuple[RowReport, ...]]
    advice: Mapping[FindingId, tuple[str, ...]]

    @classmethod
    def of(cls, report: Report) -> "_Told":
        rows: dict[str, tuple[RowReport, ...]] = {}
        advice: dict[FindingId, tuple[str, ...]] = {}
        for outcome in report.outcomes:
            for each in outcome.rows:
                rows[each.table] = (*rows.get(each.table, ()), each)
            if outcome.advice:
                advice |= {FindingId(each.check, each.subject): outcome.advice for each in outcome.findings}
        return cls(rows, advice)

    def about(self, cause: Cause) -> tuple[tuple[RowReport, ...], tuple[str, ...]]:
        """Return the rows and the advice of a cause and of what follows from it."""
        found = (*cause.roots, *cause.consequences)
        rows = [*cause.rows, *(row for each in found for row in self.rows.get(each.subject, ()))]
        advice = (text for each in found for text in self.advice.get(FindingId(each.check, each.subject), ()))
        return tuple({id(row): row for row in rows}.values()), tuple(dict.fromkeys(advice))


def _card(cause: Cause, told: _Told, meaning: str) -> Card:
    sql = tuple(dict.fromkeys(each.sql for each in cause.statements))
    rows, advice = told.about(cause)
    changes = tuple(map(change, cause.roots[:ROOTS]))
    left_out = max(0, len(sql) - STATEMENTS)
    return Card(cause, changes, rows[:ROOTS], "\n".join(sql[:STATEMENTS]), left_out, advice[:ROOTS], meaning)


def change(finding: Finding) -> Change:
    """Return a finding with what changed in it, safe to show."""
    before, after = before_and_after(finding)
    if not finding.compared:
        return Change(finding, None, None)
    if before is None or after is None:
        return Change(finding, _whole(before), _whole(after))
    return Change(finding, *word_diff(before, after))


def _whole(text: str | None) -> Pieces | None:
    return None if text is None else (Piece("same", text),)


def groups(view: Overview, families: Mapping[str, str]) -> list[Group]:
    """Return where something differs, the worst first; places with the same causes stand together.

    `families` are those of the checks.
    """
    columns = grid_families(view)
    alike: dict[tuple[object, ...], list[Place]] = {}
    for place in view.places:
        alike.setdefault((*map(id, place.causes), _cells(view, place.name, columns)), []).append(place)
    return [
        Group(
            tuple(place.name for place in places),
            places[0].causes,
            _cells(view, places[0].name, columns),
            _links(places[0].causes, families),
        )
        for places in alike.values()
    ]


def _links(causes: Sequence[Cause], families: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for cause in causes:
        found.setdefault(cause.family, cause.anchor)
    for cause in causes:
        for each in cause.consequences:
            found.setdefault(families.get(each.check, ""), cause.anchor)
    return found


def grid_families(view: Overview) -> tuple[str, ...]:
    """Return the families of which anything is known about a table."""
    return tuple(sorted({family for cells in view.cells.values() for family in cells if family}))


def well(view: Overview) -> list[Group]:
    """Return the tables in which no difference was found, those with the same cells together, the most numerous first."""
    families = grid_families(view)
    found: dict[tuple[tuple[str, Kind | None], ...], list[str]] = {}
    for name in (*view.undecided, *view.equal):
        found.setdefault(_cells(view, name, families), []).append(name)
    some = [Group(tuple(dict.fromkeys(names)), (), cells) for cells, names in found.items()]
    return sorted(some, key=lambda group: -len(group.names))


def _cells(view: Overview, name: str, families: Sequence[str]) -> tuple[tuple[str, Kind | None], ...]:
    known = view.cells.get(name, {})
    return tuple((family, known.get(family)) for family in families)


def without_findings(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the outcomes that tell what is wrong by a reason, as a check of the user's own does."""
    return [each for each in outcomes if each.reason or each.unknown or not each.findings]


def head(report: Report) -> list[tuple[str, str, str]]:
    """Return what a reader must know before anything else: a word, what it is about, and the rest of it."""
    told = report.provenance
    kinds = Counter(outcome.kind for outcome in report.outcomes)
    counts = ", ".join(f"{kinds[kind]:,} {kind}" for kind in KINDS if kinds[kind]) or "no case was run"
    when = f"{report.started}, took {report.seconds:,.1f} s, exit code {report.exit_code}; "
    return [
        ("Database", told.address or report.subject, str(told.subject)),
        ("Reference", told.reference.where or report.reference, _after(str(told.reference), told.reference.where)),
        ("Checked", report.phase, f"{when}{report.selection}: {counts}"),
    ]


def _after(text: str, begun: str) -> str:
    return text.removeprefix(begun).lstrip(":, ")
