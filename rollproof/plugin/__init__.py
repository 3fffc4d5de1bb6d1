"""The pytest plugin: the only part of the engine that knows pytest.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    stash -             the keys under which the modules find one another
    signals -           a signal ends pytest in order, with reports written
    terminal_output -   what pytest prints, without secrets and control characters
    case -              a pytest item as a case: its check, table and severity
    options             pytest's options and the phase that -m names
    run -               both sides prepared before collection, scans begun, sessions let go of
    not_configured -    features that are not configured, whose checks have no cases
    parametrize -       cases of a check: one per table or group of tables, in which order
    nouns -             fixtures of the checks: both sides
    nouns_of_preflight - fixtures about surroundings: sessions, room, endpoints, baseline
    nouns_of_migration - fixtures about a migration: log, types, states, fate of rows
    resume -            --resume: fingerprints kept in the report folder
    selection -         how many of a phase's cases were selected
    outcomes -          what each case came to
    progress -          how far the scans are
    files -             reports written, the verdict printed
    github -            in GitHub Actions: annotations, and the step's summary
"""

import pytest

pytest_plugins = tuple(
    f"rollproof.plugin.{name}"
    for name in (
        "terminal_output",
        "options",
        "signals",
        "run",
        "not_configured",
        "parametrize",
        "nouns",
        "nouns_of_preflight",
        "nouns_of_migration",
        "resume",
        "outcomes",
        "progress",
        "files",
        "github",
    )
)
"""What the plugin is made of, in the order in which pytest calls them where nothing else is said."""


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run without one of them: a run would say less than it seems to."""
    if missing := [name for name in pytest_plugins if not config.pluginmanager.has_plugin(name)]:
        raise pytest.UsageError(f"-p no:{' -p no:'.join(missing)}: rollproof cannot do without; leave that out")
