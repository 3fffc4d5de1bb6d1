"""Validation of a baseline file's content, before any query is made from it.

The seal tells that a file is as it was sealed, not who sealed it. So each name that our questions are made of must be a name, each
description that a program reads must have its shape, and text and numbers must be such as PostgreSQL tells.
"""

import datetime
import re
from collections.abc import Callable, Mapping

from rollproof.model.detail import Detail
from rollproof.model.errors import Misuse
from rollproof.model.facets import facets, traits
from rollproof.model.names import requoted
from rollproof.model.snapshot import Snapshot
from rollproof.probes.endpoints.recording import SECONDS
from rollproof.probes.endpoints.values import DESCRIPTION, VALUES
from rollproof.probes.foreign_keys import key_of
from rollproof.probes.queries.lookups import LOOKUPS, lookup_of
from rollproof.probes.queries.plans import COSTS, costs_of
from rollproof.probes.queries.results import RESULTS, result_of
from rollproof.probes.sequences import sequence_column_of
from rollproof.probes.storage import FACET as STORAGE
from rollproof.probes.storage import described
from rollproof.repair.dependencies import FACET as DEPENDENCIES
from rollproof.repair.dependencies import needs_of
from rollproof.rows.detail_choice import require_bounds
from rollproof.rows.row_hash import ALGORITHM
from rollproof.server.connection import OLDEST

_NEWEST = 1_000_000  # a server's version is a number of six digits
_HASH = 8  # bytes of a row's
_PARTS = 1 << 16  # of a table


def _like(pattern: str) -> Callable[[str], object]:
    def read(text: str) -> None:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text[:80]!r} is no such description")

    return read


_READ: Mapping[str, Callable[[str], object]] = {
    "foreign_keys": key_of,
    "sequence_columns": sequence_column_of,
    DEPENDENCIES: needs_of,
    STORAGE: described,
    "large_object_numbers": _like(r"\d{1,10}(?:, \d{1,10})*"),
    "rows": _like(r"\d{1,18}"),
    VALUES: _like(DESCRIPTION),
    LOOKUPS: lookup_of,
    COSTS: costs_of,
    RESULTS: result_of,
    SECONDS: _like(r"\d{1,9}\.\d{3}"),
    "content": _like(rf"{ALGORITHM}:-?\d{{1,60}}|(?!{ALGORITHM}:)[ -~]{{1,200}}"),
    "sequence_positions": _like(r"-?\d{1,20}(?: cycles| descending)?"),
    "planner_statistics": _like(r"analysed|never analysed|empty|not analysed: (?s:.+)"),
}
"""What is read by programs; the fingerprints of another algorithm are not."""


def require_sound(snapshot: Snapshot, where: str) -> None:
    """Raise `Misuse` with the first thing in the baseline `where` that no rollproof can have written."""
    at = "its origin"
    try:
        _require_origin(snapshot)
        for facet, facts in (*snapshot.facets.items(), *snapshot.unknown.items()):
            for identity, text in facts.items():
                at = f"{facet} {identity}"
                _require_text(facet, identity, text)
        for facet, read in _READ.items():
            for identity, text in snapshot.facets.get(facet, {}).items():
                at = f"{facet} {identity}"
                read(text)
        for at, packed in snapshot.hashes.items():
            _require_hashes(at, packed)
        for at, detail in snapshot.details.items():
            _require_detail(at, detail, snapshot)
    except (ValueError, RecursionError, Misuse) as error:
        raise Misuse(
            f"{where} is sealed, but no rollproof wrote it so: {at[:200]!r}: {error}\n"
            "fetch another copy, or take the baseline again; whoever can write the file can seal it: --require-signature tells more"
        ) from error


def _require_origin(snapshot: Snapshot) -> None:
    origin = snapshot.origin
    if not OLDEST <= origin.server_version < _NEWEST:
        raise ValueError(f"there is no PostgreSQL {origin.server_version}")
    datetime.datetime.fromisoformat(origin.taken)
    for text in (origin.database, origin.system, origin.tool, *(origin.schemas or ()), *snapshot.absent.values()):
        _require_no_zero(text)


def _require_text(facet: str, identity: str, text: str) -> None:
    _require_no_zero(facet)
    _require_no_zero(identity)
    _require_no_zero(text)
    if (parts := traits(facet).names) and identity != "*":
        requoted(identity, parts)


def _require_no_zero(text: str) -> None:
    if "\0" in text:
        raise ValueError("PostgreSQL knows no text with a zero byte")


def _require_hashes(table: str, packed: bytes) -> None:
    requoted(table, 2)
    if len(packed) % _HASH:
        raise ValueError(f"{len(packed)} bytes are no whole number of hashes")


def _require_detail(table: str, detail: Detail, snapshot: Snapshot) -> None:
    requoted(table, 2)
    division = detail.division
    if not 0 < division.parts <= _PARTS or len(division.columns) != len(division.types):
        raise ValueError(f"no table is divided into {division.parts} parts by {len(division.columns)} columns")
    for name in division.columns:
        requoted(name, 1)
    if division.by_range:
        require_bounds(division)
    elif division.parts & (division.parts - 1) or not division.columns:
        raise ValueError(f"a hash has no {division.parts} parts")
    if not _adds_up(
        detail, snapshot.facets.get("rows", {}).get(table), snapshot.facets.get("content", {}).get(table, "")
    ):
        raise ValueError("its sums are not those of its rows")


def _adds_up(detail: Detail, rows: str | None, content: str) -> bool:
    algorithm, _, total = content.rpartition(":")
    return algorithm != ALGORITHM or (rows is not None and detail.adds_up_to(int(rows), int(total)))


def unheard(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the facets in a baseline that this version does not know: it compares none of them."""
    return tuple(sorted(snapshot.facets.keys() - facets().keys()))
