"""fleet.json: every target with its verdict and its group, and the groups of those that are alike with their roots."""

from dataclasses import dataclass, fields

from rollproof.report.history.kept import FLEET_FORMAT
from rollproof.report.json import text_of
from rollproof.verdict.fleet.fleet_report import FleetReport
from rollproof.verdict.fleet.fleet_words import group_words, shared_words
from rollproof.verdict.fleet.group_repair import repairs_of
from rollproof.verdict.fleet.root import Root
from rollproof.verdict.fleet.target_groups import SharedRoot, TargetGroup
from rollproof.verdict.fleet.target_outcome import TargetOutcome

FORMAT = FLEET_FORMAT
"""Raised when a field changes its meaning or goes."""


@dataclass(frozen=True)
class ToldRepair:
    """A script for so many `targets` of a group: its `file`, what lists the databases, and the command that runs it on all."""

    file: str
    listed: str
    targets: int
    command: str


@dataclass(frozen=True)
class ToldGroup:
    """A group of so many `targets`; which they are, each target's `group` says."""

    anchor: str
    words: str
    verdict: str
    exit_code: int
    targets: int
    roots: tuple[Root, ...]
    left_out: int
    reasons: tuple[str, ...]
    repairs: tuple[ToldRepair, ...]


@dataclass(frozen=True)
class ToldShared:
    """A root that stands in several groups, with how many `targets` have it, and how many of them have no other."""

    words: str
    root: Root
    targets: int
    alone: int


@dataclass(frozen=True)
class ToldTarget:
    """A target; its roots are those of its group, which is named by its anchor."""

    name: str
    verdict: str
    exit_code: int
    group: str
    sentence: str
    headline: str
    server: str
    address: str
    schema: str
    warnings: int
    unread: int
    seconds: float
    ended: str
    attempts: int
    earlier: bool
    folder: str
    page: str
    baseline: str
    repair: str


@dataclass(frozen=True)
class ToldFleet:
    """The whole file, but for its format's number."""

    verdict: str
    sentence: str
    exit_code: int
    phase: str
    asked: str
    executor: str
    started: str
    seconds: float
    tool: str
    counts: dict[str, int]
    groups: tuple[ToldGroup, ...]
    shared: tuple[ToldShared, ...]
    targets: tuple[ToldTarget, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]


def fleet_json(report: FleetReport) -> bytes:
    """Return the report as JSON, indented."""
    told = _told(report)
    return text_of({"format": FORMAT, **{each.name: getattr(told, each.name) for each in fields(told)}})


def _told(report: FleetReport) -> ToldFleet:
    anchors = {each.name: group.anchor for group in report.groups for each in group.targets}
    named = (
        "verdict",
        "sentence",
        "exit_code",
        "phase",
        "executor",
        "started",
        "seconds",
        "tool",
        "counts",
        "missing",
        "notes",
    )
    return ToldFleet(
        **{name: getattr(report, name) for name in named},
        asked=report.targets,
        groups=tuple(_group(each) for each in report.groups),
        shared=tuple(_shared(each, len(report.outcomes)) for each in report.shared),
        targets=tuple(_target(each, anchors[each.name]) for each in report.outcomes),
    )


def _group(group: TargetGroup) -> ToldGroup:
    named = ("anchor", "verdict", "exit_code", "roots", "left_out", "reasons")
    repairs = tuple(ToldRepair(each.file, each.listed, len(each.targets), each.command) for each in repairs_of(group))
    told = {name: getattr(group, name) for name in named}
    return ToldGroup(**told, words=group_words(group), targets=len(group.targets), repairs=repairs)


def _shared(found: SharedRoot, of: int) -> ToldShared:
    return ToldShared(shared_words(found, of), found.root, found.targets, found.alone)


def _target(outcome: TargetOutcome, group: str) -> ToldTarget:
    told = {each.name: getattr(outcome, each.name) for each in fields(ToldTarget) if each.name != "group"}
    return ToldTarget(**told, group=group)


RENDERS = ("fleet.json", fleet_json)
