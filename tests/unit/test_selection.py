"""A run that left cases out says what left them out."""

from types import SimpleNamespace

from rollproof.model.phase import PHASES
from rollproof.plugin.selection import Selection
from rollproof.plugin.stash import NAMED


def test_a_run_that_was_ended_blames_nobody_else():
    option = SimpleNamespace(markexpr="post_rollback", keyword="", ignore_glob=None, override_ini=None)
    config = SimpleNamespace(option=option, stash={NAMED: SimpleNamespace(whole=True)})
    selection = Selection(SimpleNamespace(phase=PHASES["post_rollback"]), config)
    selection._cases = 9  # noqa: SLF001 (counted while pytest collects)

    assert str(selection.of(6, 0, ended=True)) == "6 of 9 cases (it was ended before the others)"
    assert str(selection.of(6, 0)) == "6 of 9 cases (left out by something that is not rollproof's)"
