"""Where the connection was cut, on a line of the run's statements: from where all came back, and from where not."""

from collections.abc import Iterator
from dataclasses import dataclass

from rollproof.model.amounts import counted
from rollproof.rehearsal.reports.told import ToldCrash, ToldRehearsal

PLACES = 120
"""How many marks a line has at most; cuts at neighbouring statements share one, and it is bad if one of them is."""
_NAMED = 12  # statements, in the sentence
_WIDEST = 2.0  # per cent


@dataclass(frozen=True)
class Mark:
    """A mark of one cut or some: where it begins, in per cent of the line, whether all came back, and what it stands for."""

    left: float
    is_good: bool
    told: str


@dataclass(frozen=True)
class CrashLine:
    """The cuts of one run (`of`: migration or rollback): its marks, each so many per cent wide, and the same in a sentence."""

    of: str
    marks: tuple[Mark, ...]
    width: float
    sentence: str


def crash_lines(one: ToldRehearsal) -> list[CrashLine]:
    """Return a line for each run that was cut."""
    runs: dict[str, list[ToldCrash]] = {}
    for crash in one.crashes:
        runs.setdefault(crash.of, []).append(crash)
    return [_line(of, crashes) for of, crashes in runs.items()]


def _line(of: str, crashes: list[ToldCrash]) -> CrashLine:
    last = max(crash.number for crash in crashes)
    places = min(PLACES, last)
    return CrashLine(of, tuple(_marks(crashes, last, places)), min(_WIDEST, 70 / places), _sentence(of, crashes))


def _marks(crashes: list[ToldCrash], last: int, places: int) -> Iterator[Mark]:
    at: dict[int, list[ToldCrash]] = {}
    for crash in crashes:
        at.setdefault((crash.number - 1) * places // last, []).append(crash)
    for place, some in sorted(at.items()):
        lost = [crash for crash in some if not crash.is_good]
        told = f"{(lost or some)[0].title}: {'not all came back' if lost else 'all came back'}"
        others = len(some) - 1
        yield Mark(
            100 * place / places, not lost, f"{told}, and {counted(others, 'more cut')} here" if others else told
        )


def _sentence(of: str, crashes: list[ToldCrash]) -> str:
    lost = sorted({crash.number for crash in crashes if not crash.is_good})
    healed = f"{of}: {counted(len(crashes), 'cut')}, all came back from {sum(crash.is_good for crash in crashes):,}"
    if not lost:
        return healed
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    return f"{healed}; not all at {'statement' if len(lost) == 1 else 'statements'} {', '.join(map(str, lost[:_NAMED]))}{more}"
