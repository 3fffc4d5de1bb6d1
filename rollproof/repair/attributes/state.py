"""Statements about row security, the enforcement of keys, positions of sequences, the planner's statistics. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Alter, Attach

CHANGES: Mapping[str, Alter] = {}
"""Undoes one difference, by facet."""
ATTACHES: Mapping[str, Attach] = {}
"""Gives an object that was just created all of a facet, by facet."""
