"""What the reference is that a verification is held against, and what it cannot tell: a throw-away baseline must lack it alike."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

import msgspec

from rollproof.commands.verification import key_of, recorded
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.facets import facets
from rollproof.model.snapshot import Snapshot
from rollproof.rehearsal.faults.fault import Fault
from rollproof.server.connection import Target
from rollproof.settings.configuration import Configured
from rollproof.settings.reference import Reference
from rollproof.sources.recorded import Recorded
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING
from rollproof.system.files import is_there
from rollproof.throwaway.dumps import NOT_HELD

_ROWS_ALONE = "the migration's copies keep rows and nothing else"
_NEEDED = {*CONTENT, "tables"}
"""What nothing could be verified without; `tables` is hidden from the checks where the reference does not tell it."""


@dataclass(frozen=True)
class Held:
    """The reference as reports call it (`shown`), and the `baseline` that it is, if it is one.

    `lacks` are facets of which a reference of its kind tells nothing, with the reason.
    """

    shown: str
    baseline: Recorded | None = None
    lacks: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, known: Configured) -> "Held":
        """Look at the reference of a configuration. Raises `Misuse` as a verification does if it is no good."""
        meant, settings = known.reference, known.settings
        if meant.kind == "baseline":
            return _of_baseline(meant, known)
        recorded(meant, key=key_of(settings))  # which no signature can be about
        if meant.kind == "dump":
            return cls(
                meant.where,
                lacks=NOT_HELD,
                notes=(f"in place of {meant.where} stands the copy; what a dump lacks, it lacks",),
            )
        if meant.kind == "copies":
            lacks = {name: _ROWS_ALONE for name, row in facets().items() if row.holds != "rows" and name not in CONTENT}
            note = "in place of the migration's copies stands the copy of the database, of which they tell rows alone"
            return cls("the migration's copies", lacks=lacks, notes=(note,))
        note = "in place of the other database stands the copy, read by the role that verifies"
        return cls(str(Target.parse(meant.where)), notes=(note,))

    @property
    def schemas(self) -> tuple[str, ...] | None:
        """The schemas that the baseline knows; None: all."""
        return self.baseline.origin.schemas if self.baseline else None

    @property
    def is_whole(self) -> bool:
        """Whether it tells all that can be told."""
        return not (self.lacks or (self.baseline and (_gaps(self.baseline) or self.schemas is not None)))

    def cut(self, whole: Snapshot, name: str) -> Recorded:
        """Return a baseline that lacks what the reference lacks."""
        facets = {facet: dict(facts) for facet, facts in whole.facets.items()}
        unknown = {facet: dict(facts) for facet, facts in whole.unknown.items()}
        absent, tool = {**whole.absent, **self.lacks}, whole.origin.tool
        if self.baseline:
            tool = self.baseline.origin.tool
            for facet in whole.facets:
                _cut(facet, self.baseline, facets, unknown, absent)
        hidden = {facet: why for facet, why in absent.items() if facet in facets}
        for facet in hidden.keys() - _NEEDED:
            del facets[facet]
        origin = msgspec.structs.replace(whole.origin, tool=tool)
        left = {facet: why for facet, why in absent.items() if facet not in facets}
        cut = msgspec.structs.replace(whole, origin=origin, facets=facets, unknown=unknown, absent=left)
        return Cut(_without_rows(cut, unknown.get("content", {})), name, hidden)

    def gap(self, fault: Fault) -> str:
        """Return why the reference cannot tell what a fault changes; "" if it can."""
        if why := self.lacks.get(fault.facet):
            return why
        if self.baseline is None:
            return ""
        if why := self.baseline.unavailable(fault.facet):
            return why
        unknown = _unknown(self.baseline, fault.facet)
        return unknown.get(fault.identity) or unknown.get("*", "")


class Cut(Recorded):
    """A baseline that does not tell its facets that are `hidden`, with the reason."""

    def __init__(self, snapshot: Snapshot, name: str, hidden: Mapping[str, str]) -> None:
        super().__init__(snapshot, name)
        self._hidden = hidden

    def unavailable(self, facet: str) -> str | None:
        """Return why the facet is not told; None if it is."""
        return self._hidden.get(facet) or super().unavailable(facet)


def _without_rows(snapshot: Snapshot, tables: Container[str]) -> Snapshot:
    """Return a snapshot that keeps nothing of the rows of some tables."""
    kept = {table: packed for table, packed in snapshot.hashes.items() if table not in tables}
    details = {table: detail for table, detail in snapshot.details.items() if table not in tables}
    return msgspec.structs.replace(snapshot, hashes=kept, details=details)


def _of_baseline(meant: Reference, known: Configured) -> Held:
    settings = known.settings
    if meant.by_default and not settings.require_signature and not is_there(meant.path):
        note = f"there is no baseline {meant.path}: one without gaps stands in, taken of the copy by the role that verifies"
        return Held("none", notes=(note,))
    found = recorded(meant, allow_empty=settings.allow_empty, key=key_of(settings))
    assert found, "it is a baseline"
    if settings.schemas not in (None, found.origin.schemas):
        raise Misuse(
            f"the configuration looks at the schemas {settings.schemas}, the baseline at {found.origin.schemas or 'all'}, and a "
            "verification refuses that: make them the same, or take the baseline again"
        )
    return Held(meant.where, found, notes=tuple(found.notes))


def _cut(
    facet: str,
    reference: Recorded,
    parts: dict[str, dict[str, str]],
    unknown: dict[str, dict[str, str]],
    absent: dict[str, str],
) -> None:
    if facet not in reference.snapshot.facets:
        if facet in reference.snapshot.absent:
            absent[facet] = reference.snapshot.absent[facet]
            return
        del parts[facet]
        if facet in reference.snapshot.unknown:
            unknown[facet] = dict(reference.snapshot.unknown[facet])
        return
    for identity, why in _unknown(reference, facet).items():
        parts[facet].pop(identity, None)
        unknown.setdefault(facet, {})[identity] = why


def _unknown(reference: Recorded, facet: str) -> Mapping[str, str]:
    """Return the facts of a facet that the reference knows that it does not know; those of another kind than ours, too."""
    told = reference.snapshot.unknown.get(facet, {})
    try:
        return {**told, **reference.known(facet, EVERYTHING).unknown}
    except Inconclusive:
        return told


def _gaps(reference: Recorded) -> bool:
    known = facets()
    return any(
        reference.unavailable(facet) or _unknown(reference, facet)
        for facet, row in known.items()
        if row.holds not in _EXTRA
    )


_EXTRA = ("input", "recordings")
