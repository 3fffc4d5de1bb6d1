"""Statements that change tables, columns, foreign tables, partitions, inheritance into what they were. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Alter

ALTERS: Mapping[str, Alter] = {}
"""By facet."""
