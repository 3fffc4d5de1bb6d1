"""The outage forecast: what the rehearsal measured, against the traffic of the database that `--traffic-from` names."""

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass

from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.costs.forecast import Forecast, forecasts
from rollproof.rehearsal.costs.traffic import Traffic, looked
from rollproof.rehearsal.record import Stage
from rollproof.server.connection import Target
from rollproof.server.transactions import Limits
from rollproof.system.background import background

_DURING = {"migrate": "it migrates", "rollback": "it rolls back"}
NAME = "outage forecast"
"""The stage; where nothing could be foreseen it is a warning."""


@dataclass(frozen=True)
class Outage:
    """Looks at a database's counters while the rehearsal goes on, and tells what would wait there."""

    looking: "Future[Traffic]"

    @classmethod
    def of(cls, url: str, seconds: float, limits: Limits) -> "Outage":
        """Begin to look, for so many seconds. Raises `Misuse` if the URL cannot be read."""
        target = Target.parse(url)
        return cls(background(lambda: looked(target, seconds, limits)))

    def stage(self, stages: Iterable[Stage]) -> Stage:
        """Return what it comes to; a warning says that nobody could look, or that nothing was measured."""
        measured = [stage for stage in stages if stage.name in _DURING and stage.figures]
        try:
            traffic = self.looking.result()
        except Inconclusive as error:
            return Stage(NAME, "warning", str(error))
        missing = [why for stage in measured if stage.figures and (why := stage.figures.why_not("locks"))]
        if missing or not measured:
            return Stage(NAME, "warning", f"locks could not be measured: {[*missing, 'nothing was run'][0]}")
        found = tuple(
            each
            for stage in measured
            if stage.figures
            for each in forecasts(_DURING[stage.name], stage.figures, traffic)
        )
        return Stage(NAME, "good", _sentence(found), forecasts=found)


def _sentence(found: tuple[Forecast, ...]) -> str:
    if not found:
        return "nobody would notice that they wait"
    more = f"; and {counted(len(found) - 1, 'more forecast')}" if len(found) > 1 else ""
    return max(found, key=lambda each: (each.reads + each.writes, each.seconds)).sentence + more
