"""Supplies that several of the tests of the command line share."""

from fixtures.own_checks import project

__all__ = ["project"]
