"""Every procedural language is there, as trusted as it was.

When it fails: functions in it cannot be created or called, or by too many.

How to mend: CREATE LANGUAGE, or CREATE EXTENSION for one that came with an extension; `rollproof repair` prints it, a
superuser runs it for one that is not trusted.

What it cannot see: the language's library.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_languages(expect: Expect) -> None:
    expect.restored("languages")
