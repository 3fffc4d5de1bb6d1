"""Where a target's own page is, as a link from the fleet's folder."""

from urllib.parse import quote

from rollproof.verdict.fleet.target_outcome import TargetOutcome


def link(outcome: TargetOutcome) -> str:
    """Return the relative URL of a target's own page, quoted; "" if it has none."""
    return quoted(f"{outcome.folder}/{outcome.page}") if outcome.folder and outcome.page else ""


def quoted(path: str) -> str:
    """Return a path in the fleet's folder as a relative URL: a name may hold a percent sign, or begin as a scheme does."""
    return f"./{quote(path, errors='backslashreplace')}"
