"""Everything that can go wrong, and who must act.

RollproofError
├── NotRestored   the rollback is at fault       a check FAILS (also an AssertionError); with its fields, in `failure`
├── Warned        nobody is at fault             a check passes, and what it found is told; the same
├── Inconclusive  the surroundings are at fault  a check ERRORS; it never passes
├── NotChecked    nobody is at fault             a check is SKIPPED, and that is told with the reason
└── Misuse        the command line is at fault   the run stops before the first check

Each is told by one text to the person who reads it: the cause, what was tried, the ways out.
"""

from collections.abc import Iterable


class RollproofError(Exception):
    """The root of all bad news of ours; never raised itself."""


class Inconclusive(RollproofError):  # noqa: N818 (it is an answer, not a malfunction)
    """A fact could not be had, so nothing is said about it."""

    __module__ = "rollproof"  # where programs find it, and what a traceback says


class Crowded(Inconclusive):
    """The server lets no further session of ours in; those that it has let in can go on."""


class Misuse(RollproofError):  # noqa: N818 (the same)
    """An option, a file or a configuration cannot mean what was typed."""

    __module__ = "rollproof"


class NotChecked(RollproofError):  # noqa: N818 (the same)
    """What a check needs is not there, and nobody promised it: nothing is said about it, and that is told with the reason."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the question for the known word that is most like a mistyped one; "" if none is like it."""
    from difflib import get_close_matches  # noqa: PLC0415 (only where something was mistyped)

    near = get_close_matches(word, sorted(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""
