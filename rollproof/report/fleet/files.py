"""The files of a fleet's folder, by the formats that were asked for: those of a single run, as far as a fleet has them."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from rollproof.report.fleet import html, json, junit, markdown
from rollproof.verdict.fleet.fleet_report import FleetReport

_RENDERS: Mapping[str, tuple[str, Callable[[FleetReport], str | bytes]]] = {
    "html": html.RENDERS,
    "json": json.RENDERS,
    "junit": junit.RENDERS,
    "markdown": markdown.RENDERS,
}
NAMES = tuple(name for name, _ in _RENDERS.values())


def rendered(report: FleetReport, formats: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each file: fleet.json always, the others as their formats were asked for."""
    for name in dict.fromkeys(["json", *formats]):
        if name in _RENDERS:
            file, render = _RENDERS[name]
            text = render(report)
            yield file, text if isinstance(text, bytes) else text.encode("utf-8", "replace")
