"""Whether the order of a table's columns counts: for a table, for the project, and in what pg_dump says of the table. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rollproof.model.compare import Difference
from rollproof.model.names import table_of, tokens
from rollproof.settings.options import Settings

_DEEPER = {"(": 1, "[": 1, ")": -1, "]": -1}


@dataclass(frozen=True)
class ColumnOrder:
    """The setting `column_order`: `compare`, `warn` or `ignore`; a table's own setting counts more than the project's."""

    settings: Settings

    def ignored(self, difference: Difference) -> bool:
        """Tell whether this is a matter of order alone, of a table where that does not count."""
        return self._of(difference) == "ignore" and _order_alone(difference)

    def warned(self, difference: Difference) -> bool:
        """Tell whether this is a matter of order alone, of a table where that is a warning."""
        return self._of(difference) == "warn" and _order_alone(difference)

    def _of(self, difference: Difference) -> str:
        rule = self.settings.tables.get(table_of(difference.identity) or "")
        return (rule and rule.column_order) or self.settings.column_order


def _order_alone(difference: Difference) -> bool:
    before, after = difference.before, difference.after
    if before is None or after is None:
        return False
    if difference.facet == "column_order":
        return Counter(_split(before, ",")) == Counter(_split(after, ","))
    about_a_table = difference.facet == "pg_dump" and difference.identity.endswith(" (TABLE)")
    return about_a_table and _Entry.of(before) == _Entry.of(after) is not None


@dataclass(frozen=True)
class _Entry:
    """What pg_dump says of one table, such that two are equal if only the order of columns differs."""

    beginning: str
    columns: frozenset[tuple[str, int]]
    constraints: tuple[str, ...]
    end: str
    statements: frozenset[tuple[str, int]]  # that set something of one column each, in the order of the columns

    @classmethod
    def of(cls, text: str) -> "_Entry | None":
        """Return the entry; None where it has another shape than CREATE TABLE name (…) …, which then is as it is."""
        create, *more = _split(text, ";")
        parts = _around_the_first_list(create)
        if parts is None or not create.startswith("CREATE "):
            return None
        beginning, inside, end = parts
        items = _split(inside, ",")
        constraints = tuple(item for item in items if item.startswith("CONSTRAINT "))
        columns = _counted(item for item in items if item not in constraints)
        return cls(beginning, columns, constraints, end, _counted(more))


def _counted(texts: Iterable[str]) -> frozenset[tuple[str, int]]:
    return frozenset(Counter(texts).items())


def _split(text: str, sign: str) -> list[str]:
    """Return the parts between signs that stand in no bracket, string, name or comment, without the blanks around them."""
    parts, depth = [""], 0
    for kind, token in tokens(text):
        depth += _DEEPER.get(token, 0)
        if (kind, token, depth) == ("sign", sign, 0):
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts]


def _around_the_first_list(text: str) -> tuple[str, str, str] | None:
    """Return what stands before, inside and after the first parentheses; None where there are none, or no end of them."""
    parts, place, depth = ["", "", ""], 0, 0
    for _, part in tokens(text):
        depth += _DEEPER.get(part, 0)
        if place == 0 and part == "(":
            place = 1
        elif place == 1 and depth == 0:
            place = 2
        else:
            parts[place] += part
    return (parts[0], parts[1], parts[2]) if place == 2 else None  # noqa: PLR2004 (the last of the three)
