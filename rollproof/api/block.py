"""A block of a program that must leave the database as it was."""

import warnings
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from rollproof.api.baseline import Baseline, taken
from rollproof.api.errors import NothingWritten, told_plainly
from rollproof.api.handed_over import HandedOver, handed_over
from rollproof.api.other_sessions import Activity
from rollproof.api.surroundings import Config, configured, for_a_block
from rollproof.api.verification import require_good, verified
from rollproof.settings.configuration import Configured


class unchanged:  # noqa: N801 (it is used as a word: with unchanged(target))
    """A context that takes a baseline, runs the block, and verifies: `with rollproof.unchanged(target): …`

    Raises `NotRestored` if the block left the database changed, `Inconclusive` if nobody can say, and `Misuse` if `target` is no
    database, or holds changes that are not committed. An exception of the block passes as it is, and nothing is verified.
    Warns by `NothingWritten` if nobody wrote anything on that server meanwhile: perhaps the block migrated another database.
    """

    __module__ = "rollproof"

    def __init__(self, target: Any, *, config: Config = None) -> None:
        self._target = target
        self._config = config
        self._begun: _Begun | None = None
        self._entered = False

    @told_plainly
    def __enter__(self) -> Baseline:
        self._entered = True
        handed = handed_over(self._target)
        handed.require_committed("when the block begins")
        asked = for_a_block(configured(handed.address, self._config))
        self._begun = _Begun(handed, asked, taken(asked), Activity.now(handed.address))
        return self._begun.before

    @told_plainly
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        begun, self._begun = self._begun, None
        if error is None and begun:
            begun.end()

    def __del__(self) -> None:
        if not self._entered:
            said = (
                "rollproof.unchanged(…) by itself proves nothing: write `with rollproof.unchanged(…):` before a block"
            )
            warnings.warn(said, RuntimeWarning, stacklevel=2)


@dataclass(frozen=True)
class _Begun:
    """A block that has begun: what was handed over and asked for, and how the database and its server were."""

    handed: HandedOver
    asked: Configured
    before: Baseline
    activity: Activity

    def end(self) -> None:
        """Verify. Raises as `unchanged` does."""
        self.handed.require_committed("when the block ends")
        now = Activity.now(self.handed.address)
        report = verified(self.before, self.asked, block=True)
        require_good(report)
        now.require_committed(Activity.now(self.handed.address) if now.writers else now)
        if now.next == self.activity.next:
            said = "nobody wrote anything on this server while the block ran: did it migrate another database?"
            warnings.warn(said, NothingWritten, stacklevel=4)
