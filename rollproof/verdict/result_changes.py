"""What it means that a query answers otherwise: rows, their order, columns and types, told without any value. Pure."""

from collections.abc import Iterator, Mapping

from rollproof.model.amounts import counted
from rollproof.model.failure import Undecided
from rollproof.model.finding import Finding, Unknown
from rollproof.model.query_result import QueryResult

RESULTS = "query_results"
VARIES = (
    "it answered differently each time when the baseline was taken (now(), random(), no ORDER BY before a LIMIT?): "
    "nobody can compare it; write it so that it answers the same twice"
)
_ANOTHER = "its query is another one since the baseline was taken: take the baseline again"
_OTHER_RULE = (
    "the baseline was taken by another version of rollproof, whose digests are others: take the baseline again"
)


def not_comparable(wanted: Mapping[str, str], before: Mapping[str, QueryResult]) -> dict[str, str]:
    """Return why results cannot be compared, of those that cannot: `wanted` are the marks of the queries by name."""
    another = {name: _ANOTHER for name, mark in wanted.items() if before[name].query != mark}
    return {name: VARIES for name in wanted if before[name].varies} | another


def result_changes(
    before: Mapping[str, QueryResult], after: Mapping[str, QueryResult], unknown: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield a finding for each query that answers otherwise. Raises `Undecided` at the end if something cannot be said of one."""
    doubts = dict(unknown)
    for name in sorted(after):
        was, now = before[name], after[name]
        if was.algorithm != now.algorithm:
            doubts[name] = _OTHER_RULE
        elif told := _change(was, now):
            yield Finding(
                RESULTS, name, _outline(was), _outline(now), f"{name} answers otherwise: {told}", compared=True
            )
    if doubts:
        raise Undecided((), unknown=tuple(Unknown(name, doubts[name]) for name in sorted(doubts)))


def _change(was: QueryResult, now: QueryResult) -> str:
    """Return what is different, in a few words; "" if nothing is."""
    told = list(_columns(was, now))
    if was.rows != now.rows:
        more = now.rows - was.rows
        kind = "more" if more > 0 else "fewer"
        told.append(f"{counted(abs(more), 'row')} {kind} ({was.rows:,} before, {now.rows:,} now)")
    elif not told and was.digest != now.digest:
        told.append(_values(was, now))
    elif not told and was.in_order and now.in_order and was.in_order != now.in_order:
        told.append("the same rows in another order")
    return "; ".join(told)


def _columns(was: QueryResult, now: QueryResult) -> Iterator[str]:
    if [name for name, _ in was.columns] != [name for name, _ in now.columns]:
        yield f"its columns are {_names(now)}, which were {_names(was)}"
        return
    for (name, before), (_, after) in zip(was.columns, now.columns, strict=True):
        if before != after:
            yield f"{name} is {after}, was {before}"


def _names(result: QueryResult) -> str:
    return ", ".join(name for name, _ in result.columns) or "none"


def _values(was: QueryResult, now: QueryResult) -> str:
    """Return in which columns values differ; where each has the same ones, the rows hold them in other combinations."""
    names = [
        name for (name, _), before, after in zip(was.columns, was.digests, now.digests, strict=True) if before != after
    ]
    return f"other values in {', '.join(names)}" if names else "the same values, in other rows"


def _outline(result: QueryResult) -> str:
    """Return an answer without its values."""
    columns = ", ".join(f"{name} {type_}" for name, type_ in result.columns)
    return f"{counted(result.rows, 'row')} ({columns}), digest {result.in_order or result.digest}"
