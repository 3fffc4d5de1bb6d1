"""What a run before the rollback kept of the database, and what a later run says that the rollback changed. Values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StateKept:
    """The state before the rollback: a snapshot (`path`, `sha256`), and a dump if one was asked for, and what verified it."""

    path: str
    sha256: str
    dump: str = ""
    dump_told: str = ""


@dataclass(frozen=True)
class RollbackChanges:
    """What the rollback changed: the objects by facet, held against the snapshot at `path`, which was taken at `taken`."""

    path: str
    taken: str
    objects: tuple[tuple[str, tuple[str, ...]], ...]
