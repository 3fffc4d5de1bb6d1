"""What a baseline keeps of the application's answers (status and keys, seconds, digests of values), and what differs from it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rollproof.model.compare import Difference, compare
from rollproof.model.failure import NotRestored
from rollproof.model.finding import Finding
from rollproof.model.snapshot import Facts
from rollproof.probes.endpoints.answer import Answer, Heard
from rollproof.probes.endpoints.application import Application
from rollproof.probes.endpoints.exchange import CHECK
from rollproof.probes.endpoints.latency import is_slower, slowdown
from rollproof.probes.endpoints.values import VALUES, changed, kept
from rollproof.settings.endpoint import Endpoint
from rollproof.system.deadline import NEVER, Deadline

ANSWERS, SECONDS = "endpoint_answers", "endpoint_seconds"
LATENCY = "endpoint_latency"
CHECKS = frozenset({CHECK, ANSWERS, LATENCY, VALUES})
"""The checks about endpoints: what they tell comes from an application."""
Found = Finding | Difference


def without_values(answer: Answer) -> str:
    """Return an answer without its values."""
    keys = "no JSON object" if answer.keys is None else f"keys {', '.join(sorted(answer.keys))}"
    return f"status {answer.status}, {answer.media_type or 'no type'}, {keys}"


def recorded_answers(
    endpoints: Iterable[Endpoint], environment: Mapping[str, str], deadline: Deadline = NEVER
) -> dict[str, dict[str, str]]:
    """Return the facets of a baseline about these endpoints, each identity → description. Raises as `Application.answer` does."""
    every = list(endpoints)
    application = Application(every, environment, deadline)
    found: dict[str, dict[str, str]] = {ANSWERS: {}, SECONDS: {}}
    for each in (each for each in every if each.recorded):
        heard = application.answer(each.name)
        found[ANSWERS][each.name] = application.hide(without_values(heard.answer))
        found[SECONDS][each.name] = f"{application.seconds(each.name, each.times):.3f}"
        if each.values:
            found.setdefault(VALUES, {}).update(kept(each, heard))
    return {facet: facts for facet, facts in found.items() if facts}


@dataclass(frozen=True)
class Comparison:
    """The answers of an application held against the recorded ones. Each method yields what differs of one endpoint.

    An endpoint that does not answer as it should is told again, as a consequence of what the check `endpoints` says: nothing in
    its answer can be compared. `show` says that values may be shown, `respelled` that the migration spells some otherwise.
    """

    application: Application
    recorded: Mapping[str, Facts]
    show: bool = False
    respelled: bool = False

    def answer(self, endpoint: Endpoint) -> Iterator[Found]:
        """Yield the difference of status, kind and keys."""
        was = self.recorded[ANSWERS][endpoint.name]

        def differences(heard: Heard) -> Iterator[Found]:
            now = self.application.hide(without_values(heard.answer))
            return iter(compare(ANSWERS, {endpoint.name: was}, {endpoint.name: now}))

        return self._of(ANSWERS, endpoint, differences)

    def values(self, endpoint: Endpoint) -> Iterator[Found]:
        """Yield each of its `values` that is not the recorded one."""
        facts = self.recorded[VALUES]
        how = {"show": self.show, "respelled": self.respelled}
        return self._of(VALUES, endpoint, lambda heard: changed(endpoint, heard, facts, **how))

    def latency(self, endpoint: Endpoint) -> Iterator[Found]:
        """Yield whether it is slower. Without limits of its own it is asked again only where the first answer was slow."""
        was = float(self.recorded[SECONDS][endpoint.name])

        def slower(heard: Heard) -> Iterator[Found]:
            configured = endpoint.max_slowdown is not None or endpoint.calls is not None
            calls = endpoint.times if configured or is_slower(endpoint, was, heard.answer.seconds) else 1
            now = self.application.seconds(endpoint.name, calls)
            yield from filter(None, [slowdown(LATENCY, endpoint, was, now, self.application.calls(endpoint.name))])

        return self._of(LATENCY, endpoint, slower)

    def _of(self, check: str, endpoint: Endpoint, ask: Callable[[Heard], Iterator[Found]]) -> Iterator[Found]:
        try:
            heard = self.application.answer(endpoint.name)
        except NotRestored:
            sentence = f"endpoint {endpoint.name!r} does not answer as it should, so nothing in its answer is compared"
            yield Finding(check, endpoint.name, sentence=sentence)
        else:
            yield from map(self.application.hide, ask(heard))
