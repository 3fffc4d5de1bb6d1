"""Every word that a verdict can be, and every exit code: what it means, and what to do. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rollproof.model.phase import PARTLY, PHASES, Phase
from rollproof.verdict.run_verdict import OTHER_VERDICTS


@dataclass(frozen=True)
class VerdictWord:
    """A word of a verdict, its exit code (None: there are several), what it means, what to do.

    `phases` are those in which it can be; none of them for a word of a `command` that is no phase.
    """

    word: str
    exit_code: int | None
    phases: tuple[str, ...]
    meaning: str
    do: str
    command: str = ""


_ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        "broken": "report it, with result.json; run again with -x --tb=long to see where. Nothing is vouched for until then",
        "misuse": "read the message: it names the key of rollproof.toml, or the option, that does not fit; correct it, run again",
        "inconclusive": "read the reasons, each with its way out: often a GRANT that is missing, a lock that was held, a time "
        "that was too short. Do not take it for a good word: nobody knows. After that, run again (--resume reads no table twice)",
        "not checked": "look at what was selected (-k, -m, node ids), and whether anything was configured: nothing was compared",
    }
)
_NEXT = {"migration": "migrate", "rollback": "roll back"}
_INTERRUPTED = VerdictWord(
    "INTERRUPTED",
    None,
    tuple(PHASES),
    "the run was ended by a signal; what it had found by then is in its reports. The exit code is 128 and the signal's number",
    "run again; --resume reads no table twice",
)
_PARTLY = VerdictWord(
    f"{PARTLY}…",
    0,
    tuple(PHASES),
    "the good word of the phase, and only a part of it was run (-k, -m, node ids, --lf, -x)",
    "run the whole phase before you rely on it",
)
_WATCHED = (
    VerdictWord(
        "STEADY",
        0,
        (),
        "the watch is over, and nothing was red in any of its rounds; it reads no rows, so it takes the place of no verification",
        "go on",
        "watch",
    ),
    VerdictWord(
        "NOT STEADY",
        1,
        (),
        "the watch ended at a round in which something was red: a definition changed, or the application or the database was not "
        "as the limits of [watch] want it",
        "read the lines with RED above the verdict: of a definition, verify again; of the application or the server, ask its log",
        "watch",
    ),
)
_REHEARSED = (
    VerdictWord(
        "ABOVE THE LIMIT",
        1,
        (),
        "the rollback put all back, but took longer, locked longer or wrote more than a limit of yours allows",
        "make it quicker or gentler, or raise the limit",
        "rehearse",
    ),
    VerdictWord(
        "A DOOR IS CLOSED",
        1,
        (),
        "the rollback put all back, but an application does not live on a schema on which it must (--require-doors)",
        "make the migration in steps that both applications live with, or stop the application for as long as it takes",
        "rehearse",
    ),
)
"""Those of `rollproof rehearse` that no phase has."""
_OF_US = "report it, with selftest.json: it is an error of rollproof's own"
_PLANTED = tuple(
    VerdictWord(word, code, (), meaning, do, "selftest")
    for word, code, meaning, do in (
        (
            "ALL SEEN",
            0,
            "every fault that could be planted in a copy of the database was seen by this configuration",
            "go on; ask again when the schema, the role, the waivers or rollproof have changed",
        ),
        (
            "SEEN SO FAR",
            0,
            "every fault that was tried was seen, and not all were tried (--seconds, --only)",
            "try the others too, before you rely on it: --resume goes on",
        ),
        (
            "BLIND SPOTS",
            None,
            "some faults are not seen, each for a reason of yours: a waiver, a setting, a missing grant. With --strict that is bad",
            "read each reason; what is not meant so, take away",
        ),
        ("MISSED", 1, "a fault is not seen, and nothing of yours explains it", _OF_US),
        ("FALSE ALARM", 1, "a change that is none was told as a difference", _OF_US),
    )
)
"""Those of `rollproof selftest`, which can be INCONCLUSIVE, too."""


def verdict_words() -> tuple[VerdictWord, ...]:
    """Return every word, those of the phases first, in their order."""
    found: dict[str, VerdictWord] = {}
    for word in (word for phase in PHASES.values() for word in _of(phase)):
        before = found.get(word.word)
        found[word.word] = _both(before, word) if before else word
    others = (
        VerdictWord(word, code, tuple(PHASES), sentence, _ALWAYS[kind])
        for kind, (word, code, sentence) in OTHER_VERDICTS.items()
    )
    return (*found.values(), _PARTLY, *others, _INTERRUPTED, *_WATCHED, *_REHEARSED, *_PLANTED)


def _of(phase: Phase) -> Iterator[VerdictWord]:
    good = _NEXT[phase.next_step] if phase.next_step else "go on"
    yield VerdictWord(phase.good, 0, (phase.name,), phase.good_sentence, good)
    yield VerdictWord(phase.bad, 1, (phase.name,), phase.bad_sentence, _after_bad(phase))


def _after_bad(phase: Phase) -> str:
    if phase.next_step:
        return f"do not {_NEXT[phase.next_step]} yet: mend what is named first, and ask again"
    if phase.recommends:
        return "read the recommendation below the verdict: to roll back or not; decide while the copies are young"
    return (
        "read the first screen of report.html: which tables, by which causes. Keep the application away. `rollproof repair` "
        "prints what mends it: read that, run it, verify again"
    )


def _both(one: VerdictWord, other: VerdictWord) -> VerdictWord:
    """Return a word of two phases as one."""
    return VerdictWord(
        one.word,
        one.exit_code,
        (*one.phases, *other.phases),
        f"{one.meaning}; or: {other.meaning}",
        f"{one.do}; or: {other.do}",
    )


EXIT_CODES: Mapping[int, str] = MappingProxyType(
    {
        0: "good: what was asked is so. In a part of a phase the verdict says PARTLY",
        1: "bad: the database is not as this phase wants it; the reports say where",
        3: "an error of rollproof's own: nothing is vouched for; please report it",
        4: "misuse: the command line, the configuration or the reference is wrong; the message says which",
        5: "nothing was checked: no case was selected, or all were skipped; silence is not proof",
        6: "pytest counted more warnings than it was told to accept",
        7: "INCONCLUSIVE: nothing was found wrong, and something could not be decided; a database that cannot be reached, too",
        130: "ended by Ctrl-C; other signals end with 128 and their number (143: SIGTERM, 129: SIGHUP). Reports are written",
    }
)
"""Exit code → what it means, of every command."""
