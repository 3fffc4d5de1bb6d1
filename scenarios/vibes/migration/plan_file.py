"""The plan file: what only the application knows of its tables, in TOML.

tables = ["users", "journal_entries", "tags", "reminders", "likes"]    # all of them, in the schema public
keep = ["tags.barcode"]                                                 # varchar(36), and stays so
[references]                                                            # no foreign key says it, but so it is
"tags.made_by" = "users.id"
"""

import tomllib
from pathlib import Path
from typing import Any

from .errors import Refused
from .plan import TABLES, Asked, Column

LONGEST = 63 - len("_since_20261125t164419_685b5f")  # bytes: PostgreSQL would cut the names of copies


def read(path: str) -> Asked:
    """Read a plan file; raises `Refused` with one sentence."""
    try:
        given = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise Refused(f"the plan file cannot be read: {error}") from error
    except ValueError as error:  # TOML's own, or bytes that are no UTF-8
        raise Refused(f"the plan file {path} is no TOML: {error}") from error
    try:
        return _asked(given)
    except ValueError as error:
        raise Refused(f"the plan file {path} cannot be used: {error}") from error


def _asked(given: dict[str, Any]) -> Asked:
    if unknown := given.keys() - {"tables", "keep", "references"}:
        raise ValueError(f"it may say tables, keep and references, and says {', '.join(sorted(unknown))}")
    tables = _strings("tables", given.get("tables", list(TABLES)))
    keep = tuple(_column("keep", text, tables) for text in _strings("keep", given.get("keep", [])))
    references = given.get("references", {})
    if not isinstance(references, dict):
        raise ValueError(  # noqa: TRY004 - it is the file that is wrong
            'references must be a table of lines such as "tags.made_by" = "users.id"'
        )
    pairs = tuple(
        (_column("references", child, tables), _column("references", parent, tables))
        for child, parent in references.items()
    )
    if both := {str(column) for column in keep} & {str(column) for pair in pairs for column in pair}:
        raise ValueError(f"{', '.join(sorted(both))} cannot be both in keep and in references")
    if odd := [name for name in tables if not name or "." in name or len(name.encode()) > LONGEST]:
        raise ValueError(f"tables must be plain names of at most {LONGEST} bytes in the schema public: {odd[0]!r}")
    return Asked(tables, keep, pairs)


def _strings(what: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{what} must be a list of strings")
    if twice := [item for item in value if value.count(item) > 1]:
        raise ValueError(f"{what} says {twice[0]!r} twice")
    if what == "tables" and not value:
        raise ValueError("tables is empty, so there would be nothing to migrate")
    return tuple(value)


def _column(what: str, text: Any, tables: tuple[str, ...]) -> Column:
    parts = text.split(".") if isinstance(text, str) else []
    if len(parts) != 2 or not all(parts):
        raise ValueError(f"{what} must name columns as table.column, not {text!r}")
    if parts[0] not in tables:
        raise ValueError(f"{what} names {text}, and {parts[0]} is not one of the tables: {', '.join(tables)}")
    return Column(*parts)
