"""Metrics as text that Prometheus and OpenMetrics both read: gauges, each with its help and type, none with a time of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from rollproof.model.printable import one_line

PREFIX = "rollproof_"
_LONGEST = 200  # letters of a label's value

GAUGES: Mapping[str, str] = MappingProxyType(
    {
        "last_run_timestamp_seconds": "When the last run ended, whatever it came to: seconds since 1970, by its machine's clock.",
        "last_good_run_timestamp_seconds": "When the last run ended that was good and whole; 0: the report folder keeps none.",
        "run_good": "1 if the last run was good and whole, else 0.",
        "verdict": "1 for the verdict of the last run, 0 for every other one.",
        "exit_code": "The exit code of the last run.",
        "run_duration_seconds": "How long the last run took.",
        "stage_duration_seconds": "How long a part of the run took; parts may overlap.",
        "cases": "Cases of the last run, by what they are about and what came of them.",
        "selected_cases": "Cases that the last run asked.",
        "phase_cases": "Cases that the phase has.",
        "findings": "What the failed cases of the last run found, by severity.",
        "baseline_timestamp_seconds": "When the baseline was taken, in seconds since 1970 by the clock of its server.",
        "last_good_drill_timestamp_seconds": "When the last good drill ended, by its kind; 0: there is no record of one.",
        "sequence_headroom_ratio": "Which share of its numbers a sequence has left, of 1; those with the least.",
        "endpoint_up": "1 if the endpoint answered as it should, else 0.",
        "endpoint_answer_seconds": "How long the endpoint took to answer.",
        "rollback_duration_seconds": "How long the commands of the rehearsed rollback took.",
    }
)
"""Name without prefix → help."""


@dataclass(frozen=True)
class Sample:
    """One value of a gauge, with the labels that tell it from its others."""

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def text(samples: Iterable[Sample], common: Mapping[str, str]) -> bytes:
    """Return the samples as one exposition, each with the `common` labels as well; it needs the extra `metrics`.

    A label's value is one line, in UTF-8, and not longer than 200 letters. Of two samples that are the same by then, the first
    stands: a second one would make a reader refuse all of them.
    """
    from prometheus_client.openmetrics.exposition import generate_latest  # noqa: PLC0415 (only who asks for metrics needs it)

    exposed: bytes = generate_latest(_Collected([*samples], common))  # type: ignore[no-untyped-call] # theirs
    return exposed


class _Collected:
    """What prometheus-client takes for a registry."""

    def __init__(self, samples: Sequence[Sample], common: Mapping[str, str]) -> None:
        self._samples, self._common = samples, common

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 (the same)

        for name, told in GAUGES.items():
            found = {
                _labels({**self._common, **each.labels}): each.value
                for each in reversed(self._samples)
                if each.name == name
            }
            names = [key for key, _ in next(iter(found), ())]
            family = GaugeMetricFamily(PREFIX + name, told, labels=names)
            for labels, value in reversed(found.items()):
                family.add_metric([label for _, label in labels], value)
            if found:
                yield family


def _labels(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _value(value)) for name, value in labels.items())


def _value(label: str) -> str:
    shown = one_line(label.encode("utf-8", "backslashreplace").decode())
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
