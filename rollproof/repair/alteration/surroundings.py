"""Statements that change schemas, extensions, servers, publications, text search, roles and settings into what they were. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Alter

ALTERS: Mapping[str, Alter] = {}
"""By facet."""
