"""Every object belongs to the role it belonged to.

When it fails: the owner can no longer alter it, and what runs with its owner's rights runs with somebody else's.

How to mend: ALTER … OWNER TO …, which `rollproof repair` prints. REASSIGN OWNED is too much: it takes all that the
role has.

What it cannot see: what follows its table (indexes, row types).
"""

import pytest

from rollproof.sources.live import Live
from rollproof.sources.shared_objects import of_other_databases
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_owners(expect: Expect, before: Source, after: Live) -> None:
    expect.restored("owners", harmless=of_other_databases("owners", before, after))
