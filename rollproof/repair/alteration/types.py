"""Statements that change enums, domains, composite types, ranges and base types into what they were. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Alter

ALTERS: Mapping[str, Alter] = {}
"""By facet."""
