"""What cannot be dropped freed of what is: a column of its default, a domain of its check. Pure."""

from collections.abc import Mapping

from rollproof.repair.makers import Release

RELEASES: Mapping[str, Release] = {}
"""By the facet of what is freed."""
