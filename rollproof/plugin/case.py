"""A pytest item as a case: its check, what it is about, its promise, and its severity."""

import inspect
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from rollproof.model.markers import FAMILIES, STRUCTURE
from rollproof.plugin.bundled import is_bundled
from rollproof.settings.waiver import OF_OWN
from rollproof.system.bundle import paragraphs
from rollproof.verdict.outcome import SEVERITIES


def check_of(path: Path) -> str:
    """Return the name of the check in a file: `triggers` of `checks/test_triggers.py`."""
    return path.stem.removeprefix("test_")


def check_named(item: pytest.Item) -> str:
    """Return the name of the check that a case is of; of one of the user's own its node id without parameters.

    So none of theirs has the name of one of ours, whatever their files are called.
    """
    if is_bundled(item):
        return check_of(item.path)
    parameters = getattr(item, "callspec", None)
    name = item.nodeid.removesuffix(f"[{parameters.id}]") if parameters else item.nodeid
    return name if OF_OWN in name else f"{name}{OF_OWN}{item.name}"


def told_of(item: pytest.Item) -> tuple[str, str]:
    """Return what a check promises and what to do when it fails: the paragraphs of a docstring, its function's or its file's."""
    own = [] if is_bundled(item) else [getattr(item, "function", None)]
    told = (inspect.getdoc(each) for each in (*own, getattr(item, "module", None)) if each is not None)
    return paragraphs(next(filter(None, told), ""))


def about(item: pytest.Item) -> str:
    """Return what a case is about, for reports; empty if about nothing in particular."""
    if is_bundled(item):
        return label(parameter_of(item))
    return str(getattr(getattr(item, "callspec", None), "id", ""))


def parameter_of(item: pytest.Item) -> object:
    """Return the table, group of tables or endpoint that the case is about; None if it has none."""
    values = getattr(item, "callspec", None)
    return next(iter(values.params.values()), None) if values else None


def scanned_by(item: pytest.Item) -> frozenset[str]:
    """Return the tables whose rows a case compares."""
    values: Any = getattr(item, "callspec", None)
    group = values.params.get("scanned") if values and is_bundled(item) else None
    return group.names if group else frozenset()


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
    told = mark.args[0] if mark and mark.args else ""
    return told if told in SEVERITIES else "high"


def family_of(item: pytest.Item) -> str:
    """Return the word by which `-m` selects a check and its like: its first family but `structure`; "" if none."""
    own = [mark.name for mark in item.iter_markers() if mark.name in FAMILIES]
    return next((name for name in own if name != STRUCTURE), own[0] if own else "")
