"""A script run by psql on a throw-away server, and what PostgreSQL refused of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from rollproof.throwaway.psql import Psql, Ran
from rollproof.throwaway.tamed import NEEDS_MORE, TRUST, Tamed

_SHOWN = 200  # letters of a statement


@dataclass(frozen=True)
class ScriptRun:
    """What is `told` of what was refused; `lacks` says which powers were missing for it."""

    told: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


def run(psql: Psql, tamed: Tamed, lines: Sequence[str]) -> ScriptRun:
    """Run a script of these lines to its end, or to what PostgreSQL refuses; without what it refuses to all but superusers."""
    told: list[str] = []
    lacks: tuple[str, ...] = ()
    may_command = any(line.startswith("\\") for line in lines)
    left = [*lines]
    while left:
        ran = psql.run("\n".join([*left, ""]), is_strict=True, may_command=may_command)
        if not ran.code:
            break
        sentence, place = _refusal(ran, left)
        is_weak = not tamed.trusted and NEEDS_MORE.search(sentence) is not None
        rest = "the rest of its transaction was left out" if is_weak else "what follows was not tried"
        told += [
            f"PostgreSQL refused a statement of it, and {rest}: {sentence}",
            f"the statement: {left[place][:_SHOWN]}",
        ]
        if not is_weak:
            break
        lacks = (TRUST,)
        left = left[left.index("COMMIT;", place) + 1 :] if "COMMIT;" in left[place:] else left[place + 1 :]
    return ScriptRun(tuple(told), lacks)


def _refusal(ran: Ran, lines: Sequence[str]) -> tuple[str, int]:
    """Return PostgreSQL's sentence, and the place of the statement among the lines."""
    if not ran.complaints:
        return f"psql ended with {ran.code}: {ran.said.strip()}", len(lines) - 1
    complaint = ran.complaints[-1]
    ends = accumulate(line.count("\n") + 1 for line in lines)
    return complaint.sentence, next((place for place, end in enumerate(ends) if end >= complaint.line), len(lines) - 1)
