"""What `mutmut run` found, as a Markdown table: for each module, how many of its planted mistakes a test noticed.

    uv run python tools/mutants.py FOLDER [LEAST]     # exit code 1 if fewer than LEAST per cent were noticed altogether

A mistake in a function that no test calls counts as not noticed.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# Exit codes that mutmut records: pytest failed, pytest could not go on, and the three forms of "it took too long".
NOTICED = {1, 3, 24, 36, 152}
UNCALLED = {5, 33}
HEADING = ("| module | planted | noticed | not noticed | in no tested function | share |", "|---|---|---|---|---|---|")


def counted(codes: list[int | None]) -> Counter[str]:
    """Return how many mutants were noticed, unnoticed, in no test's way, and not tried."""
    return Counter(
        "noticed" if code in NOTICED else "uncalled" if code in UNCALLED else "untried" if code is None else "unnoticed"
        for code in codes
    )


def modules(folder: Path) -> Iterator[tuple[str, Counter[str]]]:
    """Yield each mutated module's name and its counts."""
    for path in sorted(folder.rglob("*.py.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"].values()
        if codes:
            name = path.as_posix().removesuffix(".meta")
            yield name[name.rindex("rollproof/") :], counted([*codes])


def row(name: str, counts: Counter[str]) -> str:
    """Return a line of the table."""
    noticed, unnoticed, uncalled = (counts[what] for what in ("noticed", "unnoticed", "uncalled"))
    return f"| {name} | {counts.total()} | {noticed} | {unnoticed} | {uncalled} | {share(counts):.0f} % |"


def share(counts: Counter[str]) -> float:
    """Return how many of a hundred were noticed."""
    return 100 * counts["noticed"] / counts.total()


def main() -> None:
    """Print the table, and fail below the limit."""
    found = dict(modules(Path(sys.argv[1])))
    total = sum(found.values(), Counter[str]())
    if not total or total["untried"]:
        sys.exit(f"mutation testing did not end: {total['untried']} mutants were not tried")
    table = [*HEADING, *(row(name, counts) for name, counts in found.items()), row("**all**", total)]
    sys.stdout.write("\n".join(table) + "\n")
    least = float(sys.argv[2]) if sys.argv[2:] else 0
    if share(total) < least:
        sys.exit(f"{share(total):.1f} % of the planted mistakes were noticed, fewer than {least:g} %")


if __name__ == "__main__":
    main()
