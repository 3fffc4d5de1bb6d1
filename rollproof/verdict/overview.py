"""The one glance: which tables differ, by which causes, what follows from each, what mends it, what to do next. Pure.

Every report shows this and nothing that contradicts it: all formats are made of one value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from rollproof.model.finding import Finding, FindingId, RowReport, Statement
from rollproof.verdict.outcome import SEVERITIES, Kind, Outcome, Report
from rollproof.verdict.wording import worded
from rollproof.verdict.words import Wording


@dataclass(frozen=True)
class Cause:
    """Findings that follow from nothing else and read alike, but for the `places` they are about: one thing to understand.

    `words` say it without the place. `consequences` follow from any of the `roots`; `statements` mend them, and are to be reviewed;
    `rows` say which rows differ there. `heals`: it is a warning.
    """

    words: str
    roots: tuple[Finding, ...]
    places: tuple[str, ...]
    check: str
    family: str
    severity: str
    heals: bool = False
    consequences: tuple[Finding, ...] = ()
    statements: tuple[Statement, ...] = ()
    rows: tuple[RowReport, ...] = ()

    @property
    def anchor(self) -> str:
        """The name by which a page links to it: the same in every run that finds the same."""
        named = "\n".join([self.words, *(f"{root.check} {root.subject}" for root in self.roots)])
        return f"cause-{sha256(named.encode('utf-8', 'backslashreplace')).hexdigest()[:10]}"


@dataclass(frozen=True)
class Place:
    """A table, or an object that belongs to no table, with what is wrong there, the worst first."""

    name: str
    is_table: bool
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class Overview:
    """The run at a glance.

    `places` differ, the worst first. `equal` are the tables in which no difference was found, `undecided` those of them of which
    something could not be decided. `causes` are all causes that count, `warnings` those that heal by themselves.
    `cells` is the grid: table → family → the worst that is known there; a family that is not there was not asked about the table.
    """

    places: tuple[Place, ...] = ()
    equal: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    warnings: tuple[Cause, ...] = ()
    cells: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    next_steps: tuple[str, ...] = ()

    @property
    def consequences(self) -> int:
        """How many findings follow from the causes."""
        return sum(len(cause.consequences) for cause in self.causes)


def overview(report: Report) -> Overview:
    """Return what there is to see at a glance."""
    tables = frozenset(table.name for table in report.tables)
    causes = _causes(report, tables)
    bad = tuple(cause for cause in causes if not cause.heals)
    places = _places(bad, tables)
    differing = {place.name for place in places}
    return Overview(
        places,
        tuple(sorted(tables - differing)),
        (),
        bad,
        tuple(cause for cause in causes if cause.heals),
    )


def _causes(report: Report, tables: frozenset[str]) -> tuple[Cause, ...]:
    alike: dict[tuple[str, str, bool], list[tuple[Finding, Wording, Outcome]]] = {}
    followers = _followers(report.outcomes)
    for outcome in report.outcomes:
        for finding in outcome.findings:
            if finding.follows_from is None and outcome.kind != "verified":
                said = worded(finding, tables)
                alike.setdefault((finding.check, str(said), finding.heals), []).append((finding, said, outcome))
    return tuple(sorted((_cause(some, followers, report) for some in alike.values()), key=_badness))


def _cause(
    some: Sequence[tuple[Finding, Wording, Outcome]], followers: Mapping[FindingId, tuple[Finding, ...]], report: Report
) -> Cause:
    first, said, outcome = some[0]
    ids = [FindingId(finding.check, finding.subject) for finding, _, _ in some]
    places = {each.place for _, each, _ in some}
    subjects = {each.subject for each in ids}
    return Cause(
        str(said),
        tuple(finding for finding, _, _ in some),
        tuple(sorted(places)),
        first.check,
        report.families.get(first.check, ""),
        outcome.severity,
        first.heals,
        tuple(follower for each in ids for follower in followers.get(each, ())),
        tuple(dict.fromkeys(each for _, _, told in some for each in told.statements if each.mends in subjects)),
        tuple({repr(rows): rows for _, _, told in some for rows in told.rows if rows.table in places}.values()),
    )


def _badness(cause: Cause) -> tuple[int, int, str, str]:
    rank = SEVERITIES.index(cause.severity) if cause.severity in SEVERITIES else len(SEVERITIES)
    return rank, -len(cause.places) - len(cause.consequences), cause.check, cause.words


def _followers(outcomes: Iterable[Outcome]) -> Mapping[FindingId, tuple[Finding, ...]]:
    """Return what follows from each root, directly or not."""
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    cause_of = {FindingId(each.check, each.subject): each.follows_from for each in findings}
    found: dict[FindingId, list[Finding]] = {}
    for finding in findings:
        met: set[FindingId] = set()  # two findings about one subject look alike here, and may lead in a circle
        above = finding.follows_from
        while above and (higher := cause_of.get(above)) and above not in met:
            met.add(above)
            above = higher
        if above:
            found.setdefault(above, []).append(finding)
    return {each: tuple(some) for each, some in found.items()}


def _places(causes: Sequence[Cause], tables: frozenset[str]) -> tuple[Place, ...]:
    found: dict[str, list[Cause]] = {}
    for cause in causes:
        for place in cause.places:
            found.setdefault(place, []).append(cause)
    return tuple(Place(name, name in tables, tuple(some)) for name, some in found.items())
