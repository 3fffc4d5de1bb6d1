"""Every setting of the database and of roles in it is as it was.

When it fails: sessions start with another search_path, time zone or timeout; session_replication_role set here puts
triggers and foreign keys to sleep.

How to mend: ALTER DATABASE … SET or ALTER ROLE … IN DATABASE … SET (or RESET), which `rollproof repair` prints. It
counts for new sessions only: let the application and the pooler connect again.

What it cannot see: the server's own configuration files.
"""

import pytest

from rollproof.sources.live import Live
from rollproof.sources.shared_objects import of_other_databases
from rollproof.sources.source import Source
from rollproof.verdict.expect import Expect

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("critical")]


def test_settings(expect: Expect, before: Source, after: Live) -> None:
    expect.restored("settings", harmless=of_other_databases("settings", before, after))
