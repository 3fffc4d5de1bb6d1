"""What is mistyped about checks of the user's own is refused: a waiver of one that does not exist, a severity that is none.

The waiver would waive nothing, and nobody would be told.
"""

from collections.abc import Collection, Generator, Iterable
from pathlib import Path
from typing import Any

import pytest

from rollproof.model.errors import did_you_mean
from rollproof.plugin.bundled import is_bundled
from rollproof.plugin.case import check_named
from rollproof.plugin.stash import NAMED, RUN
from rollproof.settings.waiver import OF_OWN, Waiver
from rollproof.verdict.outcome import SEVERITIES


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, Any, Any]:
    """Look before any option leaves some out."""
    configured = config.stash[RUN].configured
    theirs = [item for item in items if not is_bundled(item)]
    own = {check_named(item) for item in theirs}
    if strange := unknown(configured.settings.waiver, own, config.rootpath, _in_parts(config)):
        near = did_you_mean(strange.check, own)
        raise pytest.UsageError(
            f"{configured.file}: a [[waiver]] names the check `{strange.check}`, which does not exist{near}"
        )
    for item in theirs:
        _require_severity(item)
    return (yield)


def _in_parts(config: pytest.Config) -> set[Path]:
    """Return the files of which single tests were named, so that nobody knows of the others."""
    files = (word.partition(OF_OWN) for word in config.stash[NAMED].own)
    return {Path(config.invocation_params.dir, file).resolve() for file, of_it, _ in files if of_it}


def _require_severity(item: pytest.Item) -> None:
    for mark in item.iter_markers("severity"):
        told = str(mark.args[0]) if mark.args else ""
        if told not in SEVERITIES:
            near = did_you_mean(told, SEVERITIES) or f"; it is one of {', '.join(SEVERITIES)}"
            raise pytest.UsageError(f"{item.nodeid}: there is no severity {told!r}{near}")


def unknown(waivers: Iterable[Waiver], own: set[str], root: Path, in_parts: Collection[Path] = ()) -> Waiver | None:
    """Return a waiver of a check that is in none of the collected files, and in no other file that exists; None without one.

    Where none was collected nobody knows: pytest may have been started elsewhere. Nor of a file that was collected `in_parts`.
    """
    files = {check.partition(OF_OWN)[0] for check in own}
    for waiver in waivers:
        file = waiver.check.partition(OF_OWN)[0]
        is_own = OF_OWN in waiver.check and waiver.check not in own and (root / file).resolve() not in in_parts
        if is_own and files and (file in files or not (root / file).exists()):
            return waiver
    return None
