"""Plans of queries as EXPLAIN tells them, without any value: nodes, tables, indexes, cost; time and pages if they ran. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

TOLD = ("Join Type", "Relation Name", "Index Name", "Function Name", "CTE Name")
_PINNED = {  # by ourselves, in every transaction
    *("search_path", "constraint_exclusion", "enable_tidscan", "jit", "work_mem", "max_parallel_workers_per_gather"),
}
_BITMAP = re.compile(
    r"^(?P<depth> *)Bitmap Heap Scan(?P<table>, Relation Name .*)\n(?P=depth)  Bitmap Index Scan(?P<index>, Index Name .*)$",
    re.MULTILINE,
)
_SCAN = re.compile(
    r"^ *(?P<node>[\w ]+?)(?:, Relation Name (?P<table>.*?))?(?:, Index Name (?P<index>.*))?$", re.MULTILINE
)


class QueryPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """The plan of a query: its `shape`, one node a line, indented below its parent; its estimated `cost`, None if nobody kept it.

    `milliseconds` and `pages` (of 8 kB, from the cache or not) are those of a run, None if it was merely planned. `settings` are
    those of the planner's that are not PostgreSQL's defaults.
    """

    shape: str
    cost: float | None = None
    milliseconds: float | None = None
    pages: int | None = None
    settings: dict[str, str] = {}

    @property
    def alike(self) -> str:
        """The shape with every way to use an index told in the same words: PostgreSQL chooses among them by small things."""
        one = _BITMAP.sub(r"\g<depth>Index Scan\g<table>\g<index>", self.shape)
        return one.replace("Index Only Scan", "Index Scan")

    @property
    def sequential(self) -> tuple[str, ...]:
        """The tables that are read whole, sorted."""
        return tuple(sorted({found["table"] for found in self._scans if found["node"].endswith("Seq Scan")}))

    @property
    def tables(self) -> frozenset[str]:
        """The tables that are read, by their names alone, as they are without quotes."""
        return frozenset(found["table"] for found in self._scans if found["table"])

    @property
    def indexed(self) -> bool:
        """Whether an index is used."""
        return any(found["index"] for found in self._scans)

    @property
    def brief(self) -> str:
        """Its nodes in one line: Index Scan by users_pkey."""
        nodes = [f"{found['node']} by {found['index']}" if found["index"] else found["node"] for found in self._scans]
        return ", ".join(dict.fromkeys(nodes))

    @property
    def _scans(self) -> Iterator[re.Match[str]]:
        return _SCAN.finditer(self.alike)


def read(document: Sequence[Mapping[str, Any]], *, apart: bool = False) -> QueryPlan:
    """Return the plan in an answer of EXPLAIN (FORMAT JSON); with `apart` what the query computes first is left out of it."""
    whole = document[0]
    root = whole["Plan"]
    first = [each for each in root.get("Plans", ()) if apart and each.get("Parent Relationship") == "InitPlan"]
    ran = [each for each in first if not each["Subplan Name"].startswith("CTE ")]  # which are read through the others
    plan = {**root, "Plans": [each for each in root.get("Plans", ()) if each not in first]}
    return QueryPlan(
        "\n".join(_shape(plan, 0)),
        round(root["Total Cost"] - sum(each["Total Cost"] for each in first), 2),
        round(max(_time(root) - sum(map(_time, ran)), 0.0), 3) if "Actual Total Time" in root else None,
        max(_pages(root) - sum(map(_pages, ran)), 0) if "Actual Total Time" in root else None,
        {name: value for name, value in whole.get("Settings", {}).items() if name not in _PINNED},
    )


def _time(node: Mapping[str, Any]) -> float:
    return float(node["Actual Total Time"]) * int(node["Actual Loops"]) if "Actual Total Time" in node else 0.0


def _pages(node: Mapping[str, Any]) -> int:
    return int(node.get("Shared Hit Blocks", 0)) + int(node.get("Shared Read Blocks", 0))


def _shape(node: Mapping[str, Any], depth: int) -> Iterator[str]:
    told = (f"{word} {node[word]}".replace("\n", "\\n") for word in TOLD if word in node)  # a node is one line
    yield "  " * depth + ", ".join([str(node["Node Type"]), *told])
    for child in node.get("Plans", ()):
        yield from _shape(child, depth + 1)
