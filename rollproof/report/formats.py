"""The formats of the reports: each module of this package that has a `RENDERS`, the name of its file and its renderer.

To add a format, add a module. Modules are imported when a report is rendered, not before.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from rollproof.verdict.outcome import Report

Renderer = Callable[[Report], str | bytes]


@cache
def formats() -> Mapping[str, Renderer]:
    """Return every format: the name of its file, and the function that renders a run's report."""
    names = sorted(module.name for module in iter_modules([str(Path(__file__).parent)]))
    modules = (import_module(f"rollproof.report.{name}") for name in names)
    return dict(module.RENDERS for module in modules if hasattr(module, "RENDERS"))
