"""The files of a new check or a new catalogue facet, to be filled in.

    uv run python tools/new.py check NAME      # the check, and a case that must fail it
    uv run python tools/new.py facet NAME      # the facet's SQL and its row in facets.toml, its check, and a case that must fail it

Until the case's change.sql makes the check fail, `uv run pytest scenarios/test_cases.py -k NAME` is red; until the check is
written, `just lint` is.
"""

import re
import sys
from bisect import bisect
from pathlib import Path
from string import Template

ROOT = Path(__file__).parent.parent
SKELETONS = Path(__file__).parent / "skeletons"
FACETS = "rollproof/catalog/facets.toml"
CASE = {"change.sql": "scenarios/cases/$name/change.sql", "expect.toml": "scenarios/cases/$name/expect.toml"}
FILES = {
    "check": {"check.py.txt": "checks/test_$name.py", **CASE},
    "facet": {
        "facet.sql": "rollproof/catalog/sql/$name.sql",
        "facet_check.py.txt": "checks/test_$name.py",
        **CASE,
    },
}
_TABLE = re.compile(r"^\[(\w+)\]$", re.MULTILINE)


def with_row(text: str, name: str) -> str:
    """Return facets.toml with a row for a facet, in its place among those that stand in the order of the alphabet."""
    tables = list(_TABLE.finditer(text))
    ordered = len(tables) - 1
    while ordered and tables[ordered - 1][1] < tables[ordered][1]:
        ordered -= 1
    place = ordered + bisect([table[1] for table in tables[ordered:]], name)
    at = tables[place].start() if place < len(tables) else len(text)
    before, after = text[:at].rstrip("\n"), text[at:]
    return f"{before}\n\n[{name}]\n" + (f"\n{after}" if after else "")


def write(kind: str, name: str) -> list[Path]:
    """Write the skeletons, and return where. Nothing is written if one of the files is there."""
    new = {
        ROOT / Template(place).substitute(name=name): SKELETONS / skeleton for skeleton, place in FILES[kind].items()
    }
    if there := [path for path in new if path.exists()]:
        sys.exit(f"there is a {there[0].relative_to(ROOT)} already")
    for path, skeleton in new.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(Template(skeleton.read_text("utf-8")).safe_substitute(name=name), "utf-8")
    changed = []
    if kind == "facet":
        changed = [ROOT / FACETS]
        changed[0].write_text(with_row(changed[0].read_text("utf-8"), name), "utf-8")
    return [*new, *changed]


def main() -> None:
    """Write, and say what is to be filled in."""
    match sys.argv[1:]:
        case [("check" | "facet") as kind, name] if re.fullmatch("[a-z][a-z0-9_]*", name):
            written = write(kind, name)
        case _:
            sys.exit(f"{__doc__}\nNAME is small letters and underscores; it is the name in every report")
    lines = [f"  {path.relative_to(ROOT)}" for path in written]
    sys.stdout.write("\n".join(["to fill in:", *lines, f"then: uv run pytest scenarios/test_cases.py -k {name}", ""]))


if __name__ == "__main__":
    main()
