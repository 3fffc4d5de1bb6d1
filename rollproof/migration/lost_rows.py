"""The rows that a rollback would lose, written down so that they can be replayed: one file per table, one JSON object per line."""

import hashlib
import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

from rollproof.migration.row_fate import TableAndCopy, require_own_casts
from rollproof.model.errors import Misuse
from rollproof.server.reader import Connection, one

_LONGEST = 200  # characters of a file's name; systems allow 255 bytes


def file_name(table: str) -> str:
    """Return a file's name for any table's name: readable where it can be, never a path, never too long, never the same twice."""
    plain = quote(table, safe="._-")
    if len(plain) > _LONGEST:
        plain = f"{plain[: _LONGEST - 17]}-{hashlib.sha256(table.encode()).hexdigest()[:16]}"
    return f"{'%2E' + plain[1:] if plain.startswith('.') else plain}.jsonl"


def write(connection: Connection, pair: TableAndCopy, folder: Path) -> Path:
    """Write the rows of a table that are new, changed or gone since its copy was made; values and all, for the owner's eyes only.

    Each line holds `change` (written, changed, deleted), the row as it is now (`live`) and as it was copied (`copy`).
    Raises `Misuse` if the file cannot be written; a file of that name is replaced when the new one is whole.
    """
    require_own_casts(connection, pair)
    query = _query(pair, [_as_json(connection, source) for source in pair.sources])
    path = folder / file_name(pair.table)
    temporary = path.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.unlink(missing_ok=True)
        with open(temporary, "x", encoding="utf-8", newline="\n", opener=partial(os.open, mode=0o600)) as file:
            file.writelines(f"{line}\n" for (line,) in connection.cursor().stream(query.encode()))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise Misuse(f"the rows at risk cannot be written to {path}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)  # of a run that was ended: it holds rows
    return path


# A value of a user's type goes as its type's own text: to_json() looks for a cast of a user's.
_AS_JSON = """
WITH RECURSIVE typed AS (
    SELECT a.attnum, a.attname, a.atttypid AS oid
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = pg_catalog.to_regclass($1)::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT typed.attnum, typed.attname, t.typbasetype
    FROM typed
    JOIN pg_catalog.pg_type AS t ON t.oid = typed.oid AND t.typtype = 'd'
)
SELECT pg_catalog.string_agg(
    pg_catalog.format(
        CASE WHEN t.oid < 16384 THEN 'x.%1$I AS %1$I'
             ELSE 'CASE WHEN x.%1$I IS DISTINCT FROM NULL THEN pg_catalog.concat(x.%1$I) END AS %1$I' END,
        typed.attname
    ),
    ', ' ORDER BY typed.attnum
)
FROM typed
JOIN pg_catalog.pg_type AS t ON t.oid = typed.oid AND t.typtype <> 'd'
"""


def _as_json(connection: Connection, table: str) -> str:
    """Return a subquery that makes of a row x the row y that is written."""
    columns = one(connection, _AS_JSON, (table,)) or ""
    return f"CROSS JOIN LATERAL (SELECT {columns}) AS y"


def _query(pair: TableAndCopy, written: list[str]) -> str:
    was, now = (_rows(pair, rows, live=live) for rows, live in zip(reversed(written), (False, True), strict=True))
    return (
        "SELECT pg_catalog.json_build_object('change', CASE WHEN was.j IS NULL THEN 'written'"
        " WHEN now.j IS NULL THEN 'deleted' ELSE 'changed' END, 'live', now.j, 'copy', was.j)::pg_catalog.text"
        f" FROM ({was}) AS was FULL JOIN ({now}) AS now ON now.k = was.k AND now.n = was.n"
        " WHERE now.h IS DISTINCT FROM was.h ORDER BY COALESCE(was.k, now.k)"
    )


def _rows(pair: TableAndCopy, written: str, *, live: bool) -> str:
    """Return a side's rows: key, which of several with this key, image, and the row as JSON."""
    image = pair.row("x", tuple(pair.columns), live=live)
    key = pair.row("x", pair.key, live=live) if pair.key else image
    return (
        f"SELECT {key} AS k, pg_catalog.row_number() OVER (PARTITION BY {key} ORDER BY {image}) AS n, {image} AS h,"
        f" pg_catalog.to_json(y) AS j FROM {pair.table if live else pair.copy} AS x {written}"
    )
