"""Pytest's plugins of this suite: rollproof's own, and the supplies of our tests."""

# `fixtures` by itself would be pytest's own plugin of that name.
pytest_plugins = ("rollproof.plugin", "fixtures.postgres", "fixtures.bytecode", "fixtures.command")
