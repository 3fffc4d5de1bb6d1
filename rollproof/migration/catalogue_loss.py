"""What a migration took away: the catalogue's facts compared modulo the types that it was meant to change. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from rollproof.model.compare import Difference, ahead, analysed_as_well, compare, same_but_for_version, told_more
from rollproof.model.errors import Inconclusive
from rollproof.model.names import table_of
from rollproof.probes.shared_objects import elsewhere
from rollproof.sources.cross_version import facet_pair
from rollproof.sources.equivalence import sort_out
from rollproof.sources.source import Source, TableGroup

CHECK = "nothing_lost"
# Written for programs, or no possession: what moves, or is said to be there for a moment.
NOT_HELD = frozenset(
    {
        "foreign_keys",
        "sequence_columns",
        "column_order",
        "prepared_transactions",
        "replication",
        "large_objects",
        "all_schemas",
        "collation_versions",
    }
)
_LABEL = re.compile(r"'(?:[^']|'')*'")
_NOT_NULL = re.compile(r'(?: CONSTRAINT (?:"(?:[^"]|"")*"|\S+))? NOT NULL')


def _more_labels(difference: Difference) -> bool:
    """Tell whether an enum has all its labels in their order, and others between them or after them."""
    if not all(text and text.startswith("ENUM (") for text in (difference.before, difference.after)):
        return False
    now = iter(_LABEL.findall(difference.after or ""))
    return all(label in now for label in _LABEL.findall(difference.before or ""))


def _not_null(difference: Difference) -> bool:
    """Tell whether a column is as it was, and takes no NULL any more."""
    was, now = difference.before or "", difference.after or ""
    return "NOT NULL" not in was and was == _NOT_NULL.sub("", now, count=1)


def _never(_: Difference) -> bool:
    return False


# Differences that only add something, or tell of what moves.
_HARMLESS: Mapping[str, Callable[[Difference], bool]] = {
    "sequence_positions": ahead,
    "planner_statistics": analysed_as_well,
    "extension_members": told_more,
    "collations": same_but_for_version,
    "database": lambda difference: difference.identity == "collation version",  # collation_versions has it now
    "types": _more_labels,
    "columns": _not_null,
}
_CAST = re.compile(
    r'::(?:"(?:[^"]|"")*"|[\w.])+(?: varying| precision| with(?:out)? time zone)?(?:\(\d+(?:, ?\d+)?\))?(?:\[\])*'
)


def modulo(types: Iterable[str]) -> Callable[[str], str]:
    """Return the function that takes from a definition what a change between these types may add or take away.

    These are the types themselves, casts, and the parentheses that stand around casts.
    """
    words = "|".join(re.escape(type_) for type_ in sorted(types, key=len, reverse=True))
    if not words:
        return lambda text: text
    named = re.compile(rf"(?<!\w)(?:{words})(?!\w)")
    return lambda text: re.sub(r"[()\s]+", " ", named.sub("(type)", _CAST.sub("", text))).strip()


def losses(  # noqa: PLR0913, PLR0917 (one comparison, and all that is forgiven in it)
    facet: str,
    before: Source,
    after: Source,
    owner: TableGroup,
    types: Iterable[str],
    on_purpose: Callable[[str, Difference], bool] = lambda *_: False,
) -> Iterator[Difference]:
    """Yield what is missing of a facet or differs by more than these types; what is new or `on_purpose` is no loss.

    Raises `Inconclusive` at the end if something could not be read on either side.
    """
    plain, told = modulo(types), facet_pair(facet, before, after)
    was, now = told.before.known(facet, owner), told.after.known(facet, owner)
    forgiven = (elsewhere(facet, before, after), _HARMLESS.get(facet, _never), partial(on_purpose, facet))
    renamed = {plain(identity): text for identity, text in now.facts.items()}
    certain, doubtful = told.sort_out(each for each in compare(facet, was.facts, now.facts) if each.before is not None)
    unsure: dict[str, str] = {}
    for found in certain:
        if facet == "columns" and table_of(found.identity) not in before.tables:
            continue  # a view's: the view's definition tells of them
        if found.before is None or found.identity in now.unknown or any(is_so(found) for is_so in forgiven):
            continue
        is_now = found.after if found.after is not None else renamed.get(plain(found.identity))
        if is_now is None or plain(found.before) != plain(is_now):
            meant = sort_out([found], after)
            unsure |= meant.unknown
            if meant.other:
                yield Difference(CHECK, f"{facet} {found.identity}", found.before, is_now)
    if unknown := {**was.unknown, **now.unknown, **unsure, **{each.identity: told.doubt(each) for each in doubtful}}:
        raise Inconclusive("\n".join([f"{facet}: not known", *(f"- {key}: {unknown[key]}" for key in sorted(unknown))]))
