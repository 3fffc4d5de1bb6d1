"""The lines on the terminal: the verdict, the matrix, why something is not seen and what ends it, and the verdict once more."""

from collections.abc import Iterator, Sequence

from rollproof.model.amounts import counted
from rollproof.model.printable import harmless, one_line
from rollproof.rehearsal.selftest.outcome import BLIND, WORDS
from rollproof.rehearsal.selftest.reports.told import ToldFault, ToldKind, ToldReason, ToldSelfTest
from rollproof.report.columns import beside, width_of, wrapped

SHOWN = 10
"""How many reasons of one word, and how many faults, are printed; selftest.json has all."""
_COLUMN = 11  # where the text begins beside a word of the head
_NUMBERS: tuple[tuple[str, int], ...] = (
    ("faults", 7),
    ("seen", 7),
    ("waived", 7),
    ("not readable", 9),
    ("not configured", 11),
    ("missed", 7),
    ("not planted", 8),
)
"""The columns of the matrix and their width."""
_KIND = 24  # letters of the widest kind that stands beside its numbers


def lines(told: ToldSelfTest, written: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines about a self-test; `written` are the lines about the reports' files."""
    yield from wrapped(f"{told.verdict}: {told.sentence}")
    yield ""
    yield from beside("database", told.database, _COLUMN)
    yield from beside("as role", told.role or "the server's superuser", _COLUMN)
    yield from beside("reference", told.reference or "none", _COLUMN)
    yield from beside("tried on", f"{told.where}; it took {told.seconds:,.1f} s", _COLUMN)
    if told.matrix:
        yield ""
        yield from _matrix(told)
    yield from _missed(told.of("missed"))
    for word in BLIND:
        yield from _reasons(f"{word}: {{}}", told.why(word))
    yield from _reasons("seen, but otherwise: {}", told.why("seen"))
    yield from _reasons("not planted: {}", told.why("not planted"))
    yield from _alarms(told)
    yield ""
    yield from _rest(told)
    yield from beside("what to do", told.advice, _COLUMN + 1)
    yield from written
    yield f"exit code {told.exit_code}: {told.verdict}"


def _matrix(told: ToldSelfTest) -> Iterator[str]:
    rows = [each for each in told.matrix if not each.is_all_seen]
    if rows:
        width = max(len("kind"), *(width_of(one_line(each.kind)) for each in rows if len(each.kind) <= _KIND), 0)
        yield from _head(width)
        for each in (*rows, told.total):
            yield from _row(each, width)
    seen = [f"{each.kind} {each.listed:,}" for each in told.matrix if each.is_all_seen]
    if seen:
        yield from wrapped(f"all seen: {', '.join(seen)}", further="  ")


def _head(width: int) -> Iterator[str]:
    above = "".join(f"{'not' if ' ' in word else '':>{wide}}" for word, wide in _NUMBERS)
    below = "".join(f"{word.removeprefix('not '):>{wide}}" for word, wide in _NUMBERS)
    yield f"{'':{width}}{above}"
    yield f"{'kind':{width}}{below}"


def _row(kind: ToldKind, width: int) -> Iterator[str]:
    """Yield a row; a kind with a longer name stands above its numbers."""
    numbers = (kind.listed, *(kind.words[word] for word in WORDS))
    cells = "".join(
        f"{f'{number:,}' if number else '·':>{wide}}" for number, (_, wide) in zip(numbers, _NUMBERS, strict=True)
    )
    name = one_line(kind.kind)
    if width_of(name) > width:
        yield from wrapped(name)
        name = ""
    yield f"{name}{' ' * (width - width_of(name))}{cells}"


def _missed(faults: Sequence[ToldFault]) -> Iterator[str]:
    if not faults:
        return
    yield ""
    yield from wrapped(f"missed: {counted(len(faults), 'fault')}, and nothing of yours explains it; planted by:")
    for each in faults[:SHOWN]:
        yield from wrapped(f"{each.kind}: {each.title}", "  - ", "    ")
        yield from (f"      {harmless(line)}" for line in each.statement.splitlines()[:SHOWN])
    yield from _more(len(faults))


def _reasons(title: str, reasons: Sequence[ToldReason]) -> Iterator[str]:
    if not reasons:
        return
    yield ""
    yield title.format(counted(sum(each.faults for each in reasons), "fault"))
    for each in reasons[:SHOWN]:
        number = f"{each.faults:,} of {', '.join(each.kinds)}: " if len(reasons) > 1 else ""
        yield from wrapped(f"{number}{each.reason}", "  - ", "    ")
        yield from wrapped(each.examples[0], "      such as ", "        ")
        yield from wrapped(each.mend, "      to see it: ", "        ") if each.mend else ()
    yield from _more(len(reasons))


def _alarms(told: ToldSelfTest) -> Iterator[str]:
    found = [each for each in told.harmless if each.found]
    if found:
        yield ""
        yield from wrapped(f"false alarms: {counted(len(found), 'harmless change')} told as a difference")
    for each in found[:SHOWN]:
        yield from wrapped(f"{each.name}: told of {', '.join(each.found[:SHOWN])}", "  - ", "    ")
    yield from _more(len(found))


def _rest(told: ToldSelfTest) -> Iterator[str]:
    for sentence in told.sentences:
        yield from wrapped(sentence, further="  ")
    for word, texts in (("not made", told.not_made), ("left out", told.left_out), ("note", told.notes)):
        for text in texts[:SHOWN]:
            yield from wrapped(f"{word}: {text}", further="  ")
        yield from _more(len(texts))


def _more(number: int) -> Iterator[str]:
    if number > SHOWN:
        yield f"  and {number - SHOWN:,} more, all in selftest.json"
