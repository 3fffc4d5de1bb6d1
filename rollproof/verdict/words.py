"""A finding in a few words, as a value. Pure."""

from dataclasses import dataclass

from rollproof.model.printable import one_line

_ALONE = ("missing", "left behind", "no longer", "now ")
"""How a change begins that follows its thing without a colon."""


@dataclass(frozen=True)
class Wording:
    """A finding in a few words: the `place` (a table, or an object of no table), and there what kind of thing, which, what of it.

    `noun` and `name` are empty where the place itself is meant, as of its rows. `place` is a name as SQL writes it, which may hold
    anything; as text it is one line that is safe to show. `is_table`: the place is a table.
    """

    place: str
    noun: str
    name: str
    change: str
    is_table: bool = False

    def __str__(self) -> str:
        """What stands beside the place: `index orders_status_idx missing`."""
        return self.called(self.name)

    def called(self, name: str) -> str:
        """Return what stands beside the place, with another name for the thing."""
        thing = " ".join(filter(None, [self.noun, name]))
        if not thing:
            return one_line(self.change)
        return one_line(f"{thing}{' ' if self.change.startswith(_ALONE) else ': '}{self.change}")
