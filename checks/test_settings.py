"""Every setting of the database and of roles in it is as it was.

When it fails: sessions start with another search_path, time zone or timeout; session_replication_role set here puts
triggers and foreign keys to sleep.

What it cannot see: the server's own configuration files.
"""

import pytest

from rollproof.probes.shared_objects import elsewhere
from rollproof.verdict.expect import require_restored

pytestmark = [pytest.mark.post_rollback, pytest.mark.structure, pytest.mark.severity("critical")]


def test_settings(before, after, accepted):
    require_restored("settings", before, after, accepted, harmless=elsewhere("settings", before, after))
