"""Which statements rewrote a table."""

import re
from collections.abc import Iterable
from dataclasses import replace

from rollproof.model.names import names
from rollproof.rehearsal.costs.figures import Figures, Rewrite
from rollproof.rehearsal.proxy.sent import Sent

_REWRITES = re.compile(
    r"\b(?:ALTER\s+(?:TABLE|MATERIALIZED)|CLUSTER|VACUUM|TRUNCATE|REFRESH|DO|SELECT|CALL)\b", re.IGNORECASE
)


def with_statements(figures: Figures, sent: Iterable[Sent]) -> Figures:
    """Return the figures with the statements that may have rewritten each table: those that name it, and are of a kind that can."""
    able = [each for each in sent if not each.error and _REWRITES.search(each.text)]
    return replace(figures, rewrites=tuple(_by(rewrite, able) for rewrite in figures.rewrites))


def _by(rewrite: Rewrite, able: Iterable[Sent]) -> Rewrite:
    bare = re.compile(rf"(?<!\w){re.escape(names(rewrite.table)[-1])}(?!\w)", re.IGNORECASE)
    return replace(rewrite, statements=tuple(each.number for each in able if bare.search(each.text)))
