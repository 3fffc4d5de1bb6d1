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


def paragraphs(docstring: str) -> tuple[str, str]:
    """Return what a check's docstring promises, and what to do when the check fails: its first two paragraphs, each on one line."""
    promise, _, rest = docstring.partition("\n\n")
    return " ".join(promise.split()), " ".join(rest.partition("\n\n")[0].split())


def own_explanation(check: str) -> str:
    """Return the docstring of a user's own check, `FILE::[CLASS::]FUNCTION`, else that of its file. Raises `Misuse` without one."""
    file, *path = check.split("::")
    try:
        found: _Documented = ast.parse(Path(file).read_text("utf-8"))
    except (OSError, ValueError, SyntaxError) as error:
        raise Misuse(f"{file} cannot be read: {error}; the name of a check of your own begins with its file") from error
    told = ast.get_docstring(found)
    for name in path:
        inside = {each.name: each for each in found.body if isinstance(each, _NAMED)}
        if (bare := name.partition("[")[0]) not in inside:
            raise Misuse(f"there is no {bare} in {file}; it has {', '.join(inside) or 'no test'}")
        found = inside[bare]
        told = ast.get_docstring(found) or told
    if not told:
        raise Misuse(f"{check} has no docstring, and neither has its file: write there what it promises")
    return told


_NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Documented = ast.Module | _NAMED


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
