"""What a check found, as values: findings, rows that differ, statements that repair, and what could not be read.

A finding's `sentence` is complete by itself and fits the check's question ("public.orders has no primary key"). Reports show
`expected` and `actual` below it only where the two are what was before and what is after.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import total_ordering

from rollproof.model.compare import Difference


@dataclass(frozen=True, order=True)
class FindingId:
    """Which finding is meant: that of this check about this subject."""

    check: str
    subject: str


@total_ordering
@dataclass(frozen=True)
class Finding:
    """One thing that a check found, about one subject.

    `compared`: `expected` is how it was before, `actual` how it is after, and None says that it was not there. `heals`: it is a
    warning, for it heals by itself or by one harmless statement. `follows_from` is its cause, once all findings of a run are known.
    Without a `sentence` it gets that of a comparison.
    """

    check: str
    subject: str
    expected: str | None = None
    actual: str | None = None
    sentence: str = ""
    compared: bool = field(default=False, kw_only=True)
    heals: bool = field(default=False, kw_only=True)
    follows_from: FindingId | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not self.sentence:
            object.__setattr__(self, "sentence", f"{self.subject} {self.change}")

    def __lt__(self, other: object) -> bool:
        return self._order < other._order if isinstance(other, Finding) else NotImplemented

    @classmethod
    def of(
        cls, difference: Difference, check: str | None = None, sentence: str = "", *, heals: bool = False
    ) -> "Finding":
        """Return the finding that a fact is not as it was; `check` is the facet unless another check tells it."""
        was, now = difference.before, difference.after
        named = check or difference.facet
        return cls(named, difference.identity, was, now, sentence, compared=True, heals=heals)

    @property
    def change(self) -> str:
        """What became of the subject, by what was expected and what is there: "is missing", "was left behind" or "changed"."""
        if self.actual is None:
            return "is missing"
        return "was left behind" if self.expected is None else "changed"

    @property
    def difference(self) -> Difference:
        """The same as facet, identity, before and after."""
        return Difference(self.check, self.subject, self.expected, self.actual)

    @property
    def _order(self) -> tuple[str | bool, ...]:
        texts = (part for text in (self.expected, self.actual) for part in (text is not None, text or ""))
        return (self.check, self.subject, *texts, self.sentence, self.compared, self.heals)


@dataclass(frozen=True, order=True)
class Statement:
    """SQL, safe to be pasted, that repairs what was found about the subject `mends`; to be reviewed before anybody runs it.

    `place` is its place in the script of `rollproof repair`, from 1: that of several is the order to run them in; 0 for others.
    """

    sql: str
    mends: str
    place: int = 0


@dataclass(frozen=True, order=True)
class Unknown:
    """A subject of which something could not be read or decided, and the reason."""

    subject: str
    reason: str


@dataclass(frozen=True)
class DifferingRow:
    """One row that is not as it was: named by its key, or by a short hash of its image where the table has no key.

    `rows` is how many there are of it before and after, `columns` are those whose values changed. `before` and `after` hold
    values, and are None unless the user asked for them (`--show-values`). A side's key is None if the row is not there, or is
    gone by now.
    """

    kind: str
    rows: tuple[int, int] = (1, 1)
    columns: tuple[str, ...] = ()
    key_before: Mapping[str, str | None] | None = None
    key_after: Mapping[str, str | None] | None = None
    image: str = ""
    before: Mapping[str, str | None] | None = None
    after: Mapping[str, str | None] | None = None


@dataclass(frozen=True)
class ColumnChange:
    """In how many rows a column's value differs, by how: NULL → value, value → NULL, or value → another. Values are not told."""

    column: str
    filled: int = 0
    emptied: int = 0
    altered: int = 0

    @property
    def rows(self) -> int:
        """In how many rows it differs."""
        return self.filled + self.emptied + self.altered


@dataclass(frozen=True)
class RowRange:
    """A range in which rows differ, told by sums alone: a condition as SQL, and how many rows meet it in the baseline and now."""

    condition: str
    rows: tuple[int, int]


@dataclass(frozen=True)
class RowReport:
    """Which rows of one table differ, or why they cannot be named.

    `against` says what the table's rows were compared with, `counts` how many rows there are of each kind (at least so many,
    unless `complete`), `columns` in how many of those that are on both sides each column differs, the most first. `rows` holds
    the first rows by their keys and `more` counts the others. `unpaired` are the columns of one side only, `file` holds all rows,
    `unnamed` is why rows cannot be named, `counted` what is known of their number nevertheless, and `note` what else explains
    the difference. `where` says in which parts of the table rows differ, by the sums that a baseline keeps, and `ranges` are the
    first of these.
    """

    table: str
    against: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    complete: bool = True
    rows: tuple[DifferingRow, ...] = ()
    more: int = 0
    unpaired: tuple[str, ...] = ()
    file: str = ""
    unnamed: str = ""
    counted: str = ""
    note: str = ""
    columns: tuple[ColumnChange, ...] = ()
    where: str = ""
    ranges: tuple[RowRange, ...] = ()
