"""Supplies that several of the tests of the command line share."""

from fixtures.endpoints import serve
from fixtures.incidents import opened, typed
from fixtures.own_checks import project

__all__ = ["opened", "project", "serve", "typed"]
