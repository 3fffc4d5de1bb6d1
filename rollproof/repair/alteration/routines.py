"""Statements that change functions, procedures, aggregates, operators, casts and conversions into what they were. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Alter

ALTERS: Mapping[str, Alter] = {}
"""By facet."""
