"""Every text search configuration, dictionary, parser and template is as it was.

When it fails: searches find other rows, and stored tsvectors no longer match new ones.

How to mend: `rollproof repair` prints its CREATE or ALTER TEXT SEARCH statements. Then write stored tsvectors anew;
dictionaries need their files on the server.

What it cannot see: dictionary files on the server's disk.
"""

import pytest

from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("medium")]


def test_text_search(expect: Expect) -> None:
    expect.restored("text_search")
