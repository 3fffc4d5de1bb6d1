"""What a pytest item is to us: a case of a check, about a table, a group of tables or an endpoint."""

from pathlib import Path
from urllib.parse import quote


def check_of(path: Path) -> str:
    """Return the check that a file holds, which is its name: `triggers` of `checks/test_triggers.py`."""
    return path.stem.removeprefix("test_")


def parameter_of(item) -> object:
    """Return the table, group of tables or endpoint that the case is about; None if it has none."""
    values = getattr(item, "callspec", None)
    return next(iter(values.params.values()), None) if values else None


def label(parameter) -> str:
    """Return a parameter's name as reports tell it; empty if it has none."""
    return (
        parameter if isinstance(parameter, str) else getattr(parameter, "label", None) or getattr(parameter, "name", "")
    )


def id_of(name: str) -> str:
    """Return a test id for any name: what could be markup, a path or a terminal's control is percent-encoded."""
    return quote(name, safe='."$,-', encoding="utf-8")


def severity_of(item) -> str:
    """Return how bad a failure of the case is: what its mark says, else high."""
    mark = item.get_closest_marker("severity")
    return mark.args[0] if mark else "high"
