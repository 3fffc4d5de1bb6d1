"""What a run before the rollback kept of the database, and what a later run says that the rollback changed. Values."""

from dataclasses import dataclass

from rollproof.model.amounts import counted


@dataclass(frozen=True)
class StateKept:
    """The state before the rollback: a snapshot (`path`, `sha256`), and a dump if one was asked for, and what verified it."""

    path: str
    sha256: str
    dump: str = ""
    dump_told: str = ""


@dataclass(frozen=True)
class ChangedObjects:
    """Objects of one facet that the rollback made, took away, or changed: their identities, sorted."""

    facet: str
    made: tuple[str, ...] = ()
    taken_away: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self.made) + len(self.taken_away) + len(self.changed)

    @property
    def words(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What became of them, each word with its objects; nothing for what there is none of."""
        told = (("made", self.made), ("taken away", self.taken_away), ("changed", self.changed))
        return tuple((word, objects) for word, objects in told if objects)


@dataclass(frozen=True)
class RollbackChanges:
    """What the rollback changed: the objects by facet, held against the snapshot at `path`, which was taken at `taken`.

    `not_told` are facets of which nobody can say, with the reason. It is no part of the verdict.
    """

    path: str
    taken: str
    objects: tuple[ChangedObjects, ...]
    not_told: tuple[str, ...] = ()

    def __str__(self) -> str:
        number = sum(map(len, self.objects))
        if not number:
            return f"the rollback changed no definition, as held against {self.path}"
        parts = ", ".join(f"{len(each):,} in {each.facet}" for each in self.objects)
        return f"the rollback changed {counted(number, 'object')}, as held against {self.path}: {parts}"
