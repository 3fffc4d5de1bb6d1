"""The rows that a rollback would lose, written down so that they can be replayed: one file per table, one JSON object per line."""

import hashlib
import os
from pathlib import Path
from urllib.parse import quote

from rollproof.errors import Misuse
from rollproof.mapping import Pair
from rollproof.session import Connection

_LONGEST = 200  # characters of a file's name; systems allow 255 bytes


def file_name(table: str) -> str:
    """Return a file's name for any table's name: readable where it can be, never a path, never too long, never the same twice."""
    plain = quote(table, safe="._-")
    if len(plain) > _LONGEST:
        plain = f"{plain[: _LONGEST - 17]}-{hashlib.sha256(table.encode()).hexdigest()[:16]}"
    return f"{'%2E' + plain[1:] if plain.startswith('.') else plain}.jsonl"


def write(connection: Connection, pair: Pair, folder: Path) -> Path:
    """Write the rows of a table that are new, changed or gone since its copy was made; values and all, for the owner's eyes only.

    Each line holds `change` (written, changed, deleted), the row as it is now (`live`) and as it was copied (`copy`).
    Raises `Misuse` if the file cannot be written; a file of that name is replaced when the new one is whole.
    """
    path = folder / file_name(pair.table)
    temporary = path.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            for (line,) in connection.cursor().stream(_query(pair).encode()):
                file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise Misuse(f"the rows at risk cannot be written to {path}: {error.strerror}") from error
    return path


def _query(pair: Pair) -> str:
    was, now = (_rows(pair, live=live) for live in (False, True))
    return (
        "SELECT pg_catalog.json_build_object('change', CASE WHEN was.j IS NULL THEN 'written'"
        " WHEN now.j IS NULL THEN 'deleted' ELSE 'changed' END, 'live', now.j, 'copy', was.j)::pg_catalog.text"
        f" FROM ({was}) AS was FULL JOIN ({now}) AS now ON now.k = was.k AND now.n = was.n"
        " WHERE now.h IS DISTINCT FROM was.h ORDER BY COALESCE(was.k, now.k)"
    )


def _rows(pair: Pair, *, live: bool) -> str:
    """Return a side's rows: key, which of several with this key, image, and the row as JSON."""
    image = pair.row("x", tuple(pair.columns), live=live)
    key = pair.row("x", pair.key, live=live) if pair.key else image
    return (
        f"SELECT {key} AS k, pg_catalog.row_number() OVER (PARTITION BY {key} ORDER BY {image}) AS n, {image} AS h,"
        f" pg_catalog.to_json(x) AS j FROM {pair.table if live else pair.copy} AS x"
    )
