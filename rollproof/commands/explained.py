"""What `rollproof explain` prints, in lines of at most 80 columns: of checks, families, phases, verdicts and exit codes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from signal import Signals
from textwrap import shorten, wrap

from rollproof.catalog.queries import not_compared
from rollproof.model.errors import Misuse
from rollproof.model.markers import FAMILIES, MARKERS
from rollproof.model.phase import PARTLY, PHASES
from rollproof.system.bundle import TITLES, Explanation, check_files, told
from rollproof.verdict.outcome import SEVERITIES
from rollproof.verdict.vocabulary import EXIT_CODES, VerdictWord, verdict_words

WIDTH = 80
_OF_NONE = "no family"
_SEVERITY, _PHASES = 9, 5  # columns of the table
_SIGNAL = 128
_CASE = re.compile(r"^(checks[/.])?test_(?=\w)|(\.py)?\s*(\[.*\])?$", re.DOTALL)
"""What reports put around the name of a check, for one case of it."""


@cache
def checks() -> Mapping[str, Explanation]:
    """Return what each check says of itself, by name."""
    return {name: told(name) for name in check_files()}


def table(phase: str | None = None, family: str | None = None) -> Iterator[str]:
    """Yield the checks by family, the most severe first: of a phase, of a family, or all. Raises `Misuse` for what is neither."""
    _require(phase, PHASES, "phase")
    _require(family, FAMILIES, "family")
    chosen = [
        each
        for each in checks().values()
        if (not phase or phase in each.phases) and (not family or family in each.families)
    ]
    if not chosen:
        raise Misuse(
            f"no check of the family {family} is run in {phase}: `rollproof explain --family {family}` says when"
        )
    if not phase:
        yield from _filled("phases: " + ", ".join(f"{number} {name}" for number, name in enumerate(PHASES, 1)))
    width = max(len(each.check) for each in chosen) + 1
    for name in (*FAMILIES, ""):
        among = [each for each in chosen if each.family == name]
        if among:
            yield from ("", f"{name or _OF_NONE}{_meaning(name)}")
        for each in sorted(among, key=lambda one: (SEVERITIES.index(one.severity), one.check)):
            yield _row(each, width, with_phases=not phase)


def _row(each: Explanation, width: int, *, with_phases: bool) -> str:
    begun = f"  {each.check:{width}}{each.severity:{_SEVERITY}}"
    if with_phases:
        begun += "".join(str(number) if name in each.phases else "·" for number, name in enumerate(PHASES, 1)) + " "
    return begun + shorten(each.promises, WIDTH - len(begun), placeholder=" …")


def _meaning(family: str) -> str:
    said = dict(each.split(": ", 1) for each in MARKERS)
    return f": {said[family]}" if family else ""


def of_check(name: str) -> Iterator[str]:
    """Yield all that a check says of itself."""
    each = told(name)
    family = f"; family {each.family}" if each.family else ""
    yield from _filled(f"{each.check}: severity {each.severity}{family}; in {', '.join(each.phases)}")
    yield ""
    yield from _filled(each.promises)
    for title, text in zip(TITLES, (each.fails, each.mend, each.blind), strict=True):
        yield ""
        yield from _filled(f"{title}: {text}")
    if each.families:
        yield ""
        yield f'alone, with its like: pytest -m "{each.phases[-1]} and {each.family}"'


def of_word(word: str) -> Iterator[str]:
    """Yield what a check, a verdict, an exit code, a phase or a family is. Raises `Misuse` for anything else."""
    if (check := _CASE.sub("", word)) in checks():
        return of_check(check)
    if word.isdecimal():
        return _of_code(int(word))
    if word in PHASES:
        return _of_phase(word)
    if word in FAMILIES:
        return table(family=word)
    said = word.upper().replace("-", " ").replace("_", " ").removesuffix(", WITH WARNINGS")
    found = _verdict(said)
    if found:
        return _of_verdict(said, found)
    raise Misuse(f"nothing here is called {word}{_meant(word)}")


def words() -> tuple[str, ...]:
    """Return every word that can be explained but exit codes."""
    return (*checks(), *PHASES, *FAMILIES, *(each.word for each in verdict_words()))


def _meant(word: str) -> str:
    known = {each.lower(): each for each in words()}
    near = get_close_matches(word.lower(), known, 3)
    meant = f"; did you mean {' or '.join(known[each] for each in near)}?" if near else ""
    return (
        f"{meant}; it explains checks, phases, families, verdicts and exit codes: `rollproof explain` lists the checks"
    )


def _require(word: str | None, known: Iterable[str], kind: str) -> None:
    names = list(known)
    if word and word not in names:
        near = get_close_matches(word, names, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise Misuse(f"there is no {kind} {word}; {meant}there are {', '.join(names)}")


def _verdict(said: str) -> VerdictWord | None:
    of = {each.word: each for each in verdict_words()}
    if said in {PARTLY.strip(), *(PARTLY + phase.good for phase in PHASES.values())}:
        return next(each for word, each in of.items() if word.startswith(PARTLY))
    return of.get(said)


def _of_verdict(said: str, word: VerdictWord) -> Iterator[str]:
    code = "" if word.exit_code is None else f", exit code {word.exit_code}"
    phases = "any phase" if len(word.phases) == len(PHASES) else ", ".join(word.phases) or f"rollproof {word.command}"
    yield from _filled(f"{said}{code}: a verdict of {phases}")
    yield ""
    yield from _filled(f"It means: {word.meaning}.")
    yield ""
    yield from _filled(f"What to do: {word.do}.")


def _of_code(code: int) -> Iterator[str]:
    known = EXIT_CODES.get(code) or _of_signal(code - _SIGNAL)
    if not known:
        raise Misuse(f"no command of rollproof ends with {code}; they end with {', '.join(map(str, EXIT_CODES))}")
    yield from _filled(f"exit code {code}: {known}.")
    verdicts = [each.word for each in verdict_words() if each.exit_code == code]
    if verdicts:
        yield from _filled(f"Verdicts with it: {', '.join(verdicts)}. `rollproof explain {verdicts[0]}` says more.")


def _of_signal(number: int) -> str:
    """Return what an exit code says of the signal with this number; "" if there is none."""
    name = next((each.name for each in Signals if each == number), "")
    return f"ended by the signal {name} ({number}); reports are written, unless it was SIGKILL" if name else ""


def _of_phase(name: str) -> Iterator[str]:
    phase = PHASES[name]
    yield from _filled(f"{name}: {phase.when}. It ends with {phase.good} or {phase.bad}.")
    for essential in phase.essentials:
        yield from _filled(f"It is INCONCLUSIVE unless it is known {essential.what} ({' or '.join(essential.checks)}).")
    yield from table(phase=name)


def not_compared_lines() -> Iterator[str]:
    """Yield what no check looks at, and why."""
    for entry in not_compared().not_checked:
        yield from wrap(f"{entry.what}:", WIDTH, break_long_words=False)
        yield from wrap(entry.reason, WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False)


def _filled(text: str) -> list[str]:
    return wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
