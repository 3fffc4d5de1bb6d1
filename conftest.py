"""The suite's front door: the plugins it is made of, in reading order."""

pytest_plugins = (
    "fixtures.options",
    "fixtures.run",
    "fixtures.sides",
    "fixtures.nouns",
    "fixtures.postgres",
    "reports.outcomes",
    "reports.files",
)
