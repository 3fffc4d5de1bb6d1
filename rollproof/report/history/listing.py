"""The runs of a folder as lines of 80 columns: by database, the newest last, with what became of it since the run before. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from rollproof.model.printable import one_line
from rollproof.model.timestamps import in_words
from rollproof.report.history.kept import Kept

WIDTH = 80
STAMP = 17
"""Letters of a run's name that are shown, its time to the second: so much is enough to name it."""
LINE = "{run:17} {phase:14} {verdict:15} {causes:>7} {more:>6} {took:>9} {age:>6}"
HEAD = {
    "run": "run (UTC)",
    "phase": "phase",
    "verdict": "verdict",
    "causes": "causes",
    "more": "+conseq"[:6],
    "took": "took",
    "age": "ref.",
}
PART = "*"
"""Marks a run of a part of a phase."""
UNREAD = "~"
"""Marks a run that did not read all tables."""
OPEN = "?"
"""In the place of the number of causes, where nothing was found and something could not be decided."""
_STEADY = 0.1
"""The part by which a duration may differ before it counts as longer or shorter."""
_NOTICED = 0.5  # seconds: below, a difference is no news
_SHORT: Mapping[str, str] = {"second": "s", "minute": "min", "hour": "h", "day": "d"}
_MINUTES = 100  # seconds from which minutes are told


def lines(runs: Sequence[Kept]) -> Iterator[str]:
    """Yield the runs, oldest first, under the databases that they are about; below them what is no run."""
    if not runs:
        return
    yield LINE.format(**HEAD).rstrip()
    before: dict[tuple[str, str], Kept] = {}
    by_database: dict[str, list[str]] = {}
    for run in (each for each in runs if not each.problem):
        line = _line(run, before.get(run.subject))
        by_database.setdefault(run.database, []).append(line)
        if run.is_comparable or run.subject not in before:
            before[run.subject] = run
    for database, some in by_database.items():
        yield from ("", _cut(one_line(database) or "no database"), *some)
    if any(each.is_part for each in runs if not each.problem):
        yield from ("", f"{PART} a run of a part of its phase, which is not held against another one")
    if any(each.unread for each in runs if not each.problem):
        yield from (
            "",
            f"{UNREAD} a run that did not read all tables: nobody wrote to them, by the server's own counters",
        )
    problems = [each for each in runs if each.problem]
    if problems:
        yield from ("", "not read:")
        yield from (f"  {one_line(each.name)}: {one_line(each.problem)}" for each in problems)


def _line(run: Kept, before: Kept | None) -> str:
    return LINE.format(
        run=one_line(run.name)[:STAMP],
        phase=one_line(f"{run.phase or run.kind}")[:14],
        verdict=one_line(run.verdict)[:15],
        causes=_causes(run, before),
        more=f"+{run.consequences:,}" if run.consequences else "",
        took="" if run.took is None else duration(run.took) + _pace(run, before),
        age="" if run.age is None else _short(run.age),
    ).rstrip()


def _causes(run: Kept, before: Kept | None) -> str:
    """Return how many causes there are; 0 only where somebody knows that there is none."""
    if run.causes is None:
        return ""
    is_open = run.causes == 0 and not run.is_decided
    return f"{OPEN if is_open else f'{run.causes:,}'}{_mark(run, before)}{UNREAD if run.unread else ''}"


def _mark(run: Kept, before: Kept | None) -> str:
    """Return what became of the number of causes; a run of a part, or one that decided nothing, says nothing of that."""
    if run.is_part:
        return PART
    return trend(run.causes, before.causes if _are_alike(run, before) and before else None)


def _pace(run: Kept, before: Kept | None) -> str:
    return slower(run.took or 0.0, before.took if _are_alike(run, before) and before else None)


def _are_alike(run: Kept, before: Kept | None) -> bool:
    """Tell whether two runs did the same, so that their numbers say something beside each other."""
    return before is not None and before.is_comparable and run.is_comparable


def trend(now: float | None, before: float | None) -> str:
    """Return whether there is more (↑), less (↓) or the same (=) as before; " " if nobody knows."""
    if now is None or before is None:
        return " "
    return "=" if now == before else "↑" if now > before else "↓"


def slower(now: float, before: float | None) -> str:
    """Return the same of seconds, where what is about the same is the same."""
    if before is not None and abs(now - before) <= max(_NOTICED, _STEADY * before):
        return "="
    return trend(now, before)


def duration(seconds: float) -> str:
    """Return how long something took: `0.7 s`, `12 min`."""
    return f"{seconds:.1f} s" if seconds < _MINUTES else _short(seconds)


def _short(seconds: float) -> str:
    number, _, unit = in_words(seconds).partition(" ")
    return f"{'-' if seconds < 0 else ''}{number} {_SHORT[unit.removesuffix('s')]}"


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
