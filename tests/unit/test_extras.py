"""What is said where a library is missing that a production host needs not have."""

import importlib.util
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from fixtures.every import every
from rollproof.model.errors import Misuse
from rollproof.system import extras

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture
def lacking(monkeypatch):
    """Call it with names of modules that cannot be found from now on."""
    real = importlib.util.find_spec
    return lambda *names: monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in names else real(name)
    )


@every(
    "missing, named",
    [
        (["psutil"], "psutil"),
        (["psutil", "pytest_postgresql"], "pytest-postgresql and psutil"),
        (["starlette", "uvicorn", "sqlalchemy"], "starlette, uvicorn and SQLAlchemy"),
    ],
)
def test_what_is_missing_is_named_with_the_line_that_installs_it(missing, named, lacking):
    extra = "rehearse" if "psutil" in missing else "demo"
    lacking(*missing)

    with pytest.raises(Misuse) as raised:
        extras.require(extra, "--it")

    assert str(raised.value).startswith(f"--it needs {named}, not installed here; ")
    assert str(raised.value).endswith(f"\n  {extras.line(extra)}")


def test_where_nothing_is_missing_nothing_is_said():
    for extra in extras.LIBRARIES:
        extras.require(extra, "--it")


@every(
    "receipt, begins",
    [
        ("pipx_metadata.json", ["pipx", "inject", "rollproof"]),
        ("uv-receipt.toml", ["uv", "tool", "install"]),
        ("", [sys.executable, "-m", "pip", "install"]),
    ],
)
def test_the_line_is_of_what_installed_us(receipt, begins, monkeypatch, tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix with space")
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: "pip is there")
    if receipt:
        (prefix / receipt).touch()

    assert shlex.split(extras.line("demo")) == [*begins, "rollproof[demo]"]


def test_an_environment_of_uv_has_no_pip(monkeypatch, lacking):
    monkeypatch.setattr(sys, "prefix", "/srv/an environment")
    lacking("pip")

    typed = shlex.split(extras.line("rehearse"))

    assert typed == ["uv", "pip", "install", "--python", "/srv/an environment", "rollproof[rehearse]"]


def test_what_is_looked_for_is_what_the_extra_installs():
    """And nobody who installs rollproof alone gets it."""
    for extra, libraries in extras.LIBRARIES.items():
        assert {name.lower() for name in libraries.values()} <= _names(PROJECT["optional-dependencies"][extra])
        assert not {name.lower() for name in libraries.values()} & _names(PROJECT["dependencies"])


def test_all_is_every_extra():
    others = set(PROJECT["optional-dependencies"]) - {"all"}

    assert PROJECT["optional-dependencies"]["all"] == [f"rollproof[{','.join(sorted(others, key=_order))}]"]


def _order(extra):
    return list(PROJECT["optional-dependencies"]).index(extra)


def _names(requirements):
    return {re.split(r"[\[<>=; ]", each)[0].lower() for each in requirements}
