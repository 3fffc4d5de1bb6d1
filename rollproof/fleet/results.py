"""The folder of a fleet: a report for each target, one report of all, and the scripts that put groups of targets right."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from rollproof.fleet.job import Answer
from rollproof.fleet.psql_address import psql_address
from rollproof.fleet.target import FleetTarget
from rollproof.model.amounts import counted
from rollproof.model.printable import one_line
from rollproof.model.printable_sql import commented
from rollproof.report.fleet.files import NAMES, rendered
from rollproof.report.folder import FLEET, Runs, file_names
from rollproof.report.formats import asked as require_formats
from rollproof.system.files import contents, put_or_remove, replace_file
from rollproof.verdict.fleet.fleet_report import FleetReport
from rollproof.verdict.fleet.fleet_words import group_words
from rollproof.verdict.fleet.group_repair import FOLDER, OWN, PSQL, GroupRepair, own_script, repairs_of
from rollproof.verdict.fleet.root import Root
from rollproof.verdict.fleet.target_outcome import TargetOutcome

TARGETS = "targets"
PAGES = ("report.html", "summary.md")
"""What a target's own page may be, the best first."""
_ALSO = (OWN, "error.txt")
RESULT = "result.json"
_MOST = 2**28  # bytes of a script or a report
_PROBLEMS = 10  # that are told one by one
_READ = (
    "Read it, then run it as a superuser, or as the owner of what it names:",
    "Rows are not compared here: the checks do that. What could not be compared is left out: each target's own report tells it.",
)


class Results:
    """What is written of a fleet. Nothing here raises `OSError`: `problems` says what could not be written.

    `formats` are the words of `--report`; `keep` fleets are kept in runs/, of each the fleet.json (0: all).
    Raises `Misuse` for an unknown format.
    """

    def __init__(self, path: Path, formats: str = "", keep: int = 10) -> None:
        self.path = path
        self.problems: list[str] = []
        self.outcomes: dict[str, TargetOutcome] = {}
        require_formats(formats)
        self._formats = [word.strip() for word in formats.split(",")]
        self._keep = keep
        self._roots: dict[Root, Root] = {}

    def has(self, outcome: TargetOutcome) -> bool:
        """Tell whether the report of a target that an earlier run did is still there, as it was written."""
        try:
            content = contents(self.path / TARGETS / outcome.name / RESULT, _MOST)
        except OSError:
            return False
        return sha256(content).hexdigest() == outcome.report

    def remember(self, outcome: TargetOutcome) -> None:
        """Take an outcome of an earlier run, whose files are there."""
        self.outcomes[outcome.name] = replace(outcome, roots=self._shared(outcome))

    def _shared(self, outcome: TargetOutcome) -> tuple[Root, ...]:
        """Return the roots of an outcome, each as one value for all targets that have it, which may be thousands."""
        return tuple(self._roots.setdefault(root, root) for root in outcome.roots)

    def keep(self, answer: Answer, target: FleetTarget) -> TargetOutcome:
        """Write a target's files in place of those of an earlier run, and return its outcome, which says where they are."""
        outcome, files = replace(answer.outcome, name=target.name, earlier=False), _known(answer.files)
        script = files.pop(OWN, b"")
        page = next((name for name in PAGES if name in files), "")
        said = replace(
            outcome,
            roots=self._shared(outcome),
            schema=target.schema or "",
            address=psql_address(target.url, os.environ),
            folder=f"{TARGETS}/{outcome.name}" if files or script else "",
            page=page,
            repair=sha256(script).hexdigest() if script else "",
            report=sha256(files[RESULT]).hexdigest() if RESULT in files else "",
        )
        if script:
            files[OWN] = _own(said) + script
        self._write(self.path / TARGETS / outcome.name, files)
        self.outcomes[said.name] = said
        return said

    def _write(self, place: Path, files: Mapping[str, bytes]) -> None:
        try:
            for name in {*file_names(), *_ALSO} - files.keys() if place.exists() else ():
                (place / name).unlink(missing_ok=True)
            for name, content in files.items():
                place.mkdir(parents=True, exist_ok=True)
                replace_file(place / name, content)
        except OSError as error:
            self._failed(place, error)

    def _failed(self, path: Path, error: OSError) -> None:
        self.problems.append(f"NOT written: {path}: {error.strerror or error}")

    def publish(self, report: FleetReport) -> tuple[str, ...]:
        """Write the reports of all and the scripts; return what could not be written, in sentences."""
        written = set[str]()
        for name, content in rendered(report, self._formats):  # one after the other: those of 100,000 targets are large
            if name == FLEET:
                self._keep_run(report.verdict, content)
            self._put(name, content)
            written.add(name)
        for name in set(NAMES) - written:
            self._put(name, None)
        self._publish_repairs(report)
        left = len(self.problems) - _PROBLEMS
        return (*self.problems[:_PROBLEMS], *([f"and {left:,} more files were not written"] if left > 0 else []))

    def _keep_run(self, verdict: str, content: bytes) -> None:
        """Keep fleet.json in runs/, and take away what an earlier run of one database left above it."""
        runs = Runs(self.path, self._keep)
        try:
            written = runs.publish(verdict, {FLEET: content}, frozenset())
            self.problems += [f"NOT written: {each.path}: {each.problem}" for each in written if each.problem]
        finally:
            runs.leave()

    def _put(self, name: str, content: bytes | None) -> None:
        path = self.path / name
        try:
            put_or_remove(path, content)  # what is there is of an earlier run
        except OSError as error:
            self._failed(path, error)

    def _publish_repairs(self, report: FleetReport) -> None:
        written = set[str]()
        for each in (repair for group in report.groups for repair in repairs_of(group)):
            script = "".join(self._script(each))
            lines = "".join(f"{address}\n" for address in each.addresses)
            for name, text in ((each.file, script), (each.listed, lines)):
                self._put(name, text.encode("utf-8", "surrogateescape"))
                written.add(Path(name).name)
        for old in [*(self.path / FOLDER).glob("group-*.*")] if (self.path / FOLDER).is_dir() else []:
            if old.name not in written:
                self._put(f"{FOLDER}/{old.name}", None)

    def _script(self, repair: GroupRepair) -> Iterator[str]:
        first, number = repair.targets[0], counted(len(repair.targets), "target")
        yield _head(
            f"For {number} of this group: {group_words(repair.group)}", _made_of(repair.targets), repair.command
        )
        for each in repair.targets if repair.joined else (first,):
            yield f"\n-- {commented(each.name)}\n" if repair.joined else "\n"
            yield self._body(each)

    def _body(self, outcome: TargetOutcome) -> str:
        """Return the statements of a target; what is not what was found is left out, and said."""
        path = self.path / own_script(outcome)
        try:
            _, _, body = contents(path, _MOST).partition(b"\n\n")
        except OSError as error:
            return (
                f"-- left out, for {commented(str(path))} cannot be read: {commented(error.strerror or str(error))}\n"
            )
        if sha256(body).hexdigest() != outcome.repair:
            return f"-- left out, for {commented(str(path))} is not what was written\n"
        return body.decode("utf-8", "surrogateescape")


def _known(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return those that a target's folder may hold: no worker's answer names another place."""
    return {name: content for name, content in files.items() if name in {*file_names(), *_ALSO}}


def _own(outcome: TargetOutcome) -> bytes:
    command = f"{PSQL} {OWN}"
    return _head(f"For {outcome.name}", _made_of([outcome]), command).encode("utf-8", "replace") + b"\n"


def _made_of(targets: Iterable[TargetOutcome]) -> str:
    seals = list(dict.fromkeys(each.baseline for each in targets if each.baseline))
    if len(seals) == 1:
        return (
            f"Made of the baseline with the SHA-256 {seals[0]}: whoever can change that could change these statements."
        )
    return "Made of the baselines that fleet.json names: whoever can change them could change these statements."


def _head(*lines: str) -> str:
    """Return comments, which end with the first empty line of the file."""
    return "".join(f"-- {commented(one_line(line))}\n" for line in (*lines[:2], _READ[1], _READ[0], *lines[2:]) if line)
