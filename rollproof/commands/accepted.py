"""What is accepted of the differences between two sides: waivers, and the migration tool's own books."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from rollproof.migration.bookkeeping import kept_books
from rollproof.model.compare import compare
from rollproof.model.errors import Inconclusive
from rollproof.model.no_loss import no_loss
from rollproof.model.timestamps import read
from rollproof.probes.leftovers import leftovers, owners_of_sequences
from rollproof.settings.options import Settings
from rollproof.settings.waiver import Waiver
from rollproof.sources.cross_version import facet_pair
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.waivers import LEFTOVERS, Waivers


def waivers(settings: Settings, before: Source, after: Live, *, block: bool, others: bool) -> Waivers:
    """Return the differences that are accepted: by rollproof.toml, and those that the migration tool's own books make.

    Raises `Inconclusive` if the server does not tell what day it is, and `Misuse` for a waiver that is no good.
    """
    now = read(
        after.snapshot.origin.taken
    )  # the server's clock: this machine's may be wrong, and a waiver too old or too young
    if now is None:
        raise Inconclusive(f"the server does not tell what day it is: {after.snapshot.origin.taken}")
    owned = owners_of_sequences(after.snapshot.facets.get("sequences", {}))
    differing = partial(_differing, before=before, after=after)
    books = _kept_books(before, after, block=block)
    return Waivers(settings.waiver, now.date(), owned, differing, expected=books, block=block, others=others)


def _kept_books(before: Source, after: Live, *, block: bool) -> tuple[Waiver, ...]:
    with suppress(Inconclusive):  # the checks say so
        return tuple(kept_books(before, after, anew=block))
    return ()


def _differing(check: str, before: Source, after: Live) -> Iterator[str]:
    """Yield the identities that a check of definitions will find; nothing for checks that scan or judge by rules of their own."""
    with suppress(Inconclusive):  # the check itself says so
        if check == LEFTOVERS:
            yield from (leftover.identity for leftover in leftovers(before, after))
        elif check in after.snapshot.facets:
            told = facet_pair(check, before, after)
            was, now = (side.known(check, EVERYTHING) for side in (told.before, told.after))
            unknown = was.unknown.keys() | now.unknown.keys()
            is_no_loss = no_loss(check, old=before.old)
            found = (each for each in compare(check, was.facts, now.facts) if not is_no_loss(each))
            yield from (each.identity for each in found if each.identity not in unknown)
