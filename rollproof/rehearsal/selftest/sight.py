"""What a verification of the throw-away database sees with: the user's settings and role, and what the reference can tell.

The same with something less in the way tells why a fault is not seen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice

import msgspec

from rollproof.commands.request import Request
from rollproof.commands.taken import take
from rollproof.model.finding import Finding
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.model.snapshot import Snapshot
from rollproof.plugin.within import verified
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.held import Held
from rollproof.rehearsal.selftest.obstacles import REFERENCE, ROLE, Obstacle, obstacles
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.sections import Migration, TableRule
from rollproof.sources.recorded import Recorded
from rollproof.system.deadline import Deadline
from rollproof.verdict.outcome import Report

_NAME = "the throw-away database as it was"
Without = frozenset[Obstacle]
NOTHING: Without = frozenset()
SHOWN = 3
"""Findings that are named where there are many."""


@dataclass
class _Ways:
    """All ways to look at one throw-away database, and the baselines that were taken for them."""

    ground: Ground
    file: Configured
    held: Held
    baselines: dict[bytes, Snapshot] = field(default_factory=dict)
    sights: dict[Without, "Sight"] = field(default_factory=dict)

    def asked(self, without: Without) -> Settings:
        """Return the settings without what is taken away."""
        settings = self.file.settings
        if REFERENCE not in without and settings.schemas is None:
            settings = msgspec.structs.replace(settings, schemas=self.held.schemas)
        for each in without:
            settings = each.apart(settings)
        url = self.ground.world.url if ROLE in without else self.ground.role_url
        return on_throw_away(settings, url)

    def has_baseline(self, without: Without) -> bool:
        """Whether the baseline of this way was taken."""
        return _key(self.asked(without)) in self.baselines

    def baseline(self, asked: Settings) -> Snapshot:
        """Return the baseline for these settings, taken now if it was not yet."""
        if (key := _key(asked)) not in self.baselines:
            self.baselines[key] = take(asked, {}).snapshot
        return self.baselines[key]


@dataclass(frozen=True)
class Sight:
    """The settings, among them the address of the throw-away database as the role that verifies; and the baseline taken by it.

    `ways` are all other ways to look, of which this one is `lacking` some obstacles.
    """

    configured: Configured
    baseline: Recorded
    ways: _Ways
    lacking: Without = NOTHING

    @classmethod
    def of(cls, configured: Configured, ground: Ground) -> "Sight":
        """Take the baseline of the throw-away database, which is as it was, with the user's settings and role.

        Raises `Misuse` if the reference is no good, and `Inconclusive` if the role cannot read the database.
        """
        ways = _Ways(ground, configured, Held.of(configured))
        ways.sights[NOTHING] = cls._of(ways, NOTHING)
        return ways.sights[NOTHING]

    @classmethod
    def _of(cls, ways: _Ways, without: Without) -> "Sight":
        asked = ways.asked(without)
        whole = ways.baseline(asked)
        held = Recorded(whole, _NAME) if REFERENCE in without else ways.held.cut(whole, _NAME)
        return cls(Configured(asked, ways.file.file), held, ways, without)

    @property
    def held(self) -> Held:
        """The reference of the user."""
        return self.ways.held

    @cached_property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """What may be in the way."""
        own = [] if self.ways.ground.is_superuser else [ROLE]
        gaps = [] if self.held.is_whole else [REFERENCE]
        return (*own, *gaps, *obstacles(self.ways.asked(frozenset({REFERENCE}))))

    @property
    def everything(self) -> Without:
        """All that may be in the way."""
        return frozenset(self.obstacles)

    @property
    def clear(self) -> "Sight":
        """The same with nothing in the way; if it was not asked for before, the database must be as it was."""
        return self.without(self.obstacles)

    def is_ready(self, some: Iterable[Obstacle]) -> bool:
        """Whether `without` these can be asked for while faults are planted."""
        return self.ways.has_baseline(frozenset(some))

    def without(self, some: Iterable[Obstacle]) -> "Sight":
        """Return the same with these out of the way; if it is not ready, the database must be as it was."""
        less = frozenset(some)
        if less not in self.ways.sights:
            self.ways.sights[less] = self._of(self.ways, less)
        return self.ways.sights[less]

    @property
    def notes(self) -> tuple[str, ...]:
        """What stands in for the reference, and what it has to tell."""
        return self.held.notes

    @cached_property
    def unharmed(self) -> Report:
        """What a verification says of the database as it was; to be asked for first when nothing is planted."""
        return self.verified()

    @property
    def trouble(self) -> str:
        """Why nothing can be told of faults, in a sentence: the unharmed database differs from itself; "" if it does not."""
        differing = (f"{each.check}: {each.subject}" for each in _findings(self.unharmed) if each.compared)
        told = ", ".join(islice(differing, SHOWN))
        return f"the unharmed copy differs from itself: {told}" if told else ""

    @property
    def standing(self) -> str:
        """What is told of the unharmed database already, by checks that compare nothing: of its state; "" if nothing is."""
        told = [f"{each.check}: {each.subject}" for each in _findings(self.unharmed) if not each.compared]
        more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        return f"told before anything was planted: {', '.join(told[:SHOWN])}{more}" if told else ""

    @property
    def is_proved(self) -> bool:
        """Whether `unharmed` is known."""
        return "unharmed" in vars(self)

    def now(self) -> Recorded:
        """Read the database as it is now, as its baseline was read."""
        return Recorded(take(self.configured.settings, {}).snapshot, "the throw-away database now")

    def verified(self) -> Report:
        """Verify, by all checks that the user runs after a rollback."""
        return verified(
            Request(self.configured, DEFAULT_PHASE, {}, Deadline(None), baseline=self.baseline, together=True)
        )


def _findings(report: Report) -> Iterator[Finding]:
    return (each for outcome in report.outcomes for each in outcome.findings)


def on_throw_away(settings: Settings, url: str) -> Settings:
    """Return the settings for a throw-away database, which has no application, is small, and has nobody else at work.

    Waivers that have ended, of which a verification complains, accept nothing and are left out.
    """
    today = datetime.now(tz=UTC).date()
    apart = {
        "database_url": url,
        "allow_empty": True,
        "other_database": True,
        "waiver": tuple(each for each in settings.waiver if each.until >= today),
        "endpoints": (),
        "checks": (),
        "checklist": (),
        **dict.fromkeys(("reference", "backup_file", "require_signature", "envelope", "evidence_file", "metrics_file")),
        **dict.fromkeys(
            ("max_duration", "max_replica_lag", "max_active_sessions", "max_baseline_age", "max_snapshot_age")
        ),
        **dict.fromkeys(("at_risk", "gentle", "resume", "several_snapshots"), False),
    }
    return msgspec.structs.replace(settings.without_services, **apart)


def _key(settings: Settings) -> bytes:
    """Return what tells settings apart of which another baseline would be taken: not what only judges."""
    grows = {table: TableRule(may_grow=True) for table in sorted(settings.growing)}
    alike = {"waiver": (), "column_order": "compare", "migration": Migration(), "tables": grows}
    return msgspec.json.encode(msgspec.structs.replace(settings, **alike))
