"""Every rewrite rule is back and applies when it did.

When it fails: writes go elsewhere than before, or are no longer turned away.

How to mend: `rollproof repair` prints CREATE OR REPLACE RULE, or ALTER TABLE … ENABLE RULE. One that was left behind:
DROP RULE.

What it cannot see: the rules that make a view a view (views).
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("high")]


def test_rules(expect: Expect) -> None:
    expect.restored("rules")
