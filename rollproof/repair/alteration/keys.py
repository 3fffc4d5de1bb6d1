"""Statements that change constraints, indexes and statistics objects into what they were. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Alter

ALTERS: Mapping[str, Alter] = {}
"""By facet."""
