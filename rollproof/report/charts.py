"""Pictures of a run as inline SVG, each with its numbers as text: who agrees with whom, seconds, rows, answers. Pure.

A picture of what was not measured is empty text. Colours and sizes come from classes (`reports/charts.css`) and from attributes of
SVG, so that the page's policy needs to allow nothing for them; nothing is told by colour alone.
"""

from markupsafe import Markup

from rollproof.verdict.outcome import Report


def triangle(report: Report) -> Markup:  # noqa: ARG001 (drawn next)
    """Return which of reference, backup and live table hold the same rows, for each table with a copy."""
    return Markup("")


def durations(report: Report) -> Markup:  # noqa: ARG001 (drawn next)
    """Return the seconds of each stage, and of the tables that took longest to read."""
    return Markup("")


def rows(report: Report) -> Markup:  # noqa: ARG001 (drawn next)
    """Return the rows before and after, of the tables that differ or of which the number changed."""
    return Markup("")


def latency(report: Report) -> Markup:  # noqa: ARG001 (drawn next)
    """Return how long each endpoint took to answer, before and now."""
    return Markup("")
