"""The report files of a rehearsal: its own in every format, and those of the run of all checks that decided it.

To add a format, add a module here that has RENDERS: the name of its file, and a function from `Told` to its text. The name is
among those of `report/folder.py`, too, so that old ones are removed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from rollproof.model.redaction import hidden
from rollproof.rehearsal.record import Rehearsed
from rollproof.rehearsal.reports.deciding import deciding
from rollproof.rehearsal.reports.told import Told
from rollproof.report.folder import RUNS, Runs, Written
from rollproof.report.formats import formats as formats_of_run

Renderer = Callable[[Told], str | bytes]


@cache
def formats() -> Mapping[str, Renderer]:
    """Return every format: the name of its file, and the function that renders a rehearsal."""
    names = sorted(module.name for module in iter_modules([str(Path(__file__).parent)]) if module.name != "files")
    modules = (import_module(f"rollproof.rehearsal.reports.{name}") for name in names)
    return dict(module.RENDERS for module in modules if hasattr(module, "RENDERS"))


def rendered(told: Told, rehearsals: Sequence[Rehearsed], hide: Callable[[str], str]) -> dict[str, bytes]:
    """Return the content of each file by its name; `hide` takes secrets out of what `told` has not been told yet."""
    decided = hidden(deciding(rehearsals), hide)
    texts: dict[str, str | bytes] = {name: render(told) for name, render in formats().items()}
    texts |= {name: render(decided) for name, render in formats_of_run().items()}
    return {name: text if isinstance(text, bytes) else text.encode("utf-8", "replace") for name, text in texts.items()}


def written(runs: Runs, told: Told, files: Mapping[str, bytes]) -> Iterator[str]:
    """Write the files into the report folder, and yield the lines that say where they are; it never raises `OSError`."""
    obstacle = runs.obstacle()
    done: list[Written] = [] if obstacle else [*runs.publish(told.verdict, files)]
    problems = {each.problem for each in done}
    if obstacle or (len(problems) == 1 and "" not in problems):
        yield f"NOT written: {runs.path}: {obstacle or problems.pop()}; --report-dir names another place"
        return
    yield from (f"NOT written: {each.path}: {each.problem}" for each in done if each.problem)
    for each in done:
        if not each.problem and each.path.name == "rehearsal.html":
            yield f"report: {each.path}"
        elif not each.problem and each.path.parent.name == RUNS:
            yield f"this run is kept in {each.path}"
