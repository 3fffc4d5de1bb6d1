"""Who is told: `[[escalation]]` and `[notify]` of `rollproof.toml`; `[contacts]` is names with how they are reached."""

from typing import Annotated, Literal

import msgspec

from rollproof.model.phase import BEFORE_ROLLBACK

Notice = Literal["opened", "phase", "completed", "post_mortem"]


class Escalation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is called next if a phase is still red `after_minutes`; `contact` is a key of `[contacts]`, or how they are reached."""

    level: str
    contact: str
    after_minutes: Annotated[float, msgspec.Meta(ge=0)]


class Notify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where notices go: addresses as apprise takes them, which may hold `${VAR}`, and on what `events`."""

    urls: tuple[str, ...] = ()
    events: tuple[Notice, ...] = ("opened", "phase", "completed", "post_mortem")
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 10.0

    def __repr__(self) -> str:
        return "Notify(…)"  # the addresses hold tokens


class ByHand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item of the checklist that a person ticks: `[[checklist]]`."""

    item: str
    phase: str = BEFORE_ROLLBACK
