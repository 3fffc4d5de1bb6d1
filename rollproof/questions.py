"""The catalogue questions: one file per facet in `sql/`, adapted here, and only here, to the server's version."""

from __future__ import annotations

import re
from pathlib import Path

SQL = Path(__file__).with_name("sql")

# The guard at the end of a line: `-- from 15`, `-- until 16`, `-- from 15 until 16` (majors, both ends included).
GUARD = re.compile(r"--(?: from (?P<from>\d+))?(?: until (?P<until>\d+))?$")


def for_version(sql: str, version: int) -> str:
    """Return `sql` without the lines guarded for other servers than `version` (`server_version_num`, as in 150018).

    A server newer than every guard is treated as the newest known one.
    """
    major = version // 10_000
    return "\n".join(line for line in sql.splitlines() if _holds(line, major)) + "\n"


def _holds(line: str, major: int) -> bool:
    guard = GUARD.search(line)
    if guard is None:
        return True
    return int(guard["from"] or 0) <= major <= int(guard["until"] or major)


def questions(version: int) -> dict[str, str]:
    """Return the question of every facet, facet to SQL, for a server of `version`; the folder is the registry."""
    return {path.stem: for_version(path.read_text("utf-8"), version) for path in sorted(SQL.glob("*.sql"))}
