"""What became of each fault that was planted, and of the whole self-test, as values."""

from dataclasses import dataclass
from typing import Literal, get_args

from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.faults.uncovered import Uncovered
from rollproof.verdict.run_verdict import OTHER_VERDICTS, Verdict

Word = Literal["seen", "waived", "not readable", "not configured", "missed", "not planted"]
"""What became of a fault. Blindness has its reason in the user's configuration (a waiver, a setting), in what the role may read, or
in us (missed). What could not be planted was not tried."""
WORDS: tuple[Word, ...] = get_args(Word)
BLIND: tuple[Word, ...] = ("waived", "not readable", "not configured")
"""Words for a fault that is not seen, by a reason of the user's."""

ALL_SEEN, SEEN_SO_FAR, BLIND_SPOTS, MISSED, FALSE_ALARM = (
    "ALL SEEN",
    "SEEN SO FAR",
    "BLIND SPOTS",
    "MISSED",
    "FALSE ALARM",
)
INCONCLUSIVE, _UNDECIDED, _ = OTHER_VERDICTS["inconclusive"]
VERDICTS = (ALL_SEEN, SEEN_SO_FAR, BLIND_SPOTS, MISSED, FALSE_ALARM, INCONCLUSIVE)
"""Every word that the verdict of a self-test can be."""


@dataclass(frozen=True)
class Tried:
    """One fault that was tried: what became of it, and by which `checks` it was seen.

    `reason` says in one sentence why it is not seen, or how it is seen otherwise than as an error ("" if there is nothing to say);
    `mend` is what would make it seen: a statement, or a line of the configuration.
    """

    fault: Fault
    word: Word
    reason: str = ""
    checks: tuple[str, ...] = ()
    mend: str = ""


@dataclass(frozen=True)
class HarmlessTried:
    """A harmless change that was made: `found` are subjects of findings, of which there must be none; or why it was `not_made`."""

    name: str
    found: tuple[str, ...] = ()
    not_made: str = ""


@dataclass(frozen=True)
class SelfTested:
    """A self-test: of which `database`, as which `role`, held against what, on which `server`; all that was `tried`.

    `listed` is how many faults there are that fit `only`; `resumed` of those tried were tried by an earlier run. `seconds` is how
    long it took. `uncovered` are objects that no fault is known for, `left_out` is what the throw-away database lacks, `notes` are
    things to know. `trouble` is why nothing could be said: the database was red before anything was planted. With `strict` a
    blindness counts, whatever its reason.
    """

    database: str
    role: str
    reference: str
    server: str
    version: int
    started: str
    seconds: float
    listed: int
    tried: tuple[Tried, ...]
    harmless: tuple[HarmlessTried, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    resumed: int = 0
    trouble: str = ""
    strict: bool = False

    def of(self, *words: Word) -> tuple[Tried, ...]:
        """Return the faults of which this became."""
        return tuple(each for each in self.tried if each.word in words)

    @property
    def missed(self) -> tuple[Tried, ...]:
        """The faults that nothing of the user's explains."""
        return self.of("missed")

    @property
    def planted(self) -> int:
        """How many faults were planted and verified."""
        return len(self.tried) - len(self.of("not planted"))

    @property
    def false_alarms(self) -> tuple[HarmlessTried, ...]:
        """The harmless changes that were told as differences."""
        return tuple(each for each in self.harmless if each.found)

    @property
    def verdict(self) -> Verdict:
        """The word, the exit code and the sentence."""
        return verdict(self)

    @property
    def exit_code(self) -> int:
        """1 if a fault was missed, a harmless change was red, or with `strict` a fault is not seen; 7 if nothing is known; or 0."""
        return self.verdict.exit_code


def verdict(done: SelfTested) -> Verdict:
    """Return what a self-test comes to."""
    if done.trouble:
        return Verdict(INCONCLUSIVE, _UNDECIDED, done.trouble)
    if done.missed:
        return Verdict(MISSED, 1, f"{_faults(len(done.missed), done.planted)} not seen, and nothing explains it")
    if done.false_alarms:
        many = f"{len(done.false_alarms):,} of {len(done.harmless):,} harmless changes"
        return Verdict(FALSE_ALARM, 1, f"{many} {_were(len(done.false_alarms))} told as a difference")
    if not done.tried and done.listed:
        return Verdict(INCONCLUSIVE, _UNDECIDED, "no fault was tried in the time there was: give it more --seconds")
    if not done.planted:
        return Verdict(INCONCLUSIVE, _UNDECIDED, "no fault could be planted, so nothing is known")
    return _without_error(done)


def _without_error(done: SelfTested) -> Verdict:
    if blind := len(done.of(*BLIND)):
        told = f"{_faults(blind, done.planted)} not seen, each for a reason of yours"
        return Verdict(BLIND_SPOTS, int(done.strict), told)
    if len(done.tried) < done.listed or done.only:
        return Verdict(SEEN_SO_FAR, 0, f"{_faults(done.planted, done.planted)} seen{_but(done)}")
    return Verdict(ALL_SEEN, 0, f"{_faults(done.planted, done.planted)} seen{_but(done)}")


def _but(done: SelfTested) -> str:
    """Return how many faults nothing is known of, as the end of a sentence."""
    refused, untried = len(done.of("not planted")), done.listed - len(done.tried)
    told = [f"{refused:,} could not be planted"] if refused else []
    told += [f"{untried:,} more were not tried"] if untried else []
    return "".join(f"; {each}" for each in told)


def _faults(number: int, among: int) -> str:
    if number == among:
        return "the one planted fault was" if among == 1 else f"all {among:,} planted faults were"
    return f"{number:,} of {among:,} planted faults {_were(number)}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
