"""The suite's front door: the plugins it is made of, in reading order."""

pytest_plugins = (
    "fixtures.options",
    "fixtures.signals",
    "fixtures.verification",
    "fixtures.resume",
    "fixtures.phases",
    "fixtures.migrated",
    "fixtures.rehearsal",
    "fixtures.backup_file",
    "fixtures.postgres",
    "fixtures.bytecode",
    "reports.outcomes",
    "reports.progress",
    "reports.files",
)
