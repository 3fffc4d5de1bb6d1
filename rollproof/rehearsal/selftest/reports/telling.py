"""From what became of the faults to what is said of it; nothing that it says holds a password."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from itertools import groupby

from rollproof.model.redaction import hidden
from rollproof.model.timestamps import shown
from rollproof.rehearsal.selftest.outcome import WORDS, SelfTested, Tried, Word
from rollproof.rehearsal.selftest.reports.told import ToldFault, ToldKind, ToldReason, ToldSelfTest

EXAMPLES = 3
"""How many faults of one reason are named."""
ISSUES = "https://github.com/rollproof/rollproof/issues"
_REPORT = (
    f"it is an error of rollproof's: report it at {ISSUES}, with selftest.json; that holds names and definitions of your "
    "objects, and no values of rows"
)
_ADVICE = {
    "ALL SEEN": "nothing; ask again when the schema, the role, the waivers or rollproof have changed",
    "SEEN SO FAR": "try the others too, before you rely on it: more --seconds, --resume, or without --only",
    "BLIND SPOTS": "read each reason, and take away what is not meant so: a waiver, a setting, a grant that is missing",
    "MISSED": _REPORT,
    "FALSE ALARM": _REPORT,
    "INCONCLUSIVE": "mend what is named here, and try again",
}
_AS_IT_IS = (
    "database",
    "role",
    "reference",
    "server",
    "seconds",
    "strict",
    "only",
    "listed",
    "resumed",
    "harmless",
    "uncovered",
    "left_out",
    "notes",
)
_TONES = {"ALL SEEN": "good", "SEEN SO FAR": "part", "MISSED": "bad", "FALSE ALARM": "bad"}


def told(done: SelfTested, hide: Callable[[str], str]) -> ToldSelfTest:
    """Return what is said of a self-test; `hide` takes secrets out of it."""
    word, code, sentence = done.verdict
    faults = tuple(_fault(each) for each in done.tried)
    said = ToldSelfTest(
        rollproof=version("rollproof"),
        verdict=word,
        exit_code=code,
        sentence=sentence,
        advice=_ADVICE[word],
        tone=_TONES.get(word, "bad" if code == 1 else "open"),
        postgresql=f"PostgreSQL {done.version // 10_000}.{done.version % 10_000}",
        started=shown(done.started),
        tried=len(done.tried),
        matrix=tuple(_matrix(faults)),
        total=_row("all", faults),
        reasons=tuple(_reasons(faults)),
        faults=faults,
        **{name: getattr(done, name) for name in _AS_IT_IS},
    )
    return hidden(said, hide)


def _fault(one: Tried) -> ToldFault:
    known = one.fault
    return ToldFault(
        known.kind,
        known.name,
        known.facet,
        known.identity,
        known.part,
        known.statement,
        one.word,
        one.reason,
        one.mend,
        one.checks,
    )


def _matrix(faults: Iterable[ToldFault]) -> Iterator[ToldKind]:
    def of_kind(fault: ToldFault) -> str:
        return fault.kind

    for kind, some in groupby(sorted(faults, key=of_kind), of_kind):
        yield _row(kind, list(some))


def _row(kind: str, faults: Iterable[ToldFault]) -> ToldKind:
    found = Counter(each.word for each in faults)
    return ToldKind(kind, found.total(), {word: found[word] for word in WORDS})


def _reasons(faults: Iterable[ToldFault]) -> Iterator[ToldReason]:
    """Yield the reasons by word, that of most faults first; a missed fault has no other."""
    of_reasons: dict[tuple[Word, str, str], list[ToldFault]] = {}
    for each in faults:
        if each.reason or each.word != "seen":
            of_reasons.setdefault((each.word, _one(each), each.mend), []).append(each)
    for (word, reason, mend), some in sorted(of_reasons.items(), key=lambda pair: _place(pair[0][0], len(pair[1]))):
        kinds = tuple(dict.fromkeys(each.kind for each in some))
        yield ToldReason(word, reason, mend, len(some), kinds, tuple(each.title for each in some[:EXAMPLES]))


def _one(fault: ToldFault) -> str:
    """Return the reason; of what PostgreSQL said of a statement that it refused the first line, for the others quote it."""
    return next(iter(fault.reason.splitlines()), "") if fault.word == "not planted" else fault.reason


def _place(word: Word, number: int) -> tuple[int, int]:
    return WORDS.index(word), -number
