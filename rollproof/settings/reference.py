"""What a reference names: a baseline file, another database, the migration's own copies, or a dump."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from psycopg import pq

from rollproof.settings.dump_format import is_dump

BASELINE = "baseline.json"
"""The file name of a baseline for which nobody chose one."""

_COPIES = "backup"
_KEYWORDS = frozenset(known.keyword.decode() for known in pq.Conninfo.get_defaults())
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")  # a path of Windows, also with two slashes
_FIRST = re.compile(r"\s*(\w+)\s*=")


@dataclass(frozen=True, repr=False)
class Reference:
    """What the subject must equal; `where` is a path, a database's URL or conninfo, or the word backup.

    `by_default` says that nobody named it. Its `repr` is short: a URL may hold a password.
    """

    kind: Literal["baseline", "database", "copies", "dump"]
    where: str
    by_default: bool = False

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Return what a person means by --reference."""
        if text == _COPIES:
            return cls("copies", text)
        return cls("database" if is_database(text) else "baseline", text)

    @classmethod
    def of(cls, named: str | None, folder: Path) -> "Reference":
        """Return the reference as it was named; where none was, the baseline in the folder of the configuration.

        A dump is known by its first bytes.
        """
        if not named:
            return cls("baseline", str(folder / BASELINE), by_default=True)
        meant = cls.parse(named)
        return cls("dump", named) if meant.kind == "baseline" and is_dump(meant.path) else meant

    @property
    def path(self) -> Path:
        """The file, of a baseline or a dump."""
        return Path(self.where)

    def __repr__(self) -> str:
        return f"Reference({self.kind})"


def is_database(where: str) -> bool:
    """Tell whether this is a database's URL, or what libpq connects by (`host=… dbname=…`), however mistyped.

    A file that is there is a file, whatever its name.
    """
    if _DRIVE.match(where):
        return False
    if "://" in where:
        return True
    first = _FIRST.match(where)
    return bool(first and first[1] in _KEYWORDS) and not _is_there(where)


def _is_there(where: str) -> bool:
    try:
        return Path(where).exists()
    except (OSError, ValueError):
        return False
