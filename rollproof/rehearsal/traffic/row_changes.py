"""The rows of tables that differ between two databases, by their keys."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rollproof.backup.copies import Copies
from rollproof.commands.verification import limits, scope_of
from rollproof.model.finding import DifferingRow
from rollproof.rows.row_diff import EXTRA, MISSING
from rollproof.server.reader import SnapshotReader, Target
from rollproof.settings.options import Settings
from rollproof.settings.sections import Backup
from rollproof.sources.live import Live
from rollproof.verdict.row_evidence import MORE, Found, RowEvidence, Wanted

Key = tuple[str | None, ...]
_MOST = 100_000  # rows of a table that are told apart by their keys; of more, only the number is known
_PLAIN = str.maketrans("", "", "-{} ")


@dataclass(frozen=True)
class Changes:
    """The keys of rows that are `new`, `gone` and `changed`; of a table without a key only the `counts` of the three."""

    counts: tuple[int, int, int]
    keys: tuple[frozenset[Key], frozenset[Key], frozenset[Key]] | None = None

    @property
    def is_none(self) -> bool:
        """Whether no row differs."""
        return not any(self.counts)


NONE = Changes((0, 0, 0), (frozenset(), frozenset(), frozenset()))
"""No row differs."""


def changes(was: str, now: str, tables: Iterable[str], settings: Settings) -> Mapping[str, Changes]:
    """Return which rows of these tables differ between two databases, given by their URLs; a table must be in both.

    Raises `Inconclusive` if they cannot be read.
    """
    allowed, scope = limits(settings), scope_of(settings)
    with SnapshotReader(Target.parse(was), allowed) as older, SnapshotReader(Target.parse(now), allowed) as newer:
        before, after = Live(older, scope, "before"), Live(newer, scope, "after")
        before.begin()
        after.begin()
        evidence = RowEvidence(before, after, Copies(newer, settings.backup or Backup()), Wanted(_MOST))
        return {
            each: _changes(evidence.found(each)) for each in tables if each in before.scanned and each in after.scanned
        }


def _changes(found: Found) -> Changes:
    new, gone = Counter[str](), Counter[str]()
    for kind, number in found.counts.items():
        new[kind] += number if kind in {EXTRA, MORE} else 0
        gone[kind] += number if kind == MISSING else 0
    counts = (new.total(), gone.total(), found.counts.total() - new.total() - gone.total())
    if not found.pair.key or not found.complete or len(found.rows) < found.counts.total():
        return Changes(counts)
    return Changes(counts, (_keys(found, {EXTRA}), _keys(found, {MISSING}), _keys(found, None)))


def _keys(found: Found, kinds: set[str] | None) -> frozenset[Key]:
    rows = [each for each in found.rows if (each.kind in kinds if kinds else each.kind not in {EXTRA, MISSING})]
    return frozenset(map(_key, rows))


def _key(row: DifferingRow) -> Key:
    """Return a row's key, without what a migration of the key's type changes: case and hyphens."""
    named = row.key_before or row.key_after or {}
    return tuple(text and text.lower().translate(_PLAIN) for _, text in sorted(named.items()))
