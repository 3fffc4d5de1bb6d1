"""When an answer takes so much longer than before that it is told."""

from msgspec.structs import replace

from fixtures.every import every
from rollproof.probes.endpoints.latency import slowdown
from rollproof.settings.endpoint import Endpoint

ME = Endpoint("me", "http://localhost/")


@every(
    ("most", "was", "now", "heals"),
    [
        (None, 0.05, 0.151, True),
        (None, 0.05, 0.149, None),  # not 0.1 s longer
        (None, 0.2, 0.59, None),  # not three times as long
        (None, 0.0, 0.2, True),
        (2.0, 0.05, 0.101, False),
        (2.0, 0.05, 0.099, None),
        (2.0, 0.005, 0.02, None),  # not 0.02 s longer
        (10.0, 0.1, 0.9, None),
    ],
)
def test_slower_is_a_warning_and_by_configuration_a_failure(most, was, now, heals):
    found = slowdown("endpoint_latency", replace(ME, max_slowdown=most), was, now, 5)

    assert (found and found.heals) is heals


def test_the_sentence_says_how_it_was_measured():
    assert slowdown("x", replace(ME, max_slowdown=2.0), 0.1, 0.45, 5).sentence == (
        "endpoint 'me' takes 0.450 s (the median of 5 calls), 4.5 times as long as the 0.100 s recorded, at most 2 times is allowed"
    )
    assert slowdown("x", ME, 0.0, 0.45, 1).sentence == (
        "endpoint 'me' takes 0.450 s (one call), longer than the 0.000 s recorded"
    )


@every(
    ("method", "calls", "times"), [("GET", None, 5), ("POST", None, 1), ("PUT", None, 1), ("POST", 3, 3), ("GET", 1, 1)]
)
def test_what_may_change_something_is_asked_more_than_once_only_if_somebody_says_so(method, calls, times):
    assert replace(ME, method=method, calls=calls).times == times
