"""The section `[fleet]` of `rollproof.toml`: who verifies many databases, and how many at the same time."""

from typing import Annotated

import msgspec


class Fleet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who does it (`executor`), how many targets of one server at the same time, and how often a lost one is tried again."""

    executor: str = "threads:8"
    per_server: Annotated[int, msgspec.Meta(ge=1)] = 2
    retries: Annotated[int, msgspec.Meta(ge=0, le=20)] = 2
