"""Options that changed, as ALTER sets them back. Pure."""

from collections.abc import Iterator

from rollproof.repair.clauses.tables import listed_options, options_of
from rollproof.repair.clauses.wording import literal


def changed_options(was: str, now: str, prefix: str = "") -> Iterator[str]:
    """Yield `SET (…)` and `RESET (…)` for options as descriptions list them."""
    before, after = options_of(was), options_of(now)
    if gone := [f"{prefix}{name}" for name in after if name not in before]:
        yield f"RESET ({', '.join(gone)})"
    if changed := {name: value for name, value in before.items() if after.get(name) != value}:
        yield f"SET ({listed_options(changed, prefix=prefix)})"


def changed_foreign_options(was: str, now: str) -> str:
    """Return what stands in `OPTIONS (…)` to set the options of a foreign table, or of its column, back."""
    before, after = options_of(was), options_of(now)
    gone = [f"DROP {name}" for name in after if name not in before]
    changed = [
        f"{'SET' if name in after else 'ADD'} {name} {literal(value)}"
        for name, value in before.items()
        if after.get(name) != value
    ]
    return ", ".join([*gone, *changed])
