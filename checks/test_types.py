"""Every enum, domain, composite, range and base type is as it was, enum labels in their order.

When it fails: an enum with its labels in another order sorts and compares differently; a domain without its check
lets anything in.

How to mend: `rollproof repair` prints ALTER TYPE … ADD VALUE BEFORE, ALTER DOMAIN … ADD CONSTRAINT and their like. An
enum's label cannot be dropped or moved: make the type anew, and the columns with ALTER COLUMN … TYPE … USING.

What it cannot see: types that an extension brought.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.post_rollback,
    pytest.mark.structure,
    pytest.mark.types,
    pytest.mark.constraints,
    pytest.mark.severity("critical"),
]


def test_types(expect: Expect) -> None:
    expect.restored("types")
