"""Every sequence has its type, range, step and owner back.

When it fails: a sequence without its owner stays behind when the table goes; another range or step gives keys that
others did not expect.

How to mend: ALTER SEQUENCE … AS, MINVALUE, INCREMENT, OWNED BY, which `rollproof repair` prints. It does not move the
sequence: sequence_positions tells that.

What it cannot see: where it stands (sequence_positions).
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_sequences(expect: Expect) -> None:
    expect.restored("sequences")
