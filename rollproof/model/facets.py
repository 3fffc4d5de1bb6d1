"""What is known of each facet beside its facts: one table of `catalog/facets.toml`, read once. Pure.

A facet is one kind of fact: what one SQL file of `catalog/sql` asks, what pg_dump tells, rows, or what a baseline records beside.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

FILE = Path(__file__).parents[1] / "catalog" / "facets.toml"


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A kind of object that a facet tells of, and how one of them is dropped.

    `described` is a regular expression for how the description of such an object begins; `in_identity` says that the identity ends
    in the kind, in brackets. `told_as` is the kind by which owners, privileges and comments tell of it, if that is another.
    `brings` is a regular expression for the identities of facts that come and go with the object NAME.
    """

    kind: str
    drop: str
    described: str = ""
    in_identity: bool = False
    told_as: str = ""
    brings: str = ""

    def fits(self, identity: str, description: str) -> bool:
        """Tell whether a fact is about an object of this kind."""
        if self.in_identity:
            return identity.endswith(f" ({self.kind})")
        return re.match(self.described, description, re.DOTALL) is not None


class Traits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is known of one facet.

    `tells`        definitions; rows; what a `witness` (a program of PostgreSQL's own) tells in its words; `input` of our own
                   programs, which no check compares; or `recordings` of what the configuration names
    `names`        an identity is just so many names and nothing else (0: it may be anything)
    `part_of`      what such an object goes with: its identity begins with the table's, or the extension's
    `about`        the identity is that of a table, a sequence, or of any object with its kind in brackets
    `relation`     these have the names that other identities begin with
    `stood_on`     other definitions may need such an object
    `kinds`        the objects it tells of, where they can be dropped by themselves
    `members`      identities with this in them are memberships, and no objects of their own
    `repair`       its place in a repair script; 0: no statement mends it
    `losable`      a migration can lose it (the check nothing_lost asks)
    `harmless`     the rule (in `model/no_loss`) by which a difference is no loss; `harmless_if_old`: if rollproof 0.2.0 wrote the
                   reference, which described such facts in another way
    `gain`         the rule by which a migration may add to it without losing anything
    `verbatim`     the descriptions are what a person wrote, to the last letter; `verbatim_from` these words on
    `expressions`  what expressions in a description may refer to: `columns` of the table, `old and new` rows, a domain's
                   `value`, a function's `arguments`, or (queries) `nothing` around them
    `json`         the descriptions are JSON
    `shared`       it may be about roles or tablespaces of the whole server, which need not concern this database
    `may_be_closed`  some providers let nobody read this catalogue
    `since`        no baseline of an older rollproof has it
    `temporary_names`  people name such objects, so a name may look temporary
    `pg_dump`      pg_dump tells it, too
    `restored`     why a restored dump cannot tell it
    `changes_across_majors`, `comes_and_goes_across_majors`  identities (with *) that another major version may tell otherwise
    """

    tells: Literal["definitions", "rows", "witness", "input", "recordings"] = "definitions"
    names: int = 0
    part_of: Literal["", "table", "extension"] = ""
    about: Literal["", "table", "sequence", "object"] = ""
    relation: bool = False
    stood_on: bool = False
    kinds: tuple[Kind, ...] = ()
    members: str = ""
    repair: int = 0
    losable: bool = True
    harmless: str = ""
    harmless_if_old: str = ""
    gain: str = ""
    verbatim: bool = False
    verbatim_from: str = ""
    expressions: Literal["", "columns", "old and new", "value", "arguments", "nothing"] = ""
    json: bool = False
    shared: Literal["", "roles", "tablespaces"] = ""
    may_be_closed: bool = False
    since: str = ""
    temporary_names: bool = False
    pg_dump: bool = True
    restored: str = ""
    changes_across_majors: tuple[str, ...] = ()
    comes_and_goes_across_majors: tuple[str, ...] = ()


@cache
def facets() -> dict[str, Traits]:
    """Return every facet by its name, in the order in which what it tells of can be dropped."""
    return msgspec.toml.decode(FILE.read_bytes(), type=dict[str, Traits])


def traits(facet: str) -> Traits:
    """Return what is known of a facet; of one that no table names (another check's), what is so by default."""
    return facets().get(facet, _UNKNOWN)


def facets_where(is_so: Callable[[Traits], object]) -> frozenset[str]:
    """Return the names of the facets of which something is so."""
    return frozenset(name for name, each in facets().items() if is_so(each))


_UNKNOWN = Traits()
