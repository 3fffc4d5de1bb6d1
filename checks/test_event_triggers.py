"""Every event trigger is back and fires when it did.

When it fails: DDL goes unwatched, or is refused by a trigger that the migration left behind.

How to mend: `rollproof repair` prints CREATE EVENT TRIGGER, or ALTER EVENT TRIGGER … ENABLE; a superuser runs it. Run
it after all other statements, or it watches those.

What it cannot see: what its function does (functions).
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_event_triggers(expect: Expect) -> None:
    expect.restored("event_triggers")
