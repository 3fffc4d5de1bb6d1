"""The procedure's checklist, as far as a run can tell: each item done, failed, in doubt, not configured, or by hand. Pure."""

from dataclasses import dataclass
from typing import Literal

ItemState = Literal["done", "failed", "in doubt", "not configured", "by hand"]


@dataclass(frozen=True)
class ChecklistItem:
    """An item of the procedure, what became of it, and what tells so."""

    item: str
    state: ItemState
    told: str = ""
