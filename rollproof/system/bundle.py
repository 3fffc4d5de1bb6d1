"""Paths of the bundled checks, templates and scenarios, in a clone (beside the engine) and in a wheel (inside it)."""

import ast
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from rollproof.model.errors import Misuse
from rollproof.model.markers import FAMILIES, STRUCTURE
from rollproof.model.phase import PHASES

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


@dataclass(frozen=True)
class Explanation:
    """What the file of a check says of it, each paragraph on one line.

    What it `promises`, what it means when it `fails`, how to `mend` what it found, to what it is `blind`; its `phases` in their
    order, and the `families` by which `-m` selects it.
    """

    check: str
    promises: str
    fails: str
    mend: str
    blind: str
    severity: str
    phases: tuple[str, ...]
    families: tuple[str, ...]

    @property
    def family(self) -> str:
        """Its first family but `structure`, which half of the checks have; "" if it has none."""
        return next((name for name in self.families if name != STRUCTURE), "".join(self.families[:1]))


TITLES = ("When it fails", "How to mend", "What it cannot see")
"""What the paragraphs of a check's docstring begin with, behind its promise."""


def told(check: str) -> Explanation:
    """Return what a bundled check says of itself, without importing it. Raises `Misuse` for an unknown one."""
    files = check_files()
    if check not in files:
        near = get_close_matches(check, files, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise Misuse(f"there is no check {check}; {meant}`rollproof explain` lists them")
    tree = ast.parse(files[check].read_text("utf-8"))
    promise, *rest = (ast.get_docstring(tree) or "").split("\n\n")
    said = {title: " ".join(text.split()) for title, _, text in (each.partition(":") for each in rest)}
    fails, mend, blind = (said.get(title, "") for title in TITLES)
    marks = marks_of(tree)
    return Explanation(
        check,
        " ".join(promise.split()),
        fails,
        mend,
        blind,
        severity=str(*marks.get("severity", ("high",))),
        phases=tuple(name for name in PHASES if name in marks),
        families=tuple(name for name in marks if name in FAMILIES),
    )


def marks_of(tree: ast.Module) -> Mapping[str, list[object]]:
    """Return the marks of a check's module, in their order: name → arguments."""
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "pytestmark"
            and isinstance(node.value, ast.List)
        ):
            return dict(map(_mark, node.value.elts))
    return {}


def _mark(node: ast.expr) -> tuple[str, list[object]]:
    named, arguments = (node.func, node.args) if isinstance(node, ast.Call) else (node, [])
    return ast.unparse(named).rpartition(".")[2], [each.value for each in arguments if isinstance(each, ast.Constant)]


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
