"""A row that differs, as reports and the evidence file show it. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rollproof.model.finding import DifferingRow
from rollproof.model.plain_text import LONGEST
from rollproof.model.row_words import CHANGED, RESPELLED
from rollproof.rows.paired_tables import Pair
from rollproof.rows.row_diff import RowChange
from rollproof.rows.row_lookup import FetchedRow


def differing_row(
    pair: Pair, each: RowChange, looked_up: Sequence[Mapping[str, FetchedRow]], *, values: bool
) -> DifferingRow:
    """Return a row as it is shown; `looked_up` are rows of both sides by their places. Without `values` none is told."""
    was, now = (rows.get(place) if place else None for rows, place in zip(looked_up, (each.was, each.now), strict=True))
    return DifferingRow(
        each.kind,
        each.rows,
        _changed(pair, each, was, now),
        key_before=_named(pair.key, was.key) if was else None,
        key_after=_named(pair.key, now.key) if now else None,
        image=next((_image(row) for row in (was, now) if row and not pair.key), ""),
        before=_named(pair.columns, was.values) if was and values else None,
        after=_named(pair.columns, now.values) if now and values else None,
    )


def _changed(pair: Pair, each: RowChange, was: FetchedRow | None, now: FetchedRow | None) -> tuple[str, ...]:
    """Return the columns that changed."""
    if not (was and now) or each.kind not in (CHANGED, RESPELLED):
        return ()
    columns = zip(pair.columns, was.hashes, now.hashes, strict=True)
    hidden = pair.key if each.kind == RESPELLED else ()
    return tuple(name for name, before, after in columns if before != after and name not in hidden)


def _image(row: FetchedRow) -> str:
    return hashlib.sha256(repr(row.hashes).encode()).hexdigest()[:12]


def _named(names: Sequence[str], texts: Sequence[str | None]) -> dict[str, str | None]:
    return dict(zip(names, texts, strict=True))


def letters(row: DifferingRow) -> int:
    """Return how many letters the row's keys and values have."""
    sides = (row.key_before, row.key_after, row.before, row.after)
    return sum(len(text or "") for side in sides if side for text in side.values())


def cut(row: DifferingRow) -> DifferingRow:
    """Return the row without the rest of long values: a report is no place for megabytes."""
    return replace(
        row,
        key_before=_shortened(row.key_before),
        key_after=_shortened(row.key_after),
        before=_shortened(row.before),
        after=_shortened(row.after),
    )


def _shortened(side: Mapping[str, str | None] | None) -> Mapping[str, str | None] | None:
    return side and {name: text and text[: LONGEST + 1] for name, text in side.items()}


def record(row: DifferingRow) -> dict[str, object]:
    """Return the row as a line of the evidence file has it; `before` and `after` hold the values, where they may be told."""
    record: dict[str, object] = {"kind": row.kind, "rows": row.rows, "columns": row.columns}
    for name in ("key_before", "before", "key_after", "after"):
        if (side := getattr(row, name)) is not None:
            record[name] = side
    return record
