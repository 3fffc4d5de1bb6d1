"""What the reports of a rehearsal say, as values: the contract of rehearsal.json, and what every other format is made of."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rollproof.model.amounts import counted
from rollproof.model.phase import PARTLY, PHASES
from rollproof.rehearsal.costs.figures import Figures
from rollproof.rehearsal.costs.forecast import Forecast
from rollproof.rehearsal.record import Word
from rollproof.rehearsal.reports.told_doors import ToldCommand, ToldDoors


@dataclass(frozen=True)
class ToldFinding:
    """One finding: the check that would tell it, its subject, and a sentence."""

    check: str
    subject: str
    sentence: str


@dataclass(frozen=True)
class ToldPlace:
    """A statement of the migration or of the rollback (`stage`), and where it is written, if that is known."""

    stage: str
    number: int
    text: str
    file: str
    line: int | None

    @property
    def where(self) -> str:
        """The file and the line; "" if nobody knows."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class ToldRoot:
    """A difference that follows from no other, and all that follow from it (`following`).

    `before` and `after` are null for what was not there. `origin` says where it comes from, `made` and `undone` are the statements;
    `mends` is SQL that puts it right, to be reviewed before it goes into the rollback.
    """

    check: str
    subject: str
    sentence: str
    before: str | None
    after: str | None
    following: tuple[ToldFinding, ...]
    origin: str
    made: ToldPlace | None
    undone: ToldPlace | None
    mends: tuple[str, ...]


@dataclass(frozen=True)
class ToldStatement:
    """A statement that a command sent; `began` since the command began, `seconds` until its answer (null: none came)."""

    number: int
    text: str
    began: float
    seconds: float | None
    answer: str
    error: str


@dataclass(frozen=True)
class ToldStage:
    """One stage, of one `revision` in a staircase; of its `sent` statements the longest are in `statements`, in their order.

    `doors` is null but for the stage that tells which application lives on which schema.
    """

    name: str
    revision: str
    word: Word
    sentence: str
    began: float
    seconds: float
    commands: tuple[ToldCommand, ...]
    sent: int
    statements: tuple[ToldStatement, ...]
    costs: Figures | None
    forecasts: tuple[Forecast, ...]
    roots: tuple[ToldRoot, ...]
    doors: ToldDoors | None

    @property
    def remark(self) -> str:
        """What there is to say of a stage that is good: a limit kept, an outage expected; "" of a phase, whose word says all."""
        return self.sentence if self.word == "good" and self.name not in PHASES else ""

    @property
    def title(self) -> str:
        """The stage's name, with its revision before it."""
        return f"{self.revision}: {self.name}" if self.revision else self.name

    @property
    def differences(self) -> int:
        """How many differences there are, consequences among them."""
        return sum(1 + len(root.following) for root in self.roots)


@dataclass(frozen=True)
class ToldCrash:
    """A place where the connection was cut: `how`, and at which statement `of` which run.

    `left` is what the cut left behind, `codes` are the exit codes of the rollback's runs after it, `roots` and `trouble` what is
    wrong then, and `warning` what to know where all came back.
    """

    of: str
    number: int
    how: str
    text: str
    left: str
    codes: tuple[int, ...]
    seconds: float
    trouble: str
    warning: str
    roots: tuple[ToldRoot, ...]

    @property
    def is_good(self) -> bool:
        """Whether the rollback brought all back from there."""
        return not (self.trouble or self.roots)

    @property
    def title(self) -> str:
        """Where it was cut, in words."""
        where = {"before": "before statement", "after": "after statement", "kill": "server process killed at statement"}
        return f"{self.of}, {where.get(self.how, self.how)} {self.number}"


@dataclass(frozen=True)
class ToldRehearsal:
    """A rehearsal on one server. `left_out` says why a good word is about a part only."""

    verdict: str
    sentence: str
    advice: str
    exit_code: int
    source: str
    tool: str
    server: str
    version: int
    started: str
    seconds: float
    rollback_seconds: float
    stages: tuple[ToldStage, ...]
    crashes: tuple[ToldCrash, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def tone(self) -> Literal["good", "part", "bad", "open"]:
        """What kind of news it is."""
        return tone(self.exit_code, self.verdict)

    @property
    def lost(self) -> tuple[tuple[ToldCrash, ...], ...]:
        """The cuts from which not all came back; those that end alike together, in the order of the first ones."""
        alike: dict[object, list[ToldCrash]] = {}
        for crash in self.crashes:
            if not crash.is_good:
                ending = (crash.of, crash.trouble, tuple((root.check, root.subject) for root in crash.roots))
                alike.setdefault(ending, []).append(crash)
        return tuple(map(tuple, alike.values()))

    @property
    def healed(self) -> int:
        """How many cuts there are from which all came back."""
        return sum(crash.is_good for crash in self.crashes)

    @property
    def warned(self) -> tuple[str, ...]:
        """What to know of cuts from which all came back, each thing once, with how many cuts it is about."""
        warnings = Counter(crash.warning for crash in self.crashes if crash.warning)
        return tuple(f"{counted(number, 'cut')}: {warning}" for warning, number in warnings.items())

    @property
    def failed(self) -> tuple[ToldStage, ...]:
        """The stages that are bad, in order."""
        return tuple(stage for stage in self.stages if stage.word == "bad")

    def fresh(self) -> Iterator[tuple[ToldStage, tuple[ToldRoot, ...], int]]:
        """Yield each stage, what it found that no earlier one had found, and how much of the same it found."""
        met: set[tuple[str, str]] = set()
        for stage in self.stages:
            new = tuple(root for root in stage.roots if (root.check, root.subject) not in met)
            met |= {(root.check, root.subject) for root in new}
            yield stage, new, len(stage.roots) - len(new)

    @property
    def revisions(self) -> tuple[str, ...]:
        """The revisions that were rehearsed, in order."""
        return tuple(dict.fromkeys(stage.revision for stage in self.stages if stage.revision))

    @property
    def postgresql(self) -> str:
        """The server's version as people write it."""
        return f"PostgreSQL {self.version // 10_000}.{self.version % 10_000}" if self.version else ""

    @property
    def where(self) -> str:
        """The server, with its version."""
        return self.server if self.postgresql in self.server else f"{self.server}, {self.postgresql}"


@dataclass(frozen=True)
class Told:
    """All of it: one verdict, and the rehearsal on each server. `rollproof` is the version that did it."""

    verdict: str
    sentence: str
    advice: str
    exit_code: int
    rollproof: str
    rehearsals: tuple[ToldRehearsal, ...]

    @property
    def tone(self) -> Literal["good", "part", "bad", "open"]:
        """What kind of news it is."""
        return tone(self.exit_code, self.verdict)


def tone(exit_code: int, verdict: str) -> Literal["good", "part", "bad", "open"]:
    """Return what kind of news a verdict is: good, good of a part, bad, or nothing was decided."""
    if exit_code == 0:
        return "part" if verdict.startswith(PARTLY) else "good"
    return "bad" if exit_code == 1 else "open"
