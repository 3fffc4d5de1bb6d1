"""What a check calls: that a facet is as it was, or that nothing was found."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from rollproof.model.compare import Difference, compare
from rollproof.model.dump_facts import FACET as DUMP
from rollproof.model.dump_facts import style_of
from rollproof.model.errors import Inconclusive, NotChecked
from rollproof.model.facets import facets
from rollproof.model.failure import NotRestored, Shown, Undecided, Warned, doubts
from rollproof.model.finding import Finding, RowReport, Statement, Unknown
from rollproof.model.no_loss import no_loss
from rollproof.model.plain_text import SHOWN
from rollproof.sources.cross_version import FacetPair, facet_pair
from rollproof.sources.equivalence import dumped_alike, sort_out
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING, TableGroup
from rollproof.verdict.advice import suggestions
from rollproof.verdict.waivers import Waivers

if TYPE_CHECKING:
    from rollproof.verdict.repairs import Repairs

T = TypeVar("T")
Found = Finding | Difference | Statement
Judge = Callable[[Difference], bool]
Accept = Callable[[Iterable[Difference]], tuple[Difference, ...]]
NamesRows = Callable[[str], RowReport | None]
Mends = Callable[[str], Iterable[Statement]]
Planned = Callable[[Sequence[Finding]], Iterable[Statement]]
LOSSES = "nothing_lost"  # the check that tells what the migration lost, of any facet


def _never(difference: Difference) -> bool:  # noqa: ARG001 (the default of what is asked by difference)
    return False


def _no_rows(subject: str) -> None:  # noqa: ARG001 (the default of what is asked by subject)
    return None


def _no_statements(subject: str) -> Iterable[Statement]:  # noqa: ARG001 (the same)
    return ()


@dataclass(frozen=True)
class Expect:
    """What one check expects of two sources, but for what the waivers accept.

    `cut_off` is the reason that the end of `--max-duration` gives: what would have been known in time is not left out. `repairs`
    returns those that all checks of a run share; without it a check has its own. `hears` is called with what is bad before evidence
    of it is looked for, which may take long.
    Each method raises `NotRestored` with what is wrong, `Warned` if all of it heals, and `Inconclusive` if something cannot be
    decided and nothing worse was found.
    """

    check: str
    before: Source
    after: Source
    accepted: Waivers
    cut_off: str = ""
    repairs: "Callable[[], Repairs] | None" = None
    hears: Callable[[tuple[Finding, ...]], object] = lambda _: None

    def restored(  # noqa: PLR0913 (a check names what is no loss, what heals, and what more is known of a difference)
        self,
        facet: str,
        group: TableGroup = EVERYTHING,
        *,
        harmless: Judge = _never,
        heals: Judge = _never,
        rows: NamesRows = _no_rows,
        statements: Mends = _no_statements,
        more: Iterable[Finding] = (),
    ) -> None:
        """Expect a facet of these tables as it was; `more` are findings that no description of the facet shows.

        Raises `NotChecked` if one of the sources never holds the facet.
        """
        self._require_held(facet)
        certain, unknown = self._differences(facet, group, harmless, self.accepted.accept)
        found = [*(Finding.of(each, self.check, heals=heals(each)) for each in certain), *more]
        self._judge(found, _Evidence(rows, statements, self._planned(facet)), unknown)

    def certain(self, facet: str, group: TableGroup) -> tuple[Finding, ...]:
        """Return what `restored` will find of a facet of these tables if nothing is harmless; no waiver counts it as used.

        Raises as `restored` does for what cannot be compared.
        """
        self._require_held(facet)
        certain, _ = self._differences(facet, group, _never, self.accepted.unaccepted)
        return tuple(Finding.of(each, self.check) for each in certain)

    def nothing(
        self,
        found: Iterable[Found],
        *,
        heals: Judge = _never,
        rows: NamesRows = _no_rows,
        statements: Mends = _no_statements,
    ) -> None:
        """Expect that nothing was found; `found` may end in `Inconclusive`. `heals` tells of a difference whether it does.

        Among what was found may be the statements that repair it.
        """
        said, unknown, reason = self._collected(found, heals)
        own: dict[str, list[Statement]] = {}
        for one in said:
            if isinstance(one, Statement):
                own.setdefault(one.mends, []).append(one)
        evidence = _Evidence(
            rows, lambda subject: [*own.get(subject, ()), *statements(subject)], self._planned(self.check)
        )
        self._judge([one for one in said if isinstance(one, Finding)], evidence, unknown, reason)

    def _collected(
        self, found: Iterable[Found], heals: Judge
    ) -> tuple[list[Finding | Statement], tuple[Unknown, ...], str]:
        """Return all that was found before something could not be decided, and what that is."""
        said: list[Finding | Statement] = []
        try:
            said.extend(one if isinstance(one, Statement) else self._finding(one, heals) for one in found)
        except Inconclusive as error:
            return said, *doubts(error)
        return said, (), ""

    def _finding(self, found: Finding | Difference, heals: Judge) -> Finding:
        if isinstance(found, Difference):
            return Finding.of(found, self.check, heals=heals(found))
        return replace(found, heals=True) if heals(found.difference) else found

    def none_of(
        self,
        things: Iterable[T],
        ask: Callable[[T], Iterable[Found]],
        *,
        heals: Judge = _never,
        rows: NamesRows = _no_rows,
        statements: Mends = _no_statements,
    ) -> None:
        """Expect that nothing is found of any of these; what cannot be decided of one hides nothing of another."""
        self.nothing(each(things, ask), heals=heals, rows=rows, statements=statements)

    def _require_held(self, facet: str) -> None:
        reason = self.before.unavailable(facet)
        if reason is None and (reason := self.after.unavailable(facet)) and facet != DUMP:
            raise Inconclusive(reason)  # what the reference knows of the catalogue is not left out in silence
        if reason:
            raise Inconclusive(reason) if reason == self.cut_off else NotChecked(reason)
        if facet == DUMP and (reason := _two_styles(self.before, self.after)):
            raise NotChecked(reason)

    def _differences(
        self, facet: str, group: TableGroup, harmless: Judge, accept: Accept
    ) -> tuple[tuple[Difference, ...], tuple[Unknown, ...]]:
        """Return what differs and is not accepted, and what nobody can say."""
        pair = facet_pair(facet, self.before, self.after)
        was, now = pair.before.known(facet, group), pair.after.known(facet, group)
        unknown = {**{key: f"in {self.before.name}: {text}" for key, text in was.unknown.items()}, **now.unknown}
        facts = ({key: text for key, text in side.facts.items() if key not in unknown} for side in (was, now))
        is_no_loss = no_loss(facet, old=self.before.old)
        differ = [
            each
            for each in compare(facet, *facts)
            if not is_no_loss(each) and not _is_harmless(each, harmless, unknown)
        ]
        certain, doubtful = self._same_meaning(facet, group, pair, accept(differ))
        unknown |= doubtful
        return certain, tuple(Unknown(key, unknown[key]) for key in sorted(unknown))

    def _same_meaning(
        self, facet: str, group: TableGroup, pair: FacetPair, differ: Iterable[Difference]
    ) -> tuple[tuple[Difference, ...], Mapping[str, str]]:
        """Return the differences that are none of spelling alone, and what nobody can tell from one."""
        certain, doubtful = pair.sort_out(differ)
        dumped = facet == DUMP
        meant = dumped_alike(certain, self.before, self.after, group) if dumped else sort_out(certain, self.after)
        across = sort_out(doubtful, self.after)
        for note in filter(None, (meant.note, across.note)):
            self.after.note(note)
        doubts = {each.identity: pair.doubt(each) for each in doubtful if each not in across.same}
        return tuple(meant.other), {**meant.unknown, **doubts}

    def _planned(self, facet: str) -> "Planned":
        """Return what has the statements of the repair plan for findings about a facet."""

        def planned(found: Sequence[Finding]) -> Iterable[Statement]:
            from rollproof.verdict.repairs import Repairs  # noqa: PLC0415 (a good run has no use for it)

            repairs = self.repairs() if self.repairs else Repairs(self.before, self.after, self.accepted)
            return repairs.of_losses(found) if facet == LOSSES else repairs.statements(facet, found)

        return (
            planned if facet == LOSSES or (facet in facets() and facets()[facet].holds == "definitions") else _no_plan
        )

    def _judge(
        self, found: Iterable[Finding], evidence: "_Evidence", unknown: tuple[Unknown, ...] = (), reason: str = ""
    ) -> None:
        left = self.accepted.accept(found)
        if not (left or unknown or reason):
            return
        if bad := tuple(finding for finding in left if not finding.heals):
            self.hears(bad)
        rows, statements, advice = evidence.of(left)
        advice += tuple(self.accepted.excess(left))
        if bad:
            kind: type[Shown] = NotRestored
        else:
            kind = Undecided if unknown or reason else Warned
        raise kind(left, rows, statements, advice, unknown, reason)


def _no_plan(found: Sequence[Finding]) -> Iterable[Statement]:  # noqa: ARG001 (the default of what is asked for findings)
    return ()


@dataclass(frozen=True)
class _Evidence:
    """What is shown beside findings: rows, the check's own statements, those of the repair plan, advice."""

    rows: NamesRows
    statements: Mends
    planned: Planned

    def of(self, found: Sequence[Finding]) -> tuple[tuple[RowReport, ...], tuple[Statement, ...], tuple[str, ...]]:
        reports = tuple(filter(None, (self.rows(finding.subject) for finding in found[:SHOWN])))
        statements, trouble = self._mending(found)
        return reports, statements, suggestions(found) + trouble

    def _mending(self, found: Sequence[Finding]) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
        """Return the statements, or why there are none: what goes wrong with them must not hide what was found."""
        try:
            special = [statement for finding in found for statement in self.statements(finding.subject)]
            return tuple(dict.fromkeys([*special, *self.planned(found)])), ()
        except Exception as error:  # noqa: BLE001 (whatever it is, the findings are told)
            return (), (f"no statement can be shown that mends this: {error or type(error).__name__}",)


def _is_harmless(found: Difference, harmless: Judge, unknown: dict[str, str]) -> bool:
    try:
        return harmless(found)
    except Inconclusive as error:
        unknown[found.identity] = str(error)
        return True


def each(things: Iterable[T], ask: Callable[[T], Iterable[Found]]) -> Iterator[Found]:
    """Yield what is found of one thing after the other; what cannot be decided of any is raised at the end."""
    unknown: list[Unknown] = []
    reasons: list[str] = []
    for thing in things:
        try:
            yield from ask(thing)
        except Inconclusive as error:
            more, reason = doubts(error)
            unknown += more
            reasons += filter(None, [reason])
    if unknown or reasons:
        raise Undecided((), unknown=tuple(unknown), reason="\n".join(reasons))


def _two_styles(before: Source, after: Source) -> str | None:
    """Return why what pg_dump says of the two sides cannot be compared; None if it can. Both must have been dumped."""
    was, now = (style_of(side.known(DUMP, EVERYTHING).facts) for side in (before, after))
    if was == now:
        return None
    return (
        f"the reference was {was}, the database {now}: PostgreSQL words a definition differently from one to the next\n"
        "put the pg_dump of the reference first on PATH, or take the baseline with the one at hand"
    )
