"""The traits of each facet: one table of `catalog/facets.toml`, read once. Pure.

A facet is one kind of fact: the rows of one SQL file in `catalog/sql`, pg_dump's output, rows, recorded plans and answers.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

FILE = Path(__file__).parents[1] / "catalog" / "facets.toml"


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A kind of object in a facet, and the statement that drops one.

    `described` is a regular expression for the beginning of its description; `in_identity`: the identity ends in the kind, in
    brackets. `listed_as` is the kind's name in the facets owners, privileges and comments, if that is another. `brings` is a
    regular expression for the identities of facts that come and go with the object NAME.
    """

    kind: str
    drop: str
    described: str = ""
    in_identity: bool = False
    listed_as: str = ""
    brings: str = ""

    def fits(self, identity: str, description: str) -> bool:
        """Tell whether a fact is about an object of this kind."""
        if self.in_identity:
            return identity.endswith(f" ({self.kind})")
        return re.match(self.described, description, re.DOTALL) is not None


class Traits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The traits of one facet; where `facets.toml` leaves a key out, its default below holds.

    `holds`        definitions; rows; the output of an independent `witness` (pg_dump); `input` of our own programs, which no check
                   compares; or `recordings` of what the configuration names (plans, answers)
    `names`        an identity consists of exactly so many names (0: of anything)
    `schema`       a regular expression for the beginning of an identity that tells in which schema its object is: {schema}; of
                   "" and what does not match nobody says so, and it is compared where the whole database is
    `part_of`      its objects are dropped with a table or an extension, with whose name their identities begin
    `about`        its identities are those of tables, of sequences, or of any objects, with the kind in brackets
    `relation`     its objects are relations, with whose names other identities may begin
    `depended_on`  other definitions may depend on its objects
    `kinds`        the kinds of objects that can be dropped by themselves
    `members`      an identity with this text in it is a membership, not an object of its own
    `losable`      a migration can lose it (check nothing_lost)
    `harmless`     the rule (`model/no_loss`) by which a difference is no loss; `harmless_if_old`: only if rollproof 0.2.0 took the
                   reference, which described such facts differently
    `gain`         the rule by which a migration may add something without losing anything
    `verbatim`     descriptions are a person's own text, compared to the letter; `verbatim_from`: from these words on
    `expressions`  what expressions in a description may refer to: `columns` of the table, `old and new` rows, the `value` of a
                   domain, the `arguments` of a function; `nothing` outside (queries); "" if there are none
    `json`         descriptions are JSON
    `shared`       it may be about roles or tablespaces of the whole server, which need not matter to this database
    `may_be_closed`  some providers let no role read this catalogue
    `late`         it is asked for when it is needed, and for a baseline; a verification that finds nothing has no use for it
    `since`        the first version of rollproof whose baselines have it ("": 0.2.0)
    `temporary_names`  people name its objects, so that a name may look temporary
    `pg_dump`      pg_dump shows it, too
    `restored`     why a restored dump cannot have it
    `changes_across_majors`, `comes_and_goes_across_majors`  identities (with *) that differ between major versions of PostgreSQL
    """

    holds: Literal["definitions", "rows", "witness", "input", "recordings"] = "definitions"
    names: int = 0
    schema: str = ""
    part_of: Literal["", "table", "extension"] = ""
    about: Literal["", "table", "sequence", "object"] = ""
    relation: bool = False
    depended_on: bool = False
    kinds: tuple[Kind, ...] = ()
    members: str = ""
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
    late: bool = False
    since: str = ""
    temporary_names: bool = False
    pg_dump: bool = True
    restored: str = ""
    changes_across_majors: tuple[str, ...] = ()
    comes_and_goes_across_majors: tuple[str, ...] = ()


@cache
def facets() -> dict[str, Traits]:
    """Return the traits of every facet, in the order in which objects can be dropped."""
    return msgspec.toml.decode(FILE.read_bytes(), type=dict[str, Traits])


def traits(facet: str) -> Traits:
    """Return the traits of a facet; the defaults for a name that is none (a check of something else)."""
    return facets().get(facet, _UNKNOWN)


def facets_where(is_so: Callable[[Traits], object]) -> frozenset[str]:
    """Return the names of the facets with certain traits."""
    return frozenset(name for name, each in facets().items() if is_so(each))


_UNKNOWN = Traits()
