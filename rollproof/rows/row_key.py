"""What identifies the rows of a table: its best unique key without NULL, the primary one before others."""

_KEY = """
SELECT array_agg(quote_ident(a.attname) ORDER BY k.place)
FROM pg_catalog.pg_index AS i
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
WHERE i.indrelid = {table} AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND k.place <= i.indnkeyatts
GROUP BY i.indexrelid, i.indisprimary, i.indnkeyatts
HAVING bool_and(a.attnotnull AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_constraint AS con
    WHERE con.conrelid = a.attrelid AND con.contype = 'n' AND con.conkey[1] = a.attnum AND NOT con.convalidated
)) AND count(a.attname) = i.indnkeyatts
ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1
"""


def row_key(table: str) -> str:
    """Return SQL for the quoted columns of the key of a table, NULL if it has none; `table` is SQL for its oid.

    A NOT NULL that was never validated (PostgreSQL 18) is none: there may be a NULL.
    """
    return _KEY.replace("{table}", table)
