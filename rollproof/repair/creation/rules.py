"""Statements that create triggers, policies, rules and event triggers, from facts. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Create

CREATES: Mapping[str, Create] = {}
"""By facet."""
