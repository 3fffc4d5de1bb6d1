"""An expression as PostgreSQL stores it (`pg_node_tree`): whether its planner, which works out constants, would call a function.

A call is worked out beforehand only if all that it is given is constant, or if the planner puts the function's own text in its
place. So a call that is given a column as it is stays a call, wherever it stands. Pure.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

_WORD = re.compile(r"\s*([(){}\[\]]|(?:\\.|[^\s(){}\[\]\\])+)", re.DOTALL)

# Nodes of which we know that they hold no call but their own, and no text that somebody chose. COERCETODOMAIN is not among them:
# to learn whether the domain has checks, the planner plans these.
_KNOWN = frozenset(
    """VAR CONST FUNCEXPR OPEXPR DISTINCTEXPR NULLIFEXPR SCALARARRAYOPEXPR BOOLEXPR RELABELTYPE COERCEVIAIO
    ARRAYCOERCEEXPR CASE WHEN CASEEXPR CASEWHEN CASETESTEXPR COALESCE COALESCEEXPR NULLTEST BOOLEANTEST ARRAY ARRAYEXPR
    COLLATEEXPR COLLATE SUBSCRIPTINGREF FIELDSELECT MINMAX MINMAXEXPR""".split()  # noqa: SIM905 (a reader's list)
)
_OWN = 16384
"""What users make has numbers from here on; what is below is PostgreSQL's own."""
_CALLS = {"FUNCEXPR": "funcid", **dict.fromkeys(("OPEXPR", "DISTINCTEXPR", "NULLIFEXPR", "SCALARARRAYOPEXPR"), "opno")}


class StrangeError(ValueError):
    """The text is no tree that we know how to read."""


@dataclass(frozen=True)
class Node:
    """One node: what it is, and its fields; each holds words, nodes and lists of them."""

    kind: str
    fields: dict[str, list[object]] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Return a field that is a number. Raises `StrangeError`."""
        values = self.fields.get(name, [])
        if len(values) != 1 or not (isinstance(values[0], str) and values[0].isdigit()):
            raise StrangeError(f"{self.kind} has no {name}")
        return int(values[0])


def parsed(text: str) -> list[object]:
    """Return the nodes and lists that a stored expression is made of. Raises `StrangeError`."""
    words = [found[1] for found in _WORD.finditer(text)]
    return _items(words, 0, "")[0]


def _items(words: Sequence[str], at: int, end: str) -> tuple[list[object], int]:
    items: list[object] = []
    while at < len(words) and words[at] != end:
        if words[at] == "{":
            node, at = _node(words, at + 1)
            items.append(node)
        elif words[at] in {"(", "["}:
            part, at = _items(words, at + 1, {"(": ")", "[": "]"}[words[at]])
            items.append(part)
            at += 1
        elif words[at] in {")", "]", "}"}:
            raise StrangeError("a bracket has no partner")
        else:
            items.append(words[at])
            at += 1
    if end and at >= len(words):
        raise StrangeError("a bracket has no partner")
    return items, at


def _node(words: Sequence[str], at: int) -> tuple[Node, int]:
    inside, at = _items(words, at, "}")
    if not inside or not isinstance(inside[0], str):
        raise StrangeError("a node without a name")
    node = Node(inside[0])
    for item in inside[1:]:
        if isinstance(item, str) and item.startswith(":"):
            name = item[1:]
            if name in node.fields:
                raise StrangeError(f"{node.kind} has {name} twice")
            node.fields[name] = []
        elif not node.fields:
            raise StrangeError(f"{node.kind} holds {item}")
        else:
            node.fields[name].append(item)
    return node, at + 1


def stay_calls(text: str, functions: Collection[int], operators: Collection[int]) -> bool:
    """Tell whether none of these (by oid) is called with constants alone, all through a stored expression; doubt is no.

    That holds for functions whose text the planner does not put in place of the call, and that have no arguments by default.
    """
    try:
        return all(
            node.kind in _KNOWN and (not _is_one(node, functions, operators) or any(map(_stays, _arguments(node))))
            for node in _nodes(parsed(text))
        )
    except (StrangeError, RecursionError):
        return False


def _nodes(items: Sequence[object]) -> Iterator[Node]:
    for item in items:
        if isinstance(item, Node):
            yield item
            for values in item.fields.values():
                yield from _nodes(values)
        elif isinstance(item, list):
            yield from _nodes(item)


def _is_one(node: Node, functions: Collection[int], operators: Collection[int]) -> bool:
    if node.kind not in _CALLS:
        return False
    return node.number(_CALLS[node.kind]) in (functions if node.kind == "FUNCEXPR" else operators)


def _arguments(call: Node) -> list[Node]:
    held = call.fields.get("args", [])
    if len(held) != 1 or not isinstance(held[0], list) or not all(isinstance(each, Node) for each in held[0]):
        raise StrangeError(f"{call.kind} without arguments")
    return held[0]


def _stays(node: Node) -> bool:
    """Tell whether the planner cannot know a value: a column, or what a function of PostgreSQL's own makes of one."""
    if node.kind == "VAR":
        return True
    if node.kind in {"RELABELTYPE", "COERCEVIAIO", "COLLATEEXPR", "COLLATE"}:
        inner = node.fields.get("arg", [])
        return len(inner) == 1 and isinstance(inner[0], Node) and _stays(inner[0])
    if node.kind in {"COALESCE", "COALESCEEXPR"}:  # the first that is not constant stays, whatever comes after it
        return any(map(_stays, _arguments(node)[:1]))
    # Of a column and a NULL, many a function's answer is NULL before it is called: so all else that it is given must be there.
    if node.kind in {"FUNCEXPR", "OPEXPR"} and node.number(_CALLS[node.kind]) < _OWN:
        arguments = [each for each in _arguments(node) if not _is_there(each)]
        return bool(arguments) and all(map(_stays, arguments))
    return False


def _is_there(node: Node) -> bool:
    return node.kind == "CONST" and node.fields.get("constisnull") == ["false"]
