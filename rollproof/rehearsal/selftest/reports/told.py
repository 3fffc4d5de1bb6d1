"""What the reports of a self-test say, as values: the contract of selftest.json, and what every other format is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from rollproof.rehearsal.faults.uncovered import Uncovered
from rollproof.rehearsal.selftest.outcome import HarmlessTried, Word

_FEW = 3  # names that are told instead of their number


@dataclass(frozen=True)
class ToldFault:
    """One fault: its kind of object and its name, the fact that differs (`facet`, `identity`), the statement, what became of it.

    `part` is the part of the object that it changes, "" for the object itself.
    """

    kind: str
    name: str
    facet: str
    identity: str
    part: str
    statement: str
    word: Word
    reason: str
    mend: str
    checks: tuple[str, ...]

    @property
    def title(self) -> str:
        """What it is and of what."""
        return f"{self.name}: {self.identity}{f' ({self.part})' if self.part else ''}"


@dataclass(frozen=True)
class ToldKind:
    """A row of the matrix: how many faults of a kind of object there are, were not tried, and came to which word."""

    kind: str
    listed: int
    words: Mapping[Word, int]

    @property
    def is_all_seen(self) -> bool:
        """Whether there is nothing to tell of it but its number."""
        return self.words["seen"] == self.listed


@dataclass(frozen=True)
class ToldReason:
    """Faults that came to one word for one reason: how many, of which kinds, some of them as examples; what would end it."""

    word: Word
    reason: str
    mend: str
    faults: int
    kinds: tuple[str, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True)
class ToldSelfTest:
    """A self-test. Of the `listed` faults that fit `only` so many were `tried`, `resumed` of them by an earlier run."""

    rollproof: str
    verdict: str
    exit_code: int
    sentence: str
    advice: str
    tone: str
    database: str
    role: str
    reference: str
    server: str
    postgresql: str
    started: str
    seconds: float
    strict: bool
    only: tuple[str, ...]
    listed: int
    tried: int
    resumed: int
    matrix: tuple[ToldKind, ...]
    total: ToldKind
    reasons: tuple[ToldReason, ...]
    faults: tuple[ToldFault, ...]
    harmless: tuple[HarmlessTried, ...]
    uncovered: tuple[Uncovered, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]

    def of(self, *words: Word) -> tuple[ToldFault, ...]:
        """Return the faults that came to one of these words."""
        return tuple(each for each in self.faults if each.word in words)

    def why(self, *words: Word) -> tuple[ToldReason, ...]:
        """Return the reasons of these words, that of most faults first."""
        return tuple(each for each in self.reasons if each.word in words)

    @property
    def is_whole(self) -> bool:
        """Whether every fault was tried."""
        return self.tried == self.listed and not self.only

    @property
    def where(self) -> str:
        """The throw-away server and its version, in words."""
        version = "" if self.postgresql in self.server else self.postgresql
        return ", ".join(filter(None, [self.server, version, "thrown away"]))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What else is to be known in a sentence each: what was not tried, the harmless changes, objects without a fault."""
        return tuple(filter(None, [self._untried(), self._of_harmless(), *map(_of_objects, self.uncovered)]))

    @property
    def not_made(self) -> tuple[str, ...]:
        """A sentence for each reason why harmless changes were not made."""
        of_reasons: dict[str, list[str]] = {}
        for each in self.harmless:
            if each.not_made:
                of_reasons.setdefault(each.not_made, []).append(each.name)
        return tuple(
            f"{', '.join(names) if len(names) <= _FEW else f'{len(names):,} harmless changes'}: {why}"
            for why, names in of_reasons.items()
        )

    def _untried(self) -> str:
        left = self.listed - self.tried
        chosen = f"only {', '.join(self.only)}: " if self.only else ""
        before = f", {self.resumed:,} of them by an earlier run" if self.resumed else ""
        if left:
            return (
                f"{chosen}{self.tried:,} of {self.listed:,} faults were tried{before}; --resume goes on with the others"
            )
        return f"{chosen}all {self.listed:,} faults were tried{before}" if chosen or before else ""

    def _of_harmless(self) -> str:
        made = [each for each in self.harmless if not each.not_made]
        if not made:
            return "no harmless change was made, so nothing is known of false alarms"
        green = sum(not each.found for each in made)
        return f"{green:,} of {len(made):,} harmless changes were told as none"


def _of_objects(some: Uncovered) -> str:
    more = f" and {some.count - 1:,} more" if some.count > 1 else ""
    return f"no fault is known for {some.kind} {some.example}{more}"
