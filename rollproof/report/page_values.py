"""What the page shows, as values for its template: causes as cards, places in groups, the grid of tables and families. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from rollproof.model.finding import Finding
from rollproof.model.names import table_of
from rollproof.model.plain_text import before_and_after, harmless_part
from rollproof.report.word_diff import Piece, Pieces, word_diff
from rollproof.verdict.outcome import KINDS, Kind, Outcome, Report
from rollproof.verdict.overview import Cause, Overview

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
    """A cause with all that is known of it.

    `changes` are those of its findings that differ in before and after. `meaning` is what it means when its check fails, on the
    first card of each check.
    """

    cause: Cause
    changes: tuple[Change, ...]
    more_changes: int
    sql: str
    more_sql: int
    meaning: str


@dataclass(frozen=True)
class Group:
    """Tables, or an object of no table, with the same causes and the same cells.

    `links` are the anchors of the evidence, by family: the worst cause of that family, else one from which such a finding follows.
    It `follows` where only consequences of the causes were found.
    """

    names: tuple[str, ...]
    causes: tuple[Cause, ...]
    cells: tuple[tuple[str, Kind | None], ...]
    follows: bool = False
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
    seen: set[str] = set()
    found = []
    for cause in islice(causes, CARDS):
        meaning = "" if cause.check in seen else report.advice.get(cause.check, "")
        seen.add(cause.check)
        sql = tuple(dict.fromkeys(each.sql for each in cause.statements))
        kinds = tuple({_unlike(each): each for each in reversed(cause.roots)}.values())[::-1]
        changes = tuple(map(change, kinds[:ROOTS]))
        shown = harmless_part(sql, STATEMENTS)
        more = len(sql) - len(shown)
        found.append(Card(cause, changes, len(kinds) - len(changes), "\n".join(shown), more, meaning))
    return found


def _unlike(finding: Finding) -> tuple[str | None, ...]:
    """Return what tells findings of one cause apart, but for their names."""
    return (finding.expected, finding.actual) if finding.compared else (finding.sentence,)


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


def groups(view: Overview, families: Mapping[str, str]) -> tuple[list[Group], int]:
    """Return where something differs, the worst first, and the tables where only consequences were found last.

    Places with the same causes stand together. `families` are those of the checks. Returns as well how many places are left out.
    """
    columns = grid_families(view)
    places = [(place.name, place.causes, False) for place in view.places]
    places += [(name, causes, True) for name, causes in _affected(view)]
    alike: dict[tuple[object, ...], list[str]] = {}
    made: dict[tuple[object, ...], Group] = {}
    for name, causes, follows in places:
        cells = _cells(view, name, columns)
        key = (*map(id, causes), cells, follows)
        if key not in made:
            made[key] = Group((), causes, cells, follows, _links(causes, families))
        alike.setdefault(key, []).append(name)
    found = [replace(group, names=tuple(alike[key])) for key, group in made.items()]
    return found[:CARDS], sum(len(group.names) for group in found[CARDS:])


def _affected(view: Overview) -> Iterator[tuple[str, tuple[Cause, ...]]]:
    found: dict[str, dict[int, Cause]] = {name: {} for name in view.affected}
    for cause in view.causes if found else ():
        for each in cause.consequences:
            found.get(_table(each.subject), {})[id(cause)] = cause
    return ((name, tuple(causes.values())) for name, causes in found.items())


def _table(subject: str) -> str:
    """Return the table that a finding's subject begins with; before it may stand a kind of fact: `columns public.x.id`."""
    return table_of(subject) or table_of(subject.partition(" ")[2]) or ""


def _links(causes: Sequence[Cause], families: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for cause in causes:
        found.setdefault(cause.family, cause.anchor)
    for cause in causes:
        for check in {each.check for each in cause.consequences}:
            found.setdefault(families.get(check, check), cause.anchor)
    return found


def grid_families(view: Overview) -> tuple[str, ...]:
    """Return the families of which anything is known about a table."""
    return tuple(sorted({family for cells in view.cells.values() for family in cells if family}))


def well(view: Overview) -> list[Group]:
    """Return the tables in which no difference was found, those with the same cells together, the most numerous first."""
    families = grid_families(view)
    found: dict[tuple[tuple[str, Kind | None], ...], list[str]] = {}
    for name in (*view.undecided, *view.accepted, *view.equal):
        found.setdefault(_cells(view, name, families), []).append(name)
    some = [Group(tuple(dict.fromkeys(names)), (), cells) for cells, names in found.items()]
    return sorted(some, key=lambda group: -len(group.names))


def _cells(view: Overview, name: str, families: Sequence[str]) -> tuple[tuple[str, Kind | None], ...]:
    known = view.cells.get(name, {})
    return tuple((family, known.get(family)) for family in families)


def without_findings(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the outcomes that tell what is wrong by a reason, as a check of the user's own does."""
    return [each for each in outcomes if each.reason or each.unknown or not each.findings]


def without(view: Overview, checks: Collection[str]) -> Overview:
    """Return the view without what these checks found: it is told by their reasons, once."""
    causes = tuple(cause for cause in view.causes if cause.check not in checks)
    places = (
        replace(place, causes=tuple(cause for cause in place.causes if cause.check not in checks))
        for place in view.places
    )
    return replace(view, causes=causes, places=tuple(place for place in places if place.causes))


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


def is_command(step: str) -> bool:
    """Tell whether a step is a command or a statement that can be pasted, no sentence."""
    return step.startswith("rollproof ") or step.endswith(";")


def _after(text: str, begun: str) -> str:
    return text.removeprefix(begun).lstrip(":, ")
