"""The findings of a run as causes: roots that read alike are one, with all that follows from them and what mends it. Pure.

A finding follows from one root at most, so that numbers add up: each finding is counted once, and stands below one cause. Where two
roots would explain it, it is below the one whose rule comes first in `causes`.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rollproof.model.finding import Finding, FindingId, RowReport, Statement
from rollproof.model.names import NAME, PATH, names
from rollproof.model.printable import one_line
from rollproof.model.printable_sql import commented
from rollproof.model.row_words import SAME
from rollproof.verdict.cause import FIRST, Cause, in_order
from rollproof.verdict.outcome import Outcome, Report, rank
from rollproof.verdict.subjects import LEFTOVERS
from rollproof.verdict.wording import worded
from rollproof.verdict.words import Wording

_ROWS = ("rows", "content")
_NUMBERS = re.compile(r"(?<![\w.])([\d,]+)(?: of [\d,]+)? rows?")
_RENAMED = re.compile(rf"ALTER TABLE {PATH} RENAME COLUMN ({NAME}) TO ({NAME});")
_SOME = "… rows"
"""What stands for numbers of rows that are others in each table."""
_ALL_ROWS = re.compile(r"([\d,]+) of \1 rows|rows changed, as many")
_UNTOLD = "whether its rows changed too is not known yet"
_BY_REPAIR = (
    "rollproof repair writes the statements for rows, where the reference has the rows (a database, the copies, a dump)"
)


@dataclass(frozen=True)
class _Told:
    """A finding, the outcome that has it, and there the statements that mend it, and which rows of its table differ."""

    finding: Finding
    outcome: Outcome
    statements: tuple[Statement, ...]
    rows: RowReport | None

    @property
    def id(self) -> FindingId:
        """Which finding it is."""
        return FindingId(self.finding.check, self.finding.subject)


Root = tuple[_Told, Wording]
Following = Mapping[FindingId, list[_Told]]


def causes_of(report: Report, tables: frozenset[str]) -> tuple[Cause, ...]:
    """Return the causes, the worst first."""
    rows = {each.table: each for told in report.outcomes if told.check in _ROWS for each in told.rows}
    found = [each for outcome in report.outcomes for each in _told(outcome)]
    above = _above({each.id: each.finding for each in found})
    following: defaultdict[FindingId, list[_Told]] = defaultdict(list)
    for each in found:
        if root := above.get(each.id):
            following[root].append(each)
    roots = ((each, _worded(each, tables, rows)) for each in found if each.id not in above)
    causes = (_cause(some, following, report.families) for some in _alike(roots))
    return tuple(sorted(causes, key=badness))


def _worded(told: _Told, tables: frozenset[str], rows: Mapping[str, RowReport]) -> Wording:
    """Return a finding in words; one that names no object, as of a check of the user's own, is at its check.

    A column that has another name now is said to have it: who reads that it was left behind might drop it.
    """
    said = worded(told.finding, tables, rows)
    if not said.place:
        return replace(said, place=told.finding.check)
    return renamed(said, told.finding, told.statements)


def renamed(said: Wording, finding: Finding, statements: Iterable[Statement]) -> Wording:
    """Return the words about a column with its other name, if one of the `statements` that mend it gives back the old one."""
    found = (_RENAMED.fullmatch(each.sql) for each in statements if each.mends == finding.subject)
    name = next(filter(None, found), None)
    if name and finding.check == "columns" and said.change in ("missing", "left behind"):
        now = f"now called {name[1]}" if said.change == "missing" else f"was called {name[2]}"
        return replace(said, change=f"{said.change}: {now}")
    return said


def uncounted(words: str) -> str:
    """Return words without their numbers of rows, which are others in each table: `… rows changed`."""
    return _NUMBERS.sub(_SOME, words)


def _told(outcome: Outcome) -> Iterator[_Told]:
    mends: defaultdict[str, list[Statement]] = defaultdict(list)
    for statement in outcome.statements if outcome.findings else ():
        mends[statement.mends].append(statement)
    rows = {report.table: report for report in outcome.rows}
    for each in outcome.findings:
        yield _Told(each, outcome, tuple(mends.get(each.subject, ())), rows.get(each.subject))


def badness(cause: Cause) -> tuple[int, int, str, str]:
    """Return what causes are sorted by: severity, then how much hangs on it."""
    return rank(cause.severity), -len(cause.places) - len(cause.consequences), cause.check, cause.words


def _above(known: Mapping[FindingId, Finding]) -> Mapping[FindingId, FindingId]:
    """Return the root of each finding that follows from another.

    What follows from something that is not among the findings (it was accepted, say) is a root itself, and so is what counts where
    its cause heals: a warning hides nothing.
    """
    found: dict[FindingId, FindingId] = {}
    for each, finding in known.items():
        met, top = {each}, each
        while (higher := known[top].follows_from) in known and higher is not None and higher not in met:
            met.add(higher)
            top = higher
        circles = known[top].follows_from in met  # two findings about one subject look alike here
        if top != each and not circles and not (known[top].heals and not finding.heals):
            found[each] = top
    return found


def _alike(roots: Iterable[Root]) -> Iterator[list[Root]]:
    """Yield the roots that read alike, also where the name of a thing begins with that of its table."""
    groups: dict[tuple[str, str, bool], list[Root]] = {}
    for told, said in roots:
        key = (told.finding.check, _general(said, told.finding.check), told.finding.heals)
        groups.setdefault(key, []).append((told, said))
    yield from groups.values()


def _general(said: Wording, check: str) -> str:
    """Return the words without what differs from table to table: its own name in that of a thing, and how many rows there are."""
    if check in _ROWS:
        return uncounted(said.called(said.name))
    table = (names(said.place) or [""])[-1].strip('"')
    bare = said.name.removeprefix('"')
    return said.called(f"…{bare.removeprefix(table)}" if table and bare.startswith(f"{table}_") else said.name)


def _cause(some: list[Root], following: Following, families: Mapping[str, str]) -> Cause:
    told, first = [each for each, _ in some], some[0][1]
    places = sorted({said.place for _, said in some})
    whole = len({str(said) for _, said in some}) == 1
    behind = [each for root in dict.fromkeys(each.id for each in told) for each in following.get(root, ())]
    besides = dict(_besides(behind, places)) if told[0].finding.check not in _ROWS else {}
    said = {} if whole else _said(some)
    words = str(first) if whole else _ranged(_general(first, told[0].finding.check), said.values())
    rows = {each.rows.table: each.rows for each in (*told, *behind) if each.rows}
    statements = _statements([*told, *behind])
    return Cause(
        " · ".join([words, *_shared(besides, places)]),
        tuple(each.finding for each in told),
        tuple(places),
        told[0].finding.check,
        families.get(told[0].finding.check, ""),
        min((each.outcome.severity for each in told), key=rank),
        told[0].finding.heals,
        tuple(each.finding for each in behind),
        statements,
        tuple(rows.values()),
        tuple(_advice(told, statements)),
        {**said, **{place: f"{said.get(place, str(first))} · {more}" for place, more in besides.items()}},
    )


def _besides(behind: Iterable[_Told], places: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield, by table, what is known of rows that are not as they were where only a definition is the cause.

    They are counted as a consequence, for a new type alone makes them read otherwise. It need not be all: putting the definition
    back would not bring them back. So they stand beside it.
    """
    for each in behind:
        finding = each.finding
        if finding.check == "content" and finding.change == "changed" and finding.subject in places:
            change = worded(finding, places, {each.rows.table: each.rows} if each.rows else {}).change
            if change != SAME:
                yield finding.subject, _UNTOLD if _ALL_ROWS.match(change) else one_line(change)


def _shared(besides: Mapping[str, str], places: Collection[str]) -> Iterator[str]:
    """Yield what is said of the rows of several tables together."""
    told = {*besides.values()}
    if len(besides) == len(places) > 1:
        alike = {uncounted(text) for text in told}
        yield _ranged(alike.pop(), told) if len(alike) == 1 else "rows differ, too"


def _ranged(words: str, said: Iterable[str]) -> str:
    """Return words with the least and the greatest of the numbers of rows that they leave out, where each table has them."""
    found = [[int(each.replace(",", "")) for each in _NUMBERS.findall(text)] for text in said]
    if {len(numbers) for numbers in found} != {words.count(_SOME)}:
        return words
    for numbers in zip(*found, strict=True):
        low, high = min(numbers), max(numbers)
        told = f"{low:,} to {high:,} rows" if low < high else f"{low:,} row{'' if low == 1 else 's'}"
        words = words.replace(_SOME, told, 1)
    return words


def _said(some: Iterable[Root]) -> Mapping[str, str]:
    """Return the words by place."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for _, said in some:
        found[said.place].append(str(said))
    return {place: " · ".join(dict.fromkeys(words)) for place, words in found.items()}


def _statements(told: Iterable[_Told]) -> tuple[Statement, ...]:
    """Return what mends these findings, each statement once, in the order to run them in; what stands in no script comes last.

    What another cause must mend before is named first. What the leftovers' check would drop is commented out: nobody should drop by
    pasting.
    """
    told = list(told)
    own = {f"{FIRST}{commented(f'{each.finding.check} {each.finding.subject}')}," for each in told}
    found: dict[str, Statement] = {}
    mended = set[str]()
    for each in told:
        leftover = each.finding.check == LEFTOVERS
        if leftover and each.finding.subject.rpartition(" (")[0] in mended:
            continue  # the repair says so as well
        for statement in each.statements:
            if statement.sql.startswith(FIRST) and f"{statement.sql.rpartition(',')[0]}," in own:
                continue
            mended.add(each.finding.subject)
            drops = leftover and not statement.sql.lstrip().startswith("--")
            sql = f"-- left behind, if nobody needs it: {commented(statement.sql)}" if drops else statement.sql
            found.setdefault(sql, replace(statement, sql=sql))
    return tuple(sorted(found.values(), key=in_order))


def _advice(told: Iterable[_Told], statements: tuple[Statement, ...]) -> Iterator[str]:
    """Yield what to do in words, each advice once."""
    some = list(told)
    yield from dict.fromkeys(text for each in some for text in each.outcome.advice)
    if not statements and any(each.finding.check in _ROWS for each in some):
        yield _BY_REPAIR
