"""Statements that create enums, domains, composite types, ranges and base types, from facts. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Create

CREATES: Mapping[str, Create] = {}
"""By facet."""
