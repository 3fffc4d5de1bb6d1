"""Python looks for garbage seldom while a run lasts, and as often as before after it."""

import gc

from rollproof.system.garbage import look_seldom


def test_it_is_looked_for_seldom_and_then_as_before():
    before = gc.get_threshold()
    undo = look_seldom()
    during = gc.get_threshold()
    undo()

    assert during == (100_000, *before[1:])
    assert gc.get_threshold() == before


def test_who_looks_more_seldom_already_goes_on_so():
    before = gc.get_threshold()
    gc.set_threshold(10**6)
    undo = look_seldom()
    during = gc.get_threshold()
    undo()
    gc.set_threshold(*before)

    assert during[0] == 10**6
