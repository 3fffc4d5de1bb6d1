"""Statements that create functions, procedures, aggregates, operators, casts and conversions, from facts. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Create

CREATES: Mapping[str, Create] = {}
"""By facet."""
