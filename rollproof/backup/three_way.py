"""Reference, backup, live table: which of the three differs from the two others, and what that means."""

from collections.abc import Callable, Iterator

from rollproof.backup.copies import Copy, fact_with_partitions
from rollproof.model.finding import Finding
from rollproof.sources.source import CONTENT, Source

ALIKE = "the same rows in the reference, in the backup and in the live table"

_ODD_ONE = {
    "backup": "the backup is damaged: the live table is as in the reference, {copy} is not; do not restore from it",
    "reference": "the damage was done before or during the backup: the live table is what {copy} holds, and the reference says "
    "otherwise; restoring from this backup again would bring the damage back",
    "live": "the restore is damaged: {copy} is as in the reference, the live table is not; the rows can be had from {copy}",
    "none": "the restore is damaged and so is the backup: reference, {copy} and live table are three different things; "
    "the rows can be had from none of these alone",
}


Alike = tuple[bool, bool, bool]
"""Whether the rows are the same in the reference and the backup, in the backup and live, in the reference and live."""


def alike(copy: Copy, before: Source, after: Source, only_grew: Callable[[str], bool] = lambda _: False) -> Alike:
    """Return which of the three hold the same rows.

    A live table that `only_grew`, and was allowed to, is as in the reference. Raises `Inconclusive` if one of the three cannot be
    read.
    """
    reference, backup, live = (
        [fact_with_partitions(side, facet, copy.table) for facet in CONTENT] for side in (before, copy.copies, after)
    )
    if live != reference and only_grew(copy.table):
        live = reference
    return reference == backup, backup == live, reference == live


def disagreement(copy: Copy, same: Alike) -> Iterator[Finding]:
    """Yield which of the three differs from the two others, or that all differ; nothing if all are equal."""
    reference_backup, backup_live, reference_live = same
    if all(same):
        return
    odd = "backup" if reference_live else "reference" if backup_live else "live" if reference_backup else "none"
    found = _ODD_ONE[odd].format(copy=copy.name)
    yield Finding("backup_agreement", copy.table, ALIKE, found, f"{copy.table}: {found}")
