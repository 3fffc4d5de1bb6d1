"""How many of the phase's cases a run selected, whatever left out the others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rollproof.plugin.bundled import Check, check, in_phase, is_bundled
from rollproof.plugin.case import check_named
from rollproof.plugin.stash import CONFIGURED, NAMED
from rollproof.verdict.selected import Selected


class Selection:
    """Counts cases; `checks` are the names of the selected checks."""

    def __init__(self, run: Any, config: pytest.Config) -> None:
        self.run = run
        self.config = config
        self.checks: frozenset[str] = frozenset()
        self._collected: dict[Path, list[pytest.Item]] = {}
        self.uncollected = 0  # files of the user's own, or classes in them
        self._own: list[pytest.Item] = []
        self._cases = 0
        self._stopped = ""

    def collected(self, report: pytest.CollectReport, collector: pytest.Collector) -> None:
        """Remember all cases of a check, before any option leaves some out."""
        if isinstance(collector, Check) and report.passed:
            self._collected[collector.path] = collector.cases

    def met(self, items: list[pytest.Item]) -> None:
        """Remember all cases of the user's own checks, before any option leaves some out."""
        phase = self.run.phase.name
        self._own = [item for item in items if not is_bundled(item) and item.get_closest_marker(phase)]

    def measure(self, session: pytest.Session) -> None:
        """Count the cases of the phase, also those that options kept from being collected, and whatever else runs."""
        configured = self.config.stash[CONFIGURED]
        self.checks = configured.checks.union(check_named(item) for item in session.items)
        ours = sum(sum(not configured.reason(case) for case in cases) for cases in self._whole(session))
        own = {*self._own, *(item for item in session.items if not is_bundled(item))}
        self._cases = ours + len(own) + self.uncollected

    def _whole(self, session: pytest.Session) -> Iterator[list[Any]]:
        """Yield the cases of each check of the phase; a check without cases, or one that cannot be imported, counts as one."""
        for file in sorted(self.config.stash[NAMED].checks.glob("test_*.py")):
            if in_phase(file, self.run.phase.name):
                yield self._collected.get(file) or _cases(session, file) or [file]

    def stopped(self, session: pytest.Session) -> None:
        """Remember why pytest stopped early, if it did."""
        self._stopped = str(session.shouldfail or session.shouldstop or "")

    def of(self, ran: int, left_out: int, *, ended: bool = False) -> Selected:
        """Return the selection: `ran` cases have an outcome, `left_out` were skipped by another plugin; `ended`: by a signal."""
        if ran >= self._cases:
            return Selected(ran, ran)
        words = list(self._words())
        words += [f"{left_out:,} left out by something that is not rollproof's"] if left_out else []
        words += ["it was ended before the others"] if ended else []
        return Selected(ran, self._cases, tuple(words) or ("left out by something that is not rollproof's",))

    def _words(self) -> Iterator[str]:
        option = self.config.option
        options = {
            "-m": option.markexpr if option.markexpr.strip() != self.run.phase.name else "",
            "-k": option.keyword,
            **{f"--{name}": " ".join(getattr(option, name, None) or ()) for name in ("deselect", "ignore")},
            "--ignore-glob": " ".join(option.ignore_glob or ()),
            "-o": " ".join(word for word in option.override_ini or () if word.startswith(_INI)),
        }
        typed = [f'{flag} "{value}"' for flag, value in options.items() if value]
        typed += [f"--{flag.replace('_', '-')}" for flag in _FLAGS if getattr(option, _FLAGS[flag], False)]
        if not (named := self.config.stash[NAMED]).whole:
            typed.append(f"named: {' '.join((*named.bundled, *named.own))}")
        if typed:
            yield f"selected by {', '.join(typed)}"
        if self._stopped:
            yield f"stopped early: {self._stopped}"


def _cases(session: pytest.Session, file: Path) -> list[Any]:
    """Collect a check that options left out, only to count its cases."""
    try:
        return check(session, file).cases
    except pytest.Collector.CollectError:
        return []


_INI = ("python_", "norecursedirs", "testpaths", "addopts", "collect_")
_FLAGS = {
    "last_failed": "lf",
    "stepwise": "stepwise",
    "stepwise_skip": "stepwise_skip",
    "setup_only": "setuponly",
    "setup_plan": "setupplan",
}
