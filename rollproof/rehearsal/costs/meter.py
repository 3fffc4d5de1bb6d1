"""Measures what a command costs while it runs."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from rollproof.model.printable import one_line
from rollproof.rehearsal.costs.figures import EVERYTHING, Figures, Missing
from rollproof.rehearsal.costs.impatience import Impatience
from rollproof.rehearsal.costs.watch import Watch


@dataclass
class Measured:
    """Holds the `figures` once the block has ended; None if nothing was to be measured."""

    figures: Figures | None = None


@contextmanager
def measured(
    url: str, began: float | None = None, others: Collection[int] = (), sent: Impatience | None = None
) -> Iterator[Measured]:
    """Measure what happens in the database at this address while the block runs, by sessions of our own; "" measures nothing.

    Moments are counted from `began`, of `time.monotonic()`. `others` are server processes whose locks are not to be counted. Where
    what is `sent` waits for no lock, nobody is made to wait beside it either.
    What cannot be measured is told in the figures: nothing is raised.
    """
    found = Measured()
    if not url:
        yield found
        return
    start = time.monotonic() if began is None else began
    watch, why = Watch(url, start, others, sent or Impatience()), ""
    try:
        watch.start()
    except (psycopg.Error, UnicodeError) as error:  # names in an SQL_ASCII database may be bytes of any kind
        why = one_line(str(error))
    try:
        yield found
    finally:
        found.figures = _ended(watch, start, why)


def _ended(watch: Watch, start: float, why: str) -> Figures:
    try:
        if not why:
            return watch.end()
    except (psycopg.Error, UnicodeError) as error:
        why = one_line(str(error))
    return Figures(time.monotonic() - start, missing=(Missing(EVERYTHING, why),))
