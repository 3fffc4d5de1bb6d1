"""Objects that no fault is known for, as a value."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Uncovered:
    """So many objects of a kind, as PostgreSQL calls it, that no fault of a listing touches; one of them is the `example`."""

    kind: str
    count: int
    example: str
