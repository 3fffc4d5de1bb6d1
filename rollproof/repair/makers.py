"""What makers of statements are, as types; each package has one for each facet. Pure."""

from collections.abc import Callable

from rollproof.model.compare import Difference
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Made, Refused, Released

Create = Callable[[Object, Side], Made | Refused]
"""Creates an object as one side has it."""
Alter = Callable[[Difference, Sides], Altered | Refused | None]
"""Changes what differs into what it was; None if the object must be dropped and made again instead."""
Release = Callable[[Object, Object, Sides], Released | None]
"""Makes the first object need the second no more, which is dropped, and gives it back after; None if that cannot be done."""
Attach = Callable[[Object, Side], tuple[str, ...]]
"""Gives an object that was made again what was attached to it."""
