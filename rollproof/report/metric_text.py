"""Metrics as text that Prometheus and OpenMetrics both read: gauges, each with its help and type, none with a time of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from rollproof.model.printable import one_line

PREFIX = "rollproof_"
_END = b"# EOF\n"
_LONGEST = 200  # letters of a label's value

GAUGES: Mapping[str, str] = MappingProxyType(
    {
        "last_run_timestamp_seconds": "When the last run ended, whatever it came to: seconds since 1970, by its machine's clock.",
        "last_good_run_timestamp_seconds": "When the last run ended that was good and whole; 0: the report folder keeps none.",
        "run_good": "1 if the last run was good and whole, else 0.",
        "run_bad_so_far": "1 as long as a run goes on that has found something bad; not there else.",
        "run_bad_so_far_timestamp_seconds": "When that run found it: seconds since 1970, by its machine's clock.",
        "verdict": "1 for the verdict of the last run, 0 for every other one.",
        "exit_code": "The exit code of the last run.",
        "run_duration_seconds": "How long the last run took.",
        "stage_duration_seconds": "How long a part of the run took; parts may overlap.",
        "cases": "Cases of the last run, by what they are about and what came of them.",
        "selected_cases": "Cases that the last run asked.",
        "phase_cases": "Cases that the phase has.",
        "tables_unread": "Tables that the last run did not read, for nobody wrote to them by the server's own counters.",
        "findings": "What the failed cases of the last run found, by severity.",
        "baseline_timestamp_seconds": "When the baseline was taken, in seconds since 1970 by the clock of its server.",
        "last_good_drill_timestamp_seconds": "When the last good drill ended, by its kind; 0: there is no record of one.",
        "sequence_headroom_ratio": "Which share of its numbers a sequence has left, of 1; those with the least.",
        "endpoint_up": "1 if the endpoint answered as it should, else 0.",
        "endpoint_answer_seconds": "How long the endpoint took to answer.",
        "service_up": "1 if the service runs as it should, else 0.",
        "watch_rounds": "Rounds that the watch has made.",
        "watch_integrity_findings": "Definitions that the last round of the watch found changed.",
        "watch_undecided_cases": "Cases of definitions that the last round of the watch could not decide.",
        "watch_error_ratio": "Which share of the answers of endpoints were errors since the watch began, of 1.",
        "watch_login_success_ratio": "Which share of the logins succeeded since the watch began, of 1.",
        "database_up": "1 if the last round of the watch could ask the database, else 0.",
        "database_connections": "Connections to the server, those to other databases among them.",
        "database_connections_limit": "How many connections the server lets in that are no superuser's.",
        "database_longest_transaction_seconds": "How long the longest open transaction has lasted; 0: none is seen.",
        "database_idle_in_transaction_seconds": "How long a session has been idle in a transaction at most; 0: none is seen.",
        "database_lock_wait_seconds": "How long a session has waited for a lock at most; 0: none waits.",
        "database_deadlocks": "Deadlocks since the watch began.",
        "database_rollback_ratio": "Which share of the transactions was rolled back since the watch began, of 1.",
        "database_cache_hit_ratio": "Which share of the blocks that were read was in the cache since the watch began, of 1.",
        "database_replica_lag_seconds": "How far the furthest replica is behind.",
        "fleet_targets": "Targets of the last run over many databases, by what they came to.",
        "fleet_targets_missing": "Targets that the last run over many databases did not come to.",
        "fleet_groups": "Groups of targets that are not good for the same reasons.",
        "target_good": "1 if the target came to a good verdict in the last run, else 0.",
        "target_exit_code": "The exit code that the target came to.",
        "target_duration_seconds": "How long the target took.",
        "selftest_faults": "Faults of the last self-test, by what became of them.",
        "selftest_untried_faults": "Faults that the last self-test had no time for, or was not asked to try.",
        "selftest_false_alarms": "Harmless changes that the last self-test was told of as differences.",
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


def added(before: bytes, more: bytes) -> bytes:
    """Return one exposition of two; of a gauge that is in both, only what `more` says of it."""
    told = {line.split()[2] for line in more.splitlines() if line.startswith(b"# TYPE ")}
    kept = [line for line in before.splitlines(keepends=True) if not (line == _END or _gauge(line) in told)]
    return b"".join(kept) + more


def _gauge(line: bytes) -> bytes:
    """Return the name of the gauge that a line is about; b"" if about none."""
    words = line.split(maxsplit=3)
    named = words[2:3] if line.startswith(b"#") else words[:1]
    return named[0].partition(b"{")[0] if named else b""


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
