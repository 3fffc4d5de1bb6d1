"""The folder of a fleet: an outcome and files for each target, and one report of all."""

from dataclasses import replace
from pathlib import Path

from rollproof.fleet.job import Answer
from rollproof.report.fleet.json import fleet_json
from rollproof.system.files import replace_file
from rollproof.verdict.fleet.fleet_report import FleetReport
from rollproof.verdict.fleet.target_outcome import TargetOutcome

TARGETS = "targets"


class Results:
    """What is known so far, on disk and in short in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outcomes: dict[str, TargetOutcome] = {}

    def keep(self, answer: Answer) -> TargetOutcome:
        """Write a target's files, and remember its outcome."""
        place = self.path / TARGETS / answer.outcome.name
        place.mkdir(parents=True, exist_ok=True)
        for name, content in answer.files.items():
            replace_file(place / name, content)
        outcome = replace(answer.outcome, folder=f"{TARGETS}/{answer.outcome.name}")
        self.outcomes[outcome.name] = outcome
        return outcome

    def publish(self, report: FleetReport) -> None:
        """Write the reports of all."""
        replace_file(self.path / "fleet.json", fleet_json(report))
