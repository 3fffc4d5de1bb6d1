"""Pytest's plugins of this suite: rollproof's own, and the supplies of our tests."""

pytest_plugins = ("rollproof.plugin", "fixtures")
