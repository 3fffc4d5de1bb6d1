"""What a stage cost, in words."""

from collections.abc import Iterator

from rollproof.model.amounts import counted, size
from rollproof.rehearsal.costs.figures import Figures

_NOTICED = 0.05  # seconds; below, 0.0 s would be told


def costs(figures: Figures | None) -> str:
    """Return what something cost on one line; "" if nothing was measured."""
    return ", ".join(_parts(figures)) if figures else ""


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= _NOTICED else "a moment"


def _parts(figures: Figures) -> Iterator[str]:
    if figures.locks:
        longest = max(figures.locks, key=lambda lock: (lock.waited, lock.held))
        yield f"{longest.mode} on {longest.table} for {_time(longest.held)}"
        waits = [
            f"{who} waited {seconds:.1f} s"
            for who, seconds in (("a reader", longest.reader_waited), ("a writer", longest.writer_waited))
            if seconds >= _NOTICED
        ]
        yield from waits
    if figures.rewrites:
        yield f"{counted(len(figures.rewrites), 'table')} rewritten"
    if figures.wal_bytes:
        yield f"{size(figures.wal_bytes)} WAL"
    if figures.temporary_bytes:
        yield f"{size(figures.temporary_bytes)} temporary files"
    if figures.peak_disk_bytes:
        yield f"{size(figures.peak_disk_bytes)} more disk at most"
    yield from (str(each) for each in figures.missing)
