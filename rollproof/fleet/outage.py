"""Whether bad news of a target may pass by itself, so that it is worth asking once more: its server is away, full, or was lost."""

from rollproof.model.errors import Crowded, Inconclusive, Misuse
from rollproof.verdict.outcome import Report

_PASSES = (
    *(
        "Connection refused",
        "No such file or directory",
        "timeout expired",
        "No route to host",
        "Network is unreachable",
    ),
    *("gave no answer", "no answer from", "query_wait_timeout", "too many", "connection slots are reserved"),
    *("starting up", "shutting down", "not yet accepting connections", "in recovery mode", "failed to resolve host"),
    *("connection was lost", "lost with its session", "server closed the connection", "terminating connection"),
    *("Connection reset by peer", "could not receive data", "Temporary failure in name resolution"),
)
"""What servers, libpq and we ourselves say then. A wrong password, role or database is not among it: it will be wrong again."""


def may_pass(error: Inconclusive | Misuse) -> bool:
    """Tell whether what ended a verification may be over when it is asked again."""
    return isinstance(error, Crowded) or (isinstance(error, Inconclusive) and says_so(str(error)))


def was_cut_off(report: Report) -> bool:
    """Tell whether a verification is INCONCLUSIVE because its database was lost on the way."""
    return report.exit_code == 7 and any(  # noqa: PLR2004 (the contract's number)
        says_so(each.reason) for each in report.outcomes if each.kind == "inconclusive"
    )


def says_so(text: str) -> bool:
    """Tell whether a reason is one that may pass."""
    return any(word in text for word in _PASSES)
