"""The configuration of a run, from what pytest read of the command line."""

import os
from typing import Any

from rollproof.plugin.words import given
from rollproof.settings.configuration import Configured, configuration_file, resolve
from rollproof.settings.option_table import OPTIONS
from rollproof.system.bundle import suite_root


def configured(config: Any, option: Any) -> Configured:
    """Return what was asked for; a rehearsal is of the bundled migration, by the configuration that belongs to it.

    `option` is the namespace that pytest filled. Raises `Misuse` as `resolve` does.
    """
    file = configuration_file(option.rollproof_config, os.environ)
    if option.rollproof_rehearse and not option.rollproof_config:
        file = suite_root() / "scenarios/vibes/rollproof.toml"
    typed = {known.field: getattr(option, known.dest) for known in OPTIONS}
    if "--strict" in (*given(config.invocation_params.args), *config.getini("addopts")):
        typed["strict"] = True  # it is pytest's own, and whoever types it means ours as well
    return Configured(resolve(typed, os.environ, file), file)
