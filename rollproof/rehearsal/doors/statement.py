"""A statement of an application, as a value."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """Its `text`, with parameters as `$1`; `where` it was found (`app.sql:12`), of which `role`, called how often (0: unknown)."""

    text: str
    where: str
    role: str = ""
    calls: int = 0
