"""Statements that create tables, columns, foreign tables, partitions, inheritance, from facts. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Create

CREATES: Mapping[str, Create] = {}
"""By facet."""
