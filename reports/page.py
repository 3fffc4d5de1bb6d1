"""The report as one HTML page: no script, no outside resource, everything escaped."""

import base64
import hashlib
from collections import Counter
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.outcomes import KINDS

_HERE = Path(__file__).parent
SEVERITIES = ("critical", "high", "medium", "low")
SHOWN = 200  # outcomes with evidence


def page(report) -> str:
    """Return the page. Its Content-Security-Policy allows its own style, by hash, and nothing else."""
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
    environment.filters["visible"] = visible
    style = (_HERE / "page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    worst_first = sorted(
        report.outcomes, key=lambda outcome: (KINDS.index(outcome.kind), SEVERITIES.index(outcome.severity))
    )
    bad = [outcome for outcome in worst_first if outcome.kind not in ("verified", "not checked")]
    checks = {
        check: Counter(outcome.kind for outcome in report.outcomes if outcome.check == check)
        for check in report.promises
    }
    return environment.get_template("page.html.j2").render(
        report=report,
        style=style,
        digest=digest,
        bad=bad[:SHOWN],
        more=max(0, len(bad) - SHOWN),
        checks={check: counts for check, counts in checks.items() if counts},
        seconds={check: sum(o.seconds for o in report.outcomes if o.check == check) for check in checks},
        unchecked=sorted({(o.check, o.text) for o in report.outcomes if o.kind == "not checked"}),
    )


def visible(text: str) -> str:
    """Return text in which what has no shape of its own (controls, direction marks) is written as its code."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else letter.encode("unicode_escape").decode()
        for letter in text
    )
