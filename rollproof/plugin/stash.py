"""Where the plugin's modules find one another: one key of pytest's stash for each object that others need."""

from typing import Any

import pytest

RUN = pytest.StashKey[Any]()
"""What was asked for (`options.Run`); there is none where pytest was not asked to verify a database."""
NAMED = pytest.StashKey[Any]()
"""Which tests were named to be run (`own_checks.Named`)."""
SIDES = pytest.StashKey[Any]()
"""Both sides, and what becomes known of them (`run.Sides`)."""
CONFIGURED = pytest.StashKey[Any]()
"""Which features nobody configured (`not_configured.Features`)."""
OUTCOMES = pytest.StashKey[Any]()
"""What each case came to (`outcomes.Outcomes`)."""
WATCHER = pytest.StashKey[Any]()
"""What says, while somebody waits, how far the scans are (`progress.Watcher`)."""
FILES = pytest.StashKey[Any]()
"""What writes the reports (`files.Files`)."""
SUMMARY = pytest.StashKey[Any]()
"""What prints the verdict (`summary.Summary`)."""
METRICS = pytest.StashKey[Any]()
"""What writes the metrics (`run_metrics.Metrics`); only a run that was asked for them has it."""
INCIDENT = pytest.StashKey[Any]()
"""What enters the run in the timeline of an incident (`incident.Happened`)."""
