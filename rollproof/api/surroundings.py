"""What holds for a program's verification: `rollproof.toml` of the current folder, the environment, and what the program says."""

import os

from msgspec.structs import replace

from rollproof.settings.configuration import Configured, configuration_file, resolve

_THE_PROGRAMS = {"ROLLPROOF_DATABASE_URL", "ROLLPROOF_REFERENCE", "ROLLPROOF_BACKUP_FILE"}
"""Variables in whose place the program speaks."""
Config = str | os.PathLike[str] | None


def configured(address: str, config: Config = None) -> Configured:
    """Return the settings for this database; which one it is, and what it is held against, no file and no variable says.

    `config` names a file in the place of `rollproof.toml`. Nothing is written, so what asks for files does not hold.
    """
    file = configuration_file(os.fspath(config) if config else None, os.environ)
    environment = {name: value for name, value in os.environ.items() if name not in _THE_PROGRAMS}
    settings = resolve({"database_url": address}, environment, file)
    alone = replace(
        settings,
        reference=None,
        backup_file=None,
        evidence_file=None,
        state_backup=None,
        metrics_file=None,
        at_risk=False,
        resume=False,
        checks=(),
    )
    return Configured(alone, file)


def for_a_block(asked: Configured) -> Configured:
    """Return the settings for a block of a program: it has no application that answers, and may begin with an empty database."""
    return Configured(replace(asked.settings.without_services, endpoints=(), allow_empty=True), asked.file)
