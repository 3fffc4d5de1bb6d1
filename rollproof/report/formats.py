"""The formats of the reports: each module of this package that has a `RENDERS`, the name of its file and its renderer.

To add a format, add a module; `--report` knows it by the module's name. Modules are imported when a report is rendered, not before.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from rollproof.model.errors import Misuse, did_you_mean
from rollproof.verdict.outcome import Report

Renderer = Callable[[Report], str | bytes]


@cache
def by_name() -> Mapping[str, tuple[str, Renderer]]:
    """Return every format by its name: the name of its file, and the function that renders a run's report."""
    names = sorted(module.name for module in iter_modules([str(Path(__file__).parent)]))
    modules = {name: import_module(f"rollproof.report.{name}") for name in names}
    return {name: module.RENDERS for name, module in modules.items() if hasattr(module, "RENDERS")}


def formats() -> Mapping[str, Renderer]:
    """Return every format by the name of its file."""
    return dict(by_name().values())


def asked(names: str) -> Mapping[str, Renderer]:
    """Return the formats of these names, which commas part, by the names of their files. Raises `Misuse` for an unknown name."""
    words = [word.strip() for word in names.split(",") if word.strip()]
    for word in words:
        if word not in by_name():
            known = did_you_mean(word, by_name()) or f"; the formats are: {', '.join(by_name())}"
            raise Misuse(f"--report {names}: there is no format {word}{known}")
    return dict(by_name()[word] for word in words)
