"""The section `[watch]` of `rollproof.toml`: how long `rollproof watch` looks, how often, and from where on a figure is red."""

import re
from typing import Annotated

import msgspec

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_More = Annotated[float, msgspec.Meta(gt=0)]
_Number = Annotated[int, msgspec.Meta(ge=1)]
_Count = Annotated[int, msgspec.Meta(ge=0)]
_TIME = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([smh])")
_UNITS = {"s": 1, "m": 60, "h": 3600}


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long to watch (`lasts`) and how often (`every`), as `30m` or `30s`, and limits; a limit that is missing is not held.

    What may pass by itself is red when it was met in so many `rounds` in a row. A rate counts from the first round on, once there
    are `min_answers` answers. Of transactions that ended, `max_rollback_ratio` may have been rolled back.
    """

    lasts: str = "30m"
    every: str = "30s"
    rounds: _Number = 3
    max_error_rate: _Share = 0.05
    min_login_success: _Share = 0.95
    min_answers: _Number = 20
    max_connections_share: _Share = 0.95
    max_idle_in_transaction_seconds: _More = 300.0
    max_transaction_seconds: _More | None = None
    max_lock_wait_seconds: _More = 60.0
    max_deadlocks: _Count = 5
    max_rollback_ratio: _Share = 0.5
    min_cache_hit_ratio: _Share | None = None
    max_replica_lag_seconds: _More | None = None

    def __post_init__(self) -> None:
        if self.every_seconds > self.seconds:
            raise ValueError(f"`every` is {self.every}, longer than the whole watch of {self.lasts}")

    @property
    def seconds(self) -> float:
        """How long the watch lasts."""
        return seconds(self.lasts, "lasts")

    @property
    def every_seconds(self) -> float:
        """How long it is from the beginning of one round to that of the next."""
        return seconds(self.every, "every")


def seconds(text: str, name: str) -> float:
    """Return a time that was written as `90s`, `30m` or `2h`, in seconds. Raises `ValueError` for anything else, and for none."""
    found = _TIME.fullmatch(text.strip().lower())
    if not found or float(found[1]) <= 0:
        raise ValueError(f"`{name}` is {text!r}; write a number and s, m or h, as in 30s or 30m")
    return float(found[1]) * _UNITS[found[2]]
