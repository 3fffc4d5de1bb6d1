import warnings

import pytest


@pytest.fixture
def before():
    return 1


@pytest.fixture
def after(before):
    return before + 1


@pytest.fixture
def subject():
    return "theirs"


@pytest.fixture
def sides():
    return "left", "right"


@pytest.fixture
def phase():
    return "of the moon"


def it_uses_its_own_fixtures(before, after, subject, sides, phase):
    assert (before, after, subject, sides, phase) == (1, 2, "theirs", ("left", "right"), "of the moon")


@pytest.mark.parametrize("number", range(3))
def it_counts(number):
    assert number < 2


def it_warns():
    warnings.warn("an error here", stacklevel=1)


@pytest.mark.skip(reason="of their own")
def it_rests():
    raise AssertionError
