"""A pytest item as a case: its check, its table, group of tables or endpoint, and its severity."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest


def check_of(path: Path) -> str:
    """Return the name of the check in a file: `triggers` of `checks/test_triggers.py`."""
    return path.stem.removeprefix("test_")


def parameter_of(item: pytest.Item) -> object:
    """Return the table, group of tables or endpoint that the case is about; None if it has none."""
    values = getattr(item, "callspec", None)
    return next(iter(values.params.values()), None) if values else None


def label(parameter: Any) -> str:
    """Return the name of a parameter for reports; empty if it has none."""
    if isinstance(parameter, str):
        return parameter
    return str(getattr(parameter, "label", None) or getattr(parameter, "name", ""))


def id_of(name: str) -> str:
    """Return a test id for any name; letters that could be markup, a path or a control sequence are percent-encoded."""
    return quote(name, safe='."$,-', encoding="utf-8")


def severity_of(item: pytest.Item) -> str:
    """Return the severity of a failure: critical, high (the default), medium or low."""
    mark = item.get_closest_marker("severity")
    return mark.args[0] if mark else "high"
