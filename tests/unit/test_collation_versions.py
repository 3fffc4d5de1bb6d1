"""A collation's version against the library's: what it means for what is sorted."""

from fixtures.every import every
from rollproof.model.compare import Difference
from rollproof.probes.collation_versions import sorted_as_before


@every(
    ("was", "now", "same", "fine"),
    [
        ("VERSION 1", "VERSION 2", True, False),  # refreshed, and nobody knows whether the indexes were made again
        ("VERSION 1", "VERSION 2", False, True),  # restored elsewhere: all was sorted there
        ("recorded with VERSION 1, the library has 2", "VERSION 2", True, True),
        ("recorded with VERSION 1, the library has 2", "recorded with VERSION 1, the library has 3", True, False),
        ("recorded with VERSION 1, the library has 2\nsorted by it: index a.b", "recorded with VERSION 1, the library has 2",
            True, True),
        (None, "VERSION 1", True, True),
        (None, "recorded with VERSION 1, the library has 2", False, False),
        ("VERSION 1", None, True, True),
        ("no VERSION recorded, the library has 1", "no VERSION recorded, the library has 2", True, False),
    ],
)  # fmt: skip
def test_a_version_is_judged_by_what_it_means_for_what_is_sorted(was, now, same, fine):
    assert sorted_as_before(Difference("collation_versions", "c", was, now), same_server=same) == fine
