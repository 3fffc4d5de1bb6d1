"""What a verification of the throw-away database sees with: the user's settings and role, and what the reference can tell."""

from dataclasses import dataclass

import msgspec

from rollproof.commands.request import Request
from rollproof.commands.taken import take
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.plugin.within import verified
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.sources.recorded import Recorded
from rollproof.system.deadline import Deadline
from rollproof.verdict.outcome import Report


@dataclass(frozen=True)
class Sight:
    """The settings, among them the address of the throw-away database as the role that verifies; and the baseline taken by it."""

    configured: Configured
    baseline: Recorded

    @classmethod
    def of(cls, configured: Configured, url: str) -> "Sight":
        """Take the baseline of the throw-away database at this address, with the user's settings."""
        asked = Configured(on_throw_away(configured.settings, url), configured.file)
        return cls(asked, Recorded(take(asked.settings, {}).snapshot, "the throw-away database as it was"))

    def verified(self) -> Report:
        """Verify, by all checks that the user runs after a rollback."""
        deadline = Deadline(self.configured.settings.max_duration)
        return verified(Request(self.configured, DEFAULT_PHASE, {}, deadline, baseline=self.baseline, together=True))


def on_throw_away(settings: Settings, url: str) -> Settings:
    """Return the settings for a throw-away database, which has no application."""
    apart = {"database_url": url, "backup_file": None, "endpoints": (), "allow_empty": True, "other_database": True}
    return msgspec.structs.replace(settings.without_services, **apart)
