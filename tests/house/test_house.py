"""The house keeps its own rules: layers, sizes, and checks that explain themselves."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "rollproof"
FLOORS = re.findall(r"^\| [^|`]+ \| ((?:`\w+` ?)+)\|$", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.MULTILINE)
LAYERS = re.findall(r"\w+", " ".join(FLOORS))  # low to high
PRESENT = sorted(path.stem for path in (ROOT / "rollproof").glob("[!_]*.py"))
PHASES = {"pre_migration", "post_migration", "pre_rollback", "post_rollback"}
SEVERITIES = {"critical", "high", "medium", "low"}
CHECKS = sorted((ROOT / "checks").glob("*.py"))
MODULES = sorted(ENGINE.rglob("*.py"))
OURS = [path for folder in ("rollproof", "fixtures", "reports", "checks", "scenarios", "tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))]  # fmt: skip


def named(path):
    return path.relative_to(ROOT).as_posix()


def parsed(path):
    return ast.parse(path.read_text("utf-8"))


def imports(path):
    """Return every module that a file imports, wherever in the file; `from rollproof import x` is rollproof.x if that is one."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            # The first subject is a program of its own, whose package refers to itself.
            assert "vibes" in path.parts, f"{named(path)} imports relatively"
        elif isinstance(node, ast.ImportFrom):
            modules = [f"{node.module}.{alias.name}" for alias in node.names if (ENGINE / f"{alias.name}.py").exists()]
            yield from modules if node.module == "rollproof" and modules else [node.module]


def marks(path):
    """Return the marks of a check's module, name → arguments."""
    for node in parsed(path).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "pytestmark":
            calls = [(mark.func, mark.args) if isinstance(mark, ast.Call) else (mark, []) for mark in node.value.elts]
            return {name.attr: [argument.value for argument in arguments] for name, arguments in calls}
    return {}


def test_every_module_of_the_engine_has_its_layer():
    """And each is named once."""
    assert sorted(LAYERS) == PRESENT


@pytest.mark.parametrize("layer", PRESENT)
def test_a_module_imports_only_lower_ones(layer):
    own = [name for name in imports(ENGINE / f"{layer}.py") if name.partition(".")[0] == "rollproof"]
    lower = {"rollproof", *(f"rollproof.{name}" for name in LAYERS[: LAYERS.index(layer)])}

    assert set(own) - lower == set()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_the_engine_knows_nothing_of_the_suite_around_it(path):
    assert {name.partition(".")[0] for name in imports(path)} & {"fixtures", "reports", "checks", "scenarios"} == set()


@pytest.mark.parametrize("path", OURS, ids=named)
def test_nobody_imports_checks_or_scenarios(path):
    assert {name.partition(".")[0] for name in imports(path)} & {"checks", "scenarios", "tests"} == set()


@pytest.mark.parametrize("path", CHECKS, ids=named)
def test_a_check_imports_the_engine_and_pytest(path):
    assert {name.partition(".")[0] for name in imports(path)} - sys.stdlib_module_names <= {"rollproof", "pytest"}


@pytest.mark.parametrize("path", CHECKS, ids=named)
def test_a_check_explains_itself(path):
    """`rollproof explain` prints it, and the reports quote its first sentence."""
    promise, *rest = (ast.get_docstring(parsed(path)) or "").split("\n\n")

    assert promise.endswith(".")
    assert [part.partition(":")[0] for part in rest][:2] == ["When it fails", "What it cannot see"]
    assert all(part.partition(":")[2].strip() for part in rest[:2])


@pytest.mark.parametrize("path", CHECKS, ids=named)
def test_a_check_has_a_phase_a_severity_and_one_test_of_its_name(path):
    found = marks(path)
    tests = [
        node.name for node in parsed(path).body if isinstance(node, ast.FunctionDef) and node.name.startswith("test")
    ]

    assert found.keys() & PHASES
    assert set(found["severity"]) <= SEVERITIES
    assert len(found["severity"]) == 1
    assert tests == [path.stem]


@pytest.mark.parametrize("path", CHECKS, ids=named)
def test_a_check_is_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 40


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_the_engines_files_and_functions_can_be_read_at_once(path):
    functions = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    assert [node.name for node in functions if node.end_lineno - node.lineno >= 40] == []
    assert len(path.read_text("utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", OURS, ids=named)
def test_no_module_is_named_after_a_pattern(path):
    assert path.stem not in {"utils", "util", "helpers", "helper", "manager", "base", "common"}


PROMISES = (ROOT / "docs" / "promises.md").read_text("utf-8")
_PROMISE = re.compile(r"^\| (?!promise \|)[^|]+ \| ((?:`[^`|]+::\w+`(?:, )?)+) \|$", re.MULTILINE)


def promised():
    """Return the tests that carry the mark `promise`, as file::function."""
    return {
        f"{named(path)}::{node.name}"
        for path in OURS
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef)
        if "pytest.mark.promise" in map(ast.unparse, node.decorator_list)
    }


def test_each_promise_has_a_test_that_breaks_it_and_each_such_test_is_named():
    kept = _PROMISE.findall(PROMISES)

    assert {test for tests in kept for test in re.findall("`(.+?)`", tests)} == promised()
    assert len(kept) == len(re.findall(r"^\| (?!promise \|)[^-|]", PROMISES, re.MULTILINE))
