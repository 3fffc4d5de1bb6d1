"""Limits that hold unless somebody sets others, for the settings and for whoever reads a database without settings."""

JOBS = 2
"""Sessions that read at the same time."""
LOCK_TIMEOUT = 2.0
"""Seconds to wait for a lock on a table."""
STATEMENT_TIMEOUT = 3600.0
"""Seconds after which one query is cancelled."""
MAX_PAUSE = 600.0
"""Seconds to wait, in all, for replicas and other sessions."""
