"""Statements that change views, materialized views and sequences into what they were. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Alter

ALTERS: Mapping[str, Alter] = {}
"""By facet."""
