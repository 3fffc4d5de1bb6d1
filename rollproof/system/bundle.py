"""Paths of the bundled checks, templates and scenarios, in a clone (beside the engine) and in a wheel (inside it)."""

import ast
import os
from collections.abc import Sequence
from pathlib import Path

from rollproof.model.errors import Misuse

_ENGINE = Path(__file__).parent.parent


NOBODY_READS = 141
"""The exit code where the reader of our output went away, as a shell tells of a program that SIGPIPE ended."""


class Verdict(SystemExit):
    """The exit of a run of the checks: the only exit of ours that may have code 1."""


def suite_root() -> Path:
    """Return the folder with checks, fixtures, reports and scenarios."""
    inside = _ENGINE / "_suite"
    return inside if inside.is_dir() else _ENGINE.parent


def check_files() -> dict[str, Path]:
    """Return the checks' files by slug, sorted."""
    return {path.stem.removeprefix("test_"): path for path in sorted((suite_root() / "checks").glob("test_*.py"))}


def explanation(check: str) -> str:
    """Return what a check promises, when it fails and what it cannot see. Raises `Misuse` for an unknown slug."""
    files = check_files()
    if check not in files:
        raise Misuse(f"there is no check {check}; the checks are: {', '.join(files)}")
    return ast.get_docstring(ast.parse(files[check].read_text("utf-8"))) or ""


def pytest_arguments(arguments: Sequence[str]) -> list[str]:
    """Return pytest's command line for a run of the checks from any folder, whatever pytest.ini lies there.

    Plugins that happen to be installed are not loaded (`-p NAME` loads one): half of the time of a short run.
    """
    return [
        *("-c", os.devnull, "--rootdir", str(Path.cwd())),
        "--disable-plugin-autoload",
        *(word for name in _UNUSED for word in ("-p", f"no:{name}")),
        *arguments,
    ]


_UNUSED = ("doctest", "pastebin", "unraisableexception", "threadexception")  # of pytest's own plugins
