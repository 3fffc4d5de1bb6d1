"""How long an endpoint takes now, against the time that the reference has: the median of several calls. Pure."""

from rollproof.model.finding import Finding
from rollproof.settings.endpoint import Endpoint

TIMES, LEAST = 3.0, 0.1
"""How many times as long, and by how many seconds, an answer may take longer until that is told, as a warning."""
LEAST_BY_CONFIGURATION = 0.02
"""By how many seconds it must be slower to break its own `max_slowdown`: shorter times vary by themselves."""


def is_slower(endpoint: Endpoint, was: float, now: float) -> bool:
    """Tell whether an endpoint takes so much longer than `was` recorded that it is to be told."""
    times, least = (TIMES, LEAST) if endpoint.max_slowdown is None else (endpoint.max_slowdown, LEAST_BY_CONFIGURATION)
    return now > was * times and now - was > least


def slowdown(check: str, endpoint: Endpoint, was: float, now: float, calls: int) -> Finding | None:
    """Return the finding that an endpoint is slower than it was, a warning unless it has a `max_slowdown`; None if not."""
    if not is_slower(endpoint, was, now):
        return None
    most = f", at most {endpoint.max_slowdown:g} times is allowed" if endpoint.max_slowdown else ""
    median = f"the median of {calls} calls" if calls > 1 else "one call"
    factor = f"{now / was:.1f} times as long as" if was else "longer than"
    sentence = f"endpoint {endpoint.name!r} takes {now:.3f} s ({median}), {factor} the {was:.3f} s recorded{most}"
    heals = endpoint.max_slowdown is None
    return Finding(check, endpoint.name, f"{was:.3f} s", f"{now:.3f} s", sentence, compared=True, heals=heals)
