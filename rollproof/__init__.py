"""Did the rollback of this migration really put the PostgreSQL database back?

From the ground up: each package or module uses only those above it.

    model/        frozen values and pure functions: errors, names, snapshots, differences
    repair/       what puts definitions and rows back: a plan of SQL statements
    system/       the process we run in: signals, deadlines, threads, child processes, files
    settings/     every option and every key of rollproof.toml
    server/       one server, one read-only instant of it, read with manners
    catalog/      what is defined: one SQL file per facet, pg_dump as second witness
    rows/         what is stored: counts and fingerprints of tables, which rows differ
    sources/      what was and what is: a baseline file, a database, the migration's copies
    backup/       the migration's own copies of tables
    probes/       what is asked of a database beside facets and rows
    migration/    what happened in between: the log, states of tables, fate of rows, losses
    verdict/      what it means: findings, causes, repair statements, the verdict
    incident/     the night around it: the timeline, and who is told
    report/       the reports, as functions from a verification's result to text
    throwaway/    throw-away servers, and databases on them: restored, cloned, copied, filled
    commands/     one file per command of the command line
    plugin/       the pytest plugin: options, parametrisation, fixtures of checks, outcomes
    api/          what a program calls: capture, verify, unchanged
    fleet/        many databases: targets, workers, one report
    rehearsal/    any migration and its rollback tried on a throw-away database
    cli           the command line
    __main__      where the process begins and ends, and its exit code

For pytest, which would warn where a program has imported it before the plugin: PYTEST_DONT_REWRITE
"""

# What they are, type checkers read in `__init__.pyi`.
__all__ = [
    "Baseline",
    "Inconclusive",
    "Misuse",
    "NotRestored",
    "NothingWritten",
    "Report",
    "assert_restored",
    "capture",
    "load",
    "unchanged",
    "verify",
]
__version__: str


def __getattr__(name: str) -> object:
    """Look up the version, and what programs call, when they are asked for: that takes longer than to be ready for a signal."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 (that is what this is for)

        found: object = version("rollproof")
    elif name in __all__:
        from importlib import import_module  # noqa: PLC0415 (the same)

        found = getattr(import_module("rollproof.api"), name)
    else:
        raise AttributeError(f"module 'rollproof' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return what there is, also as long as nobody asked for it."""
    return sorted({*globals(), *__all__, "__version__"})
