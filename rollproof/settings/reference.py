"""What a word names as the place of a reference: a database, or a file."""

import re
from pathlib import Path

from psycopg import pq

_BACKUP = "backup"
_KEYWORDS = frozenset(known.keyword.decode() for known in pq.Conninfo.get_defaults())
_FIRST = re.compile(r"\s*(\w+)\s*=")


def is_database(where: str) -> bool:
    """Tell whether this is a database's URL, or what libpq connects by (`host=… dbname=…`), however mistyped.

    A file that is there is a file, whatever its name.
    """
    if "://" in where:
        return True
    first = _FIRST.match(where)
    return bool(first and first[1] in _KEYWORDS) and not _is_there(where)


def is_file(where: str) -> bool:
    """Tell whether this names a file: neither a database nor the word `backup`."""
    return where != _BACKUP and not is_database(where)


def _is_there(where: str) -> bool:
    try:
        return Path(where).exists()
    except (OSError, ValueError):
        return False
