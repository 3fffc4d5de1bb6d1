"""What a rollback made of rows that were written in the migrated database, and of those that nobody wrote to. Pure."""

from dataclasses import dataclass

from rollproof.model.amounts import counted
from rollproof.model.finding import Finding
from rollproof.rehearsal.traffic.row_changes import Changes, Key

_SHOWN = 5


@dataclass(frozen=True)
class Fate:
    """The rows of one table: those `inserted`, `changed` and `deleted` in between, each as how many and how many still are.

    `altered` are rows that were written and kept, with other values; `columns` went, and with them what was written there.
    `harmed` are rows of before the migration that nobody wrote to and that are lost or changed, `strange` rows that are new though
    nobody inserted them: how many, and the keys of some.
    """

    table: str
    inserted: tuple[int, int]
    changed: tuple[int, int]
    deleted: tuple[int, int]
    altered: int = 0
    columns: tuple[str, ...] = ()
    harmed: int = 0
    strange: int = 0
    keys: tuple[str, ...] = ()

    @property
    def is_lost(self) -> bool:
        """Whether anything that was written is not there any more."""
        return bool(self.columns) or any(kept < made for made, kept in (self.inserted, self.changed, self.deleted))

    def __str__(self) -> str:
        told = [
            _told(self.inserted, "inserted", ("kept", "lost")),
            _told(self.changed, "changed", ("kept", "undone")),
            _told(self.deleted, "deleted", ("still gone", "back again")),
        ]
        other = f"{counted(self.altered, 'row')} of these with other values than were written" if self.altered else ""
        gone = f"what was written to {', '.join(self.columns)} is lost with the column" if self.columns else ""
        return f"{self.table}: {', '.join(filter(None, (*told, other, gone)))}"

    @property
    def finding(self) -> Finding | None:
        """What is bad about it; None if nothing is."""
        said = [
            f"{counted(self.harmed, 'row')} of before the migration lost or changed" if self.harmed else "",
            f"{counted(self.strange, 'row')} there that nobody inserted" if self.strange else "",
        ]
        if not any(said):
            return None
        actual = " and ".join(filter(None, said)) + (f" ({', '.join(self.keys)})" if self.keys else "")
        sentence = f"{self.table}: though nothing wrote to them in between, after the rollback: {actual}"
        return Finding("content", self.table, "each row as it was, but for those written to", actual, sentence)


def _told(made_kept: tuple[int, int], what: str, words: tuple[str, str]) -> str:
    made, kept = made_kept
    if not made:
        return ""
    fates = [f"{number} {word}" for number, word in zip((kept, made - kept), words, strict=True) if number]
    return f"{counted(made, 'row')} {what} ({', '.join(fates)})"


def fate(table: str, written: Changes, left: Changes) -> Fate:
    """Tell it from what was `written` in the migrated database, and what is `left` of a difference after the rollback."""
    if written.keys is None or left.keys is None:
        return _by_counts(table, written.counts, left.counts)
    (new, gone, changed), (extra, missing, unlike) = written.keys, left.keys
    harmed = (missing - gone) | (unlike - changed)
    strange = extra - new
    if strange and not harmed and len(new - extra) >= len(strange):  # the rollback gave them other keys
        return _by_counts(table, written.counts, left.counts)
    return Fate(
        table,
        (len(new), len(new & extra)),
        (len(changed), len(changed & unlike)),
        (len(gone), len(gone & missing)),
        harmed=len(harmed),
        strange=len(strange),
        keys=_some(harmed | strange),
    )


def _by_counts(table: str, written: tuple[int, int, int], left: tuple[int, int, int]) -> Fate:
    """Tell it where rows have no key: a change is then one row gone and one new."""
    pairs = [(made, min(made, found)) for made, found in zip(written, left, strict=True)]
    over = [max(found - made, 0) for made, found in zip(written, left, strict=True)]
    return Fate(table, pairs[0], pairs[2], pairs[1], harmed=over[1] + over[2], strange=over[0])


def kept_keys(written: Changes, left: Changes) -> frozenset[Key]:
    """Return the keys of the rows that were inserted or changed, and are there still."""
    if written.keys is None or left.keys is None:
        return frozenset()
    return (written.keys[0] & left.keys[0]) | (written.keys[2] & left.keys[2])


def _some(keys: frozenset[Key]) -> tuple[str, ...]:
    shown = sorted(", ".join(text or "NULL" for text in key) for key in keys)
    return (*shown[:_SHOWN], *(["…"] if len(shown) > _SHOWN else []))
