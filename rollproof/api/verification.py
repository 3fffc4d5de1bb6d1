"""A database held against a baseline by a program, as `rollproof verify` holds it."""

import os
from typing import Any

from rollproof.api.baseline import Baseline
from rollproof.api.errors import NotRestored, told_plainly
from rollproof.api.handed_over import handed_over
from rollproof.api.report import Report
from rollproof.api.surroundings import Config, configured
from rollproof.commands.request import Request
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.settings.configuration import Configured, secrets_of
from rollproof.system.deadline import Deadline

_NOT_RESTORED, _MISUSE = 1, 4  # exit codes


@told_plainly
def verify(target: Any, before: Baseline, *, config: Config = None) -> Report:
    """Return what a verification of the database against the baseline comes to; that it differs is no exception.

    Raises `Inconclusive` if the database cannot be read at all, `Misuse` if `target` is no database, holds changes that are not
    committed, or is another than the baseline's.
    """
    handed = handed_over(target)
    handed.require_committed("when it is verified")
    return verified(before, configured(handed.address, config))


@told_plainly
def assert_restored(target: Any, before: Baseline, *, config: Config = None) -> None:
    """Raise `NotRestored` if the database is not what it was, `Inconclusive` if nobody can say, and else as `verify` does."""
    require_good(verify(target, before, config=config))


def verified(before: Baseline, asked: Configured, *, block: bool = False) -> Report:
    """Verify without a word; `block` is explained in `Request`."""
    from rollproof.plugin.within import verified as run  # noqa: PLC0415 (pytest: who takes a baseline needs none)

    if not isinstance(before, Baseline):
        raise Misuse(
            f"the baseline is a {type(before).__name__}: pass what rollproof.capture(…) or rollproof.load(path) returned"
        )
    deadline = Deadline(asked.settings.max_duration)
    hide = secrets_of(asked.settings, os.environ).hide_credentials
    was = before._recorded  # noqa: SLF001 (it is ours; programs have the facts)
    request = Request(asked, DEFAULT_PHASE, os.environ, deadline, hide=hide, baseline=was, block=block)
    return Report(run(request))


def require_good(report: Report) -> None:
    """Raise what the verdict means, unless it is good."""
    if report.exit_code == _NOT_RESTORED:
        raise NotRestored(str(report), report)
    if report.exit_code == _MISUSE:
        raise Misuse(str(report))
    if not report:
        raise Inconclusive(str(report))
