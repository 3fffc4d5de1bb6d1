"""When each stage ran, and how long each table was locked, as bars on one line of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from rollproof.rehearsal.costs.figures import TableLock
from rollproof.rehearsal.costs.lock_modes import STRONGEST_LAST, stops_readers, stops_writers
from rollproof.rehearsal.reports.told import ToldRehearsal, ToldStage

ROWS = 40
"""How many lines the drawing has at most; the tables have all stages."""
_LOCKS = 5  # of a stage, the longest
_THINNEST = 0.4  # per cent, so that it is seen
_HIGH = 36  # of a line, in pixels
_TICKS = 5
KEYS = (
    ("lock readers", "nobody could read or write"),
    ("lock writers", "nobody could write"),
    ("lock", "weaker locks"),
)
"""What bars of locks look like, and what that means."""


@dataclass(frozen=True)
class Bar:
    """A bar: where it begins and how long it is, in per cent of the whole; `kind` is its look, `told` what it stands for."""

    left: float
    width: float
    kind: str
    told: str


@dataclass(frozen=True)
class Row:
    """A line of the drawing: what it is about, its bars, and how far from the top it stands, in pixels."""

    label: str
    bars: tuple[Bar, ...]
    top: int


@dataclass(frozen=True)
class Timeline:
    """The drawing of one rehearsal: its lines, its height in pixels, the seconds it spans, and how many lines are left out."""

    rows: tuple[Row, ...]
    seconds: float
    left_out: int

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Round moments on the line of time, at most six: where each stands, in per cent, and its seconds as text."""
        step = next(step for step in _steps() if self.seconds / step <= _TICKS)
        return tuple(
            (100 * number * step / self.seconds, f"{number * step:g} s")
            for number in range(int(self.seconds / step) + 1)
        )

    @property
    def height(self) -> int:
        """In pixels."""
        return len(self.rows) * _HIGH


def timeline(one: ToldRehearsal) -> Timeline:
    """Return the drawing: a line for each revision or, where there is none, for each stage, and below it the tables it locked."""
    seconds = max((stage.began + stage.seconds for stage in one.stages), default=0.0) or 1.0
    lasting = [stage for stage in one.stages if stage.seconds]  # a figure held against a limit takes no time
    lines = [row for stages in together(lasting) for row in _rows(stages, seconds)]
    shown = [Row(label, bars, place * _HIGH) for place, (label, bars) in enumerate(lines[:ROWS])]
    return Timeline(tuple(shown), seconds, max(0, len(lines) - ROWS))


def together(stages: Sequence[ToldStage]) -> list[list[ToldStage]]:
    """Return the stages of each revision of a staircase together; any other stage stands alone."""
    is_staircase = len({stage.revision for stage in stages} - {""}) > 1
    groups: list[list[ToldStage]] = []
    for stage in stages:
        if is_staircase and groups and stage.revision and groups[-1][0].revision == stage.revision:
            groups[-1].append(stage)
        else:
            groups.append([stage])
    return groups


def _rows(stages: Sequence[ToldStage], whole: float) -> Iterator[tuple[str, tuple[Bar, ...]]]:
    name = stages[0].revision if len(stages) > 1 else stages[0].title
    seconds = sum(stage.seconds for stage in stages)
    yield f"{name}: {seconds:,.1f} s", tuple(bar for stage in stages for bar in _bars(stage, whole))
    for stage in stages:
        locks = sorted(stage.costs.locks, key=lambda lock: -lock.held)[:_LOCKS] if stage.costs else ()
        for lock in locks:
            told = f"{lock.table}, {lock.mode}: {lock.held:,.2f} s"
            yield told, tuple(_locked(stage, lock, whole))


def _locked(stage: ToldStage, lock: TableLock, whole: float) -> Iterator[Bar]:
    if not lock.spans:  # when it was held is not known, only for how long
        yield _bar(stage.began, lock.held, whole, _kind(lock.mode), f"{lock.mode}, {lock.held:,.2f} s")
    for span in lock.spans:
        yield _bar(
            stage.began + span.began, span.seconds, whole, _kind(span.mode), f"{span.mode}, {span.seconds:,.2f} s"
        )


def _bars(stage: ToldStage, whole: float) -> Iterator[Bar]:
    told = f"{stage.title}: {stage.word}, {stage.seconds:,.1f} s"
    yield _bar(stage.began, stage.seconds, whole, stage.word, told)


def _bar(began: float, seconds: float, whole: float, kind: str, told: str) -> Bar:
    width = max(_THINNEST, 100 * seconds / whole)
    return Bar(min(100 * began / whole, 100 - width), width, kind, told)


def _kind(mode: str) -> str:
    if mode not in STRONGEST_LAST or not stops_writers(mode):
        return "lock"
    return "lock readers" if stops_readers(mode) else "lock writers"


def _steps() -> Iterator[float]:
    return (digit * 10.0**power for power in count(-3) for digit in (1, 2, 5))
