"""Did the rollback of this migration really put the PostgreSQL database back?

From the ground up: each package or module uses only those above it.

    model/        frozen values and pure functions: errors, names, snapshots, differences
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
    report/       the reports, as functions from a verification's result to text
    rehearsal/    throw-away servers, restored dumps, a migration told as a story
    commands/     one file per command of the command line
    plugin/       the pytest plugin: options, parametrisation, fixtures of checks, outcomes
    cli           the command line
    __main__      where the process begins and ends, and its exit code
"""

__version__: str


def __getattr__(name: str) -> str:
    """Look up the version when it is asked for: that takes longer than to be ready for a signal."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import version  # noqa: PLC0415 (that is what this is for)

    globals()[name] = found = version("rollproof")
    return found
