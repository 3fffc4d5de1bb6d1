"""The house in numbers, for any checkout: python tests/house/measures.py [CHECKOUT] [--tests] [--types]."""

import argparse
import ast
import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.house.rules import public
from tests.house.source_tree import FOLDERS, Checkout, Function

ROOMS = "a room is a package of the engine, or a module that stands in none"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, epilog=ROOMS)
    parser.add_argument("checkout", nargs="?", type=Path, default=Path(__file__).parents[2])
    parser.add_argument("--tests", action="store_true", help="count the tests too, by pytest --collect-only")
    parser.add_argument("--types", action="store_true", help="count the errors of mypy --strict outside the tests too")
    asked = parser.parse_args()
    checkout = Checkout(asked.checkout.resolve())
    rows = {**_size(checkout), **_imports(checkout), **_functions(checkout), **_ruff(checkout.root)}
    rows |= _tests(checkout.root) if asked.tests else {}
    rows |= _types(checkout.root) if asked.types else {}
    for what, number in rows.items():
        print(f"{what:<52} {number}")  # noqa: T201 (a script's answer)


def _size(checkout: Checkout) -> dict[str, object]:
    long = [module for module in checkout.ours if module.lines > 300]
    return {
        "engine: modules": len(checkout.engine) - len(checkout.packages),
        "engine: packages": len(checkout.packages) - 1,
        "engine: lines": sum(module.lines for module in checkout.engine.values()),
        "engine: files of more than 300 lines": sum(module.path.parts[0] == "rollproof" for module in long),
        "all folders: files of more than 300 lines": len(long),
    }


def _imports(checkout: Checkout) -> dict[str, object]:
    modules, rooms = checkout.arrows, arrows_between_rooms(checkout)
    return {
        "rooms": len(rooms),
        "arrows between rooms": sum(map(len, rooms.values())),
        "floors (longest chain of rooms)": floors(rooms),
        "arrows between modules": sum(map(len, modules.values())),
        "floors of modules": floors(modules),
    }


def arrows_between_rooms(checkout: Checkout) -> dict[str, set[str]]:
    """Return each room → the rooms that something in it imports; the engine's own `__init__` is none."""
    rooms: dict[str, set[str]] = {}
    for name, imported in checkout.arrows.items():
        _, *inside = name.split(".")
        if inside:
            others = {each.split(".")[1] for each in imported - {"rollproof"}}
            rooms[inside[0]] = rooms.get(inside[0], set()) | others - {inside[0]}
    return rooms


def floors(arrows: Mapping[str, Iterable[str]]) -> int | str:
    """Return how many stand on each other at most, or the cycle that there is."""
    heights: dict[str, int] = {}
    try:
        for name in TopologicalSorter(arrows).static_order():
            heights[name] = 1 + max((heights[each] for each in arrows.get(name, ())), default=0)
    except CycleError as error:
        return f"a cycle: {' → '.join(error.args[1])}"
    return max(heights.values(), default=0)


def _functions(checkout: Checkout) -> dict[str, object]:
    engine = [each for module in checkout.engine.values() for each in module.functions]
    every = [each for module in checkout.ours for each in module.functions]
    things = [thing for module in checkout.engine.values() for thing in public(module)]
    told = sum(ast.get_docstring(thing) is not None for thing in things)
    return {
        "engine: lines of a function (median, p90, longest)": _spread(engine),
        "engine: functions of more than 25 lines": sum(each.lines > 25 for each in engine),
        "all folders: lines of a function": _spread(every),
        "all folders: functions of more than 25 lines": sum(each.lines > 25 for each in every),
        "engine: public things with a docstring": f"{told} of {len(things)}",
    }


def _spread(functions: Iterable[Function]) -> str:
    lengths = sorted(each.lines for each in functions)
    return f"{statistics.median(lengths):g}, {lengths[int(0.9 * len(lengths))]}, {lengths[-1]}"


def _ruff(root: Path) -> dict[str, object]:
    complex_ = "lint.mccabe.max-complexity=10"
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "C901", "--config", complex_]
    said = _said([*command, "--output-format", "json", "--exit-zero", "."], root)
    files = [Path(each["filename"]).relative_to(root).parts[0] for each in json.loads(said)]
    return {
        "engine: functions of McCabe above 10": files.count("rollproof"),
        "all folders: functions of McCabe above 10": sum(folder in FOLDERS for folder in files),
    }


def _tests(root: Path) -> dict[str, object]:
    said = _said([sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"], root)
    return {"tests": re.findall(r"(\d+) tests? collected", said)[-1]}


def _types(root: Path) -> dict[str, object]:
    ours = (*(folder for folder in FOLDERS if folder not in ("tests", "scenarios")), "scenarios/vibes", "conftest.py")
    files = [path for path in ours if (root / path).is_file() or [*(root / path).rglob("*.py")]]
    command = [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--cache-dir=/dev/null", *files]
    found = re.search(r"Found (\d+) error", said := _said(command, root))
    return {"mypy --strict: errors outside the tests": int(found[1]) if found else said.splitlines()[-1]}


def _said(command: list[str], root: Path) -> str:
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    main()
