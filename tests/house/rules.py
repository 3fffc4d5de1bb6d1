"""The rules of the house, each a function from a checkout to its offenders: one line for each, sorted."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import takewhile

from rollproof.model.phase import PHASES
from rollproof.system.bundle import TITLES, marks_of
from tests.house.source_tree import Checkout, Module

Rule = Callable[[Checkout], list[str]]

SEVERITIES = {"critical", "high", "medium", "low"}
OUTSIDE = {"pytest", "_pytest", "checks", "fixtures", "reports", "scenarios", "tests"}
KNOWS_PYTEST = ("rollproof/plugin/", "rollproof/commands/verify.py")  # the command starts it
NO_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common"}
LINES_OF_A_FILE, LINES_OF_A_CHECK, LINES_OF_A_FUNCTION = 300, 40, 25
_TEST = re.compile(r"`([^`|]+::\w+)`")
_PROMISE = re.compile(rf"^\| (?!promise \|)[^|]+ \| {_TEST.pattern}(?:, {_TEST.pattern})* \|$")


def maps(checkout: Checkout) -> list[str]:
    """A package's docstring lists each of its modules and packages, once, and nothing else."""
    return sorted(each for package in checkout.packages for each in _map_faults(checkout, package))


def _map_faults(checkout: Checkout, package: str) -> Iterator[str]:
    listed, present = checkout.listed(package), checkout.children(package)
    yield from (f"{package} lists {name}, which is not there" for name in set(listed) - present - {"__main__"})
    yield from (f"{package} does not list {name}" for name in present - set(listed))
    yield from (f"{package} lists {name} twice" for name in set(listed) if listed.count(name) > 1)


def downwards(checkout: Checkout) -> list[str]:
    """A module imports only what stands above it in the map that lists both, or both of their packages."""
    return sorted(
        f"{name} imports {imported}, which {package} does not list above it"
        for name, imported in _arrows(checkout)
        if (package := _around_both(name, imported)) not in (name, imported)
        if not _above(list(checkout.maps[package]), _inside(name, package), _inside(imported, package))
    )


def _above(order: list[str], child: str, imported: str) -> bool:
    if child == "__main__":
        return imported in order
    return imported in order and child in order and order.index(imported) < order.index(child)


def doors(checkout: Checkout) -> list[str]:
    """Who stands outside a package imports only those of its modules that its map opens."""
    return sorted(
        f"{name} imports {imported}, which {package} keeps to itself"
        for name, imported in _arrows(checkout)
        for package in _entered(name, imported)
        if not _is_open(checkout, package, _inside(imported, package))
    )


def _entered(name: str, imported: str) -> Iterator[str]:
    """Yield the packages around the imported module that are not around the importing one."""
    around = _around_both(name, imported)
    parts = imported.split(".")
    for length in range(len(around.split(".")) + 1, len(parts)):
        yield ".".join(parts[:length])


def _is_open(checkout: Checkout, package: str, child: str) -> bool:
    return checkout.maps[package].get(child, True)  # a module that is not listed is an offence of another rule


def _arrows(checkout: Checkout) -> Iterator[tuple[str, str]]:
    for name, among in checkout.arrows.items():
        yield from ((name, imported) for imported in among)


def _around_both(one: str, other: str) -> str:
    """Return the innermost package that is, or is around, both."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one.split("."), other.split("."), strict=False))
    return ".".join(part for part, _ in pairs)


def _inside(name: str, package: str) -> str:
    return name.removeprefix(f"{package}.").partition(".")[0]


def cycles(checkout: Checkout) -> list[str]:
    """No module needs itself."""
    try:
        TopologicalSorter(checkout.arrows).prepare()
    except CycleError as error:
        *circle, _ = error.args[1]
        first = circle.index(min(circle))
        return [" → ".join([*circle[first:], *circle[:first], circle[first]])]
    return []


def surroundings(checkout: Checkout) -> list[str]:
    """The engine knows nothing of pytest, but for KNOWS_PYTEST, and nothing of the suite around it."""
    return [
        f"{module.path} imports {name}"
        for module in checkout.engine.values()
        for name in sorted({name.partition(".")[0] for name in module.imports} & OUTSIDE)
        if not (module.path.as_posix().startswith(KNOWS_PYTEST) and name in ("pytest", "_pytest"))
    ]


def applied(checkout: Checkout) -> list[str]:
    """Nobody imports checks, scenarios or tests; only the house's own rules are imported, by the house."""
    return [
        f"{module.path} imports {name}"
        for module in checkout.ours
        for name in sorted(set(module.imports))
        if name.partition(".")[0] in ("checks", "scenarios", "tests")
        if not (name.startswith("tests.house.") and module.path.is_relative_to("tests"))
    ]


def relative(checkout: Checkout) -> list[str]:
    """Only the first subject, a program of its own, imports relatively."""
    return [
        f"{module.path} imports {name}"
        for module in checkout.ours
        for name in sorted(set(module.imports))
        if name.startswith(".") and "vibes" not in module.path.parts
    ]


def checks_import(checkout: Checkout) -> list[str]:
    """A check imports the engine, pytest and Python's own library."""
    allowed = {"rollproof", "pytest", *sys.stdlib_module_names}
    return [
        f"{module.path} imports {name}"
        for module in checkout.within("checks")
        for name in sorted({name.partition(".")[0] for name in module.imports} - allowed)
    ]


def checks_explain(checkout: Checkout) -> list[str]:
    """A check's docstring is a promise, then the paragraphs that `rollproof explain` prints: bundle.TITLES, in this order."""
    return [f"{module.path}" for module in checkout.within("checks") if not _explains(module)]


def _explains(module: Module) -> bool:
    promise, *rest = (ast.get_docstring(module.tree) or "").split("\n\n")
    parts = [part.partition(":")[::2] for part in rest]
    said = all(text.strip() for _, text in parts)
    return promise.endswith(".") and said and tuple(title for title, _ in parts) == TITLES


def checks_marks(checkout: Checkout) -> list[str]:
    """A check has a phase, one severity, and one test, of the file's name."""
    return [f"{module.path}: {fault}" for module in checkout.within("checks") for fault in _mark_faults(module)]


def _mark_faults(module: Module) -> Iterator[str]:
    found = marks_of(module.tree)
    tests = [node.name for node in module.tree.body if getattr(node, "name", "").startswith("test")]
    if not found.keys() & PHASES.keys():
        yield "no phase"
    if not (len(found.get("severity", ())) == 1 and set(found["severity"]) <= SEVERITIES):
        yield f"not one of the severities: {found.get('severity')}"
    if tests != [module.path.stem]:
        yield f"the tests are {tests}"


def names(checkout: Checkout) -> list[str]:
    """No module is named after a pattern."""
    return [f"{module.path}" for module in checkout.ours if NO_NAMES & set(module.path.with_suffix("").parts)]


def unit_tests(checkout: Checkout) -> list[str]:
    """A file of unit tests has the name of what it tests: a module of the engine, the house or the supplies; then a topic."""
    tested = {module.path.stem for folder in ("tests/house", "fixtures") for module in checkout.within(folder)}
    tested |= {name.rpartition(".")[2] for name in checkout.engine}
    return [
        f"{module.path}"
        for module in checkout.ours
        if module.path.match("tests/unit/test_*.py")
        if not any(f"{module.path.stem}_".startswith(f"test_{name}_") for name in tested)
    ]


def long_files(checkout: Checkout) -> list[str]:
    """A file fits in 300 lines, a check in 40."""
    return [
        f"{module.path}"
        for module in checkout.ours
        if module.lines > (LINES_OF_A_CHECK if module.path.parts[0] == "checks" else LINES_OF_A_FILE)
    ]


def long_functions(checkout: Checkout) -> list[str]:
    """A function fits in 25 lines, in the engine and elsewhere."""
    return [
        f"{module.path}::{function.name}"
        for module in checkout.ours
        for function in module.functions
        if function.lines > LINES_OF_A_FUNCTION
    ]


def untold(checkout: Checkout) -> list[str]:
    """Everything public in the engine has a docstring."""
    return [
        f"{module.path}::{getattr(thing, 'name', '')}"
        for module in checkout.engine.values()
        for thing in public(module)
        if not ast.get_docstring(thing)
    ]


_DEFINITION = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(module: Module) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the module, and its classes, functions and methods, but for `_private` ones and the hooks that pytest explains."""
    yield module.tree
    bodies = [module.tree.body]
    for body in bodies:
        for node in body:
            if isinstance(node, _DEFINITION) and not node.name.startswith(("_", "pytest_")):
                yield node
                bodies += [node.body] if isinstance(node, ast.ClassDef) else []


def promises(checkout: Checkout) -> list[str]:
    """docs/promises.md names the tests that carry the mark `promise`, all of them, and each of its lines names one."""
    rows = [
        line for line in checkout.text("docs/promises.md").splitlines() if re.match(r"\| (?!promise \|)[^-|]", line)
    ]
    named = {test for row in rows for test in _TEST.findall(row)}
    marked = {test for module in checkout.ours for test in _marked(module)}
    return sorted(
        [f"docs/promises.md names {test}, which does not carry the mark" for test in named - marked]
        + [f"docs/promises.md does not name {test}" for test in marked - named]
        + [f"docs/promises.md: no test holds {row!r}" for row in rows if not _PROMISE.match(row)]
    )


def _marked(module: Module) -> Iterator[str]:
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef) and "pytest.mark.promise" in map(ast.unparse, node.decorator_list):
            yield f"{module.path}::{node.name}"
