"""One side of a verification as a user's own check sees it: tables, facts and numbers of rows, each by its name."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive, NotChecked, did_you_mean
from rollproof.model.facets import facets
from rollproof.model.finding import Finding
from rollproof.model.names import typed
from rollproof.model.plain_text import finding_text
from rollproof.server.instant_session import InstantConnection, session_at
from rollproof.sources.source import Known, Source
from rollproof.sources.table_groups import EVERYTHING, TableGroup


class Gone(AssertionError, KeyError):  # noqa: N818 (it is a finding)
    """What was there before, and is not there now: a check that asks for it fails."""

    __str__ = AssertionError.__str__


class Unheard(KeyError):  # noqa: N818 (as it reads)
    """A name that nobody knows, neither before nor now: a mistake in the check."""

    __str__ = Exception.__str__


class Facts(Mapping[str, str]):
    """The facts of one facet: identity → description.

    `was` returns what was known before, where this is how it is; `others` are further names that may have been meant.
    Whoever looks at one that could not be read, or at all of them while there is such a one, gets `Inconclusive`.
    """

    def __init__(
        self, facet: str, name: str, known: Known, was: Callable[[], Known | None], others: Iterable[str] = ()
    ) -> None:
        self._facet, self.name, self._known, self._was = facet, name, known, was
        self._others = others

    def __getitem__(self, identity: str) -> str:
        identity = typed(identity)
        if identity in self._known.facts:
            return self._known.facts[identity]
        if identity in self._known.unknown:
            raise Inconclusive(f"{self._facet}: {identity} in {self.name}: {self._known.unknown[identity]}")
        raise self._lacking(identity)

    def __iter__(self) -> Iterator[str]:
        for identity, why in sorted(self._known.unknown.items()):
            raise Inconclusive(f"{self._facet}: {identity} in {self.name}: {why}")
        return iter(sorted(self._known.facts))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<{self._facet} of {self.name}: {len(self._known.facts):,} facts>"

    def _lacking(self, identity: str) -> KeyError:
        was = self._was()
        if was is not None and identity in was.facts:
            return Gone(finding_text(Finding.of(Difference(self._facet, identity, was.facts[identity], None))))
        near = did_you_mean(identity, [*self._known.facts, *self._others])
        return Unheard(f"there is no {identity} among the {self._facet} of {self.name}{near}")


def differing(left: object, right: object) -> list[str]:
    """Return sentences about the facts that are not the same in both; nothing if one of these is no `Facts`."""
    if not (isinstance(left, Facts) and isinstance(right, Facts)):
        return []
    return [
        f"{identity}: {left.get(identity, 'not there')} in {left.name}, {right.get(identity, 'not there')} in {right.name}"
        for identity in sorted({*left, *right})
        if left.get(identity) != right.get(identity)
    ]


class Moment:
    """One side: how the database was, or how it is. `was` is the other side where this one is how it is.

    `cut_off` is the reason that the end of `--max-duration` gives.
    """

    def __init__(self, source: Source, was: Source | None = None, cut_off: str = "") -> None:
        self._source = source
        self._before = was if was is not source else None
        self._cut_off = cut_off

    @property
    def name(self) -> str:
        """What reports call it: the file, or the database without a password."""
        return self._source.name

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables as SQL writes them, with their schemas, sorted."""
        return self._source.tables

    def facts(self, facet: str) -> Facts:
        """Return the facts of a facet, waiting for them if need be: `rows` and `content` until all tables are read.

        Raises `Unheard` for a facet that there is not, `NotChecked` if this kind of reference never has it, and `Inconclusive` if
        it should be there and is not.
        """
        self._require(facet)
        return Facts(facet, self.name, self._source.known(facet, EVERYTHING), lambda: self._was(facet, EVERYTHING))

    def row_count(self, table: str) -> int:
        """Return the number of rows of a table or materialized view, waiting until it is read.

        Raises as `facts` does, and `Gone` or `Unheard` for a table that is not here.
        """
        table = typed(table)
        self._require("rows")
        source, before = self._source, self._before or self._source
        if table in source.tables and table not in {*source.scanned, *before.scanned}:
            raise Unheard(f"{table} has no rows of its own: it is a partitioned or a foreign table")
        group = TableGroup(table, frozenset([table]))
        counted = Facts("rows", self.name, source.known("rows", group), lambda: self._was("rows", group), self.tables)
        return int(counted[table])

    @contextmanager
    def session(self) -> Iterator[InstantConnection]:
        """Open a session on the instant of this side, which cannot write and ends with the block.

        Raises `NotChecked` if this side is no database, and `Inconclusive` if no session can be had.
        """
        if self._source.view is None:
            raise NotChecked(f"{self.name} is no database, so nobody can ask it by SQL")
        with session_at(self._source.view) as connection:
            yield connection

    def _require(self, facet: str) -> None:
        if facet not in facets():
            near = did_you_mean(facet, facets()) or f"; the facets are: {', '.join(sorted(facets()))}"
            raise Unheard(f"there is no facet {facet}{near}")
        if reason := self._source.unavailable(facet):
            raise (Inconclusive if self._should_have(facet, reason) else NotChecked)(reason)

    def _should_have(self, facet: str, reason: str) -> bool:
        before = self._before
        return reason == self._cut_off or (before is not None and not before.unavailable(facet))

    def _was(self, facet: str, group: TableGroup) -> Known | None:
        before = self._before
        return None if before is None or before.unavailable(facet) else before.known(facet, group)

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self.tables):,} tables>"
