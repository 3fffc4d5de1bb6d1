"""The age of a baseline, and whether it was taken before the migration began. Pure."""

import datetime
import math
from collections.abc import Iterator

from rollproof.migration.log import Entry, MigrationLog
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding
from rollproof.model.provenance import ReferenceFacts
from rollproof.model.timestamps import DAY, in_words, read, shown

CHECK = "baseline_age"
OLD = 30 * DAY  # seconds; older is told where nobody set a limit
DRIFT = 60  # seconds by which two servers' clocks may differ without a word
_WAYS = "name the baseline that was taken right before the migration, or raise the limit if it is known that nothing changed since"


def doubts(baseline: ReferenceFacts, log: MigrationLog | None, most: float | None) -> Iterator[Finding]:
    """Yield why the baseline may not be of what was before the migration; `most` is its greatest age in days, if there is one.

    Raises `Inconclusive`, after all others, if it is older than that or nobody knows how old it is.
    """
    taken = baseline.source.instants[0] if baseline.source.instants else ""
    seconds = baseline.age.seconds if baseline.age else None
    if seconds is None:
        yield _doubt("time", "a time that can be read", f"was taken at {taken!r}, which is no time that can be read")
    elif seconds < -DRIFT:
        yield _doubt("time", "before now", f"was taken {shown(taken)}, {baseline.age}: one of the clocks was wrong")
    elif most is None and seconds > OLD:
        yield _doubt("age", f"at most {in_words(OLD)}", f"is old: it was taken {shown(taken)}, {baseline.age}")
    moment = read(taken)
    if log and moment:
        yield from _out_of_order(moment, log)
    if most is not None:
        _require_young(baseline, shown(taken), seconds, most)


def _require_young(baseline: ReferenceFacts, taken: str, seconds: float | None, most: float) -> None:
    """Raise `Inconclusive` if the baseline is older than so many days, or nobody knows how old it is."""
    if seconds is None or seconds < -DRIFT:
        raise Inconclusive(
            f"nobody can tell how old the baseline {baseline.where} is (taken {taken}, {baseline.age or 'of unknown age'}), "
            f"so --max-baseline-age {most:g} refuses it\n{_WAYS}"
        )
    if seconds > most * DAY:
        raise Inconclusive(
            f"the baseline {baseline.where} is too old to prove anything: it was taken {taken}, {baseline.age}, and "
            f"--max-baseline-age is {most:g} days\n{_WAYS}"
        )


def _doubt(about: str, wanted: str, found: str) -> Finding:
    return Finding(CHECK, f"the baseline's {about}", wanted, found, f"the baseline {found}", heals=True)


def _out_of_order(taken: datetime.datetime, log: MigrationLog) -> Iterator[Finding]:
    """Yield that a migration began before the baseline was taken, and was not rolled back by then."""
    moment = taken.timestamp()
    known = [(entry, _began(entry)) for entry in log.migrations if math.isfinite(_began(entry))]
    earlier = [entry for entry, began in known if began + log.blur < moment]
    standing = [entry for entry in earlier if not log.failed(entry) and not _undone(entry, moment, log)]
    about, wanted = "place in the migration's log", f"taken before {log.migration} was begun"
    table = log.words.table
    if standing:
        late = f"was taken {shown(taken)}, {in_words(moment - _began(standing[-1]))} after {standing[-1]} was begun ({table})"
        yield _doubt(
            about, wanted, f"{late}: it may be of the migrated database, and then says nothing of what was before"
        )
    elif earlier and len(earlier) == len(known):
        early = f"was taken {shown(taken)}, and {table} tells of no migration since then (the latest: {earlier[-1]})"
        yield _doubt(about, wanted, f"{early}: it may be of what an earlier rollback had left")


def _undone(entry: Entry, moment: float, log: MigrationLog) -> bool:
    done = (back.last for back in log.rollbacks if log.completed(back))
    return any(entry.last <= back <= moment + log.blur for back in done)


def _began(entry: Entry) -> float:
    return entry.last if entry.started is None else entry.started
