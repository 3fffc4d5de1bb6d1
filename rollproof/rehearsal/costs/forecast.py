"""The outage forecast: how long nobody could read or write a table in production, and how many would wait. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from rollproof.rehearsal.costs.figures import Figures, TableLock
from rollproof.rehearsal.costs.lock_modes import stops_writers
from rollproof.rehearsal.costs.traffic import Rates, Traffic

LEAST = 1_000_000
"""Bytes below which a table is too small for its times to be scaled up."""
ALIKE = 1.25
"""Sizes that differ by no more than this factor are taken for equal."""
_NOTICED = 0.1  # seconds; nobody notices that they waited for less


@dataclass(frozen=True)
class Forecast:
    """For how long readers and writers of a `table` would wait while `during` goes on, and how many reads, and rows to write.

    Times of the rehearsal were taken `scale` times, because production's table is so many times as large; 0 says that the
    rehearsal's is too small to tell: seconds are then its own. `sentence` says all of it.
    """

    during: str
    table: str
    reader_seconds: float
    writer_seconds: float
    reads: float
    writes: float
    scale: float
    sentence: str

    @property
    def seconds(self) -> float:
        """The longer of both times."""
        return max(self.reader_seconds, self.writer_seconds)


def forecasts(during: str, figures: Figures, traffic: Traffic) -> Iterator[Forecast]:
    """Yield a forecast for each table that production has, and that anybody would notice, the longest first."""
    known = (lock for lock in figures.locks if lock.table in traffic.tables and stops_writers(lock.mode))
    found = (_of(during, lock, traffic.tables[lock.table]) for lock in known)
    yield from sorted(filter(_is_noticed, found), key=lambda each: (-each.seconds, each.table))


def _is_noticed(each: Forecast) -> bool:
    return each.seconds >= _NOTICED or not each.scale


def _of(during: str, lock: TableLock, rates: Rates) -> Forecast:
    scale = _scale(lock.size, rates.size) if lock.grows else 1.0
    reader, writer = (seconds * (scale or 1.0) for seconds in (lock.reader_waited, lock.writer_waited))
    found = Forecast(during, lock.table, reader, writer, rates.reads * reader, rates.writes * writer, scale, "")
    told = _told(found) if scale else f"{lock.table} is too small here to tell how long it would be locked"
    return Forecast(**{**vars(found), "sentence": f"while {during}: {told}{_sizes(lock, rates, scale)}"})


def _scale(here: int, there: int) -> float:
    """How many times as large the table is there; 1 where both are alike, 0 where it is too small here to tell."""
    if there <= max(ALIKE * here, LEAST) and here <= max(ALIKE * there, LEAST):
        return 1.0
    return there / here if here >= LEAST else 0.0


def _told(found: Forecast) -> str:
    cannot = "read or written" if found.reader_seconds >= _NOTICED else "written"
    reads, writes = _about(found.reads), _about(found.writes)
    waiting = [f"{reads} reads"] if reads != "0" else []
    waiting += [f"writes of {writes} rows"] if writes != "0" else []
    who = f"some {' and '.join(waiting)} wait" if waiting else "but hardly anybody used it while we looked"
    return f"{found.table} cannot be {cannot} for about {_seconds(found.seconds)}, {who}"


def _sizes(lock: TableLock, rates: Rates, scale: float) -> str:
    if scale == 1.0:
        return ""
    sizes = f"{lock.size / 1e6:,.1f} MB here, {rates.size / 1e6:,.1f} MB in production"
    took = f"it took {_seconds(lock.waited)} here" if scale else f"it took {_seconds(lock.waited)}"
    return f" ({took}; {sizes})"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.1f} s"  # noqa: PLR2004 (two digits say enough)


def _about(number: float) -> str:
    """Return a number with two digits that count: 9,000 rather than 8,973."""
    digits = max(0, len(str(int(number))) - 2)
    return f"{round(number, -digits):,.0f}"
