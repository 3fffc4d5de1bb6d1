"""Every waiver of the checks that ran was needed, and no pattern matched more than it may, so none hides tomorrow's difference.

When it fails: remove what it names from rollproof.toml, or, if the day passed, decide anew. A pattern that matched more than
its `at_most` accepts nothing: what it had accepted before that was seen is not restored either.

How to mend: take the entries that it names out of rollproof.toml, or give them a new `until`, with a reason. Do not
widen a pattern to make this green: name the objects.

What it cannot see: whether the reason given is a good one.
"""

import pytest

from rollproof.model.errors import Misuse
from rollproof.model.failure import NotRestored
from rollproof.verdict.waivers import Waivers

pytestmark = [
    pytest.mark.pre_migration,
    pytest.mark.post_migration,
    pytest.mark.pre_rollback,
    pytest.mark.post_rollback,
    pytest.mark.final,
    pytest.mark.severity("low"),
]


def test_waivers(accepted: Waivers, checks_run: set[str]) -> None:
    if exceeded := accepted.exceeded_late():
        raise NotRestored(exceeded)
    if unused := accepted.unused(checks_run):
        raise Misuse("\n".join(["these waivers waive nothing (any more), remove them:", *map(str, unused)]))
