"""The report files of a self-test, beside those of runs: it is about a configuration and no run, and removes no report of one.

To add a format, add a module here that has RENDERS: the name of its file, and a function from `ToldSelfTest` to its text.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from rollproof.rehearsal.selftest.reports.told import ToldSelfTest
from rollproof.system.files import replace_file

Renderer = Callable[[ToldSelfTest], str | bytes]
PAGE = "selftest.html"


@cache
def formats() -> Mapping[str, Renderer]:
    """Return every format: the name of its file, and the function that renders a self-test."""
    names = sorted(module.name for module in iter_modules([str(Path(__file__).parent)]) if module.name != "files")
    modules = (import_module(f"rollproof.rehearsal.selftest.reports.{name}") for name in names)
    return dict(module.RENDERS for module in modules if hasattr(module, "RENDERS"))


def written(told: ToldSelfTest, folder: Path) -> Iterator[str]:
    """Write each file in one step in the place of the last self-test's, and yield the lines that say where they are or why not."""
    problems: dict[str, str] = {}
    for name, render in formats().items():
        text = render(told)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            replace_file(folder / name, text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
        except OSError as error:
            problems[name] = error.strerror or str(error)
    if len(problems) == len(formats()):
        yield f"NOT written: {folder}: {problems[PAGE]}; --report-dir names another place"
        return
    yield from (f"NOT written: {folder / name}: {why}" for name, why in problems.items())
    if PAGE not in problems:
        yield f"report: {folder / PAGE}"
