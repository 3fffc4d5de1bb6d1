"""Statements that create schemas, extensions, servers, publications, text search and roles, from facts. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Create

CREATES: Mapping[str, Create] = {}
"""By facet."""
