"""One thing that a repair script does to one object, and what its makers answer. Frozen values."""

from dataclasses import dataclass, field
from typing import Literal

from rollproof.model.compare import Difference
from rollproof.repair.objects import Object

Verb = Literal["rename", "prepare", "drop", "release", "alter", "create", "restore", "rows", "attributes", "last"]
"""What a step does. `rename` comes first, for all others use the names that were; then `prepare`: each a transaction of its own
(a new enum label can be used only in a later one).

`release` takes away what makes a column need something that is dropped (its default, say), `restore` gives it back. `attributes`
gives an object that was created or altered what is attached to it."""


@dataclass(frozen=True)
class Made:
    """Statements that create an object; `brings` are the other objects that come with it, such as a table's columns.

    The owner, grants, comments and so on of all these are not among the statements: `attributes` has them. `later` needs values
    that rows are given after it (NOT NULL); `after` are the objects whose steps must be done with before.
    `note` is said at the statements.
    """

    statements: tuple[str, ...]
    brings: frozenset[Object] = frozenset()
    later: tuple[str, ...] = ()
    after: frozenset[Object] = frozenset()
    note: str = ""


@dataclass(frozen=True)
class Altered:
    """Statements that change an object, or what is attached to it, into what it was.

    `in_the_way` are objects of the subject that must be dropped before, and made again after; `prepare` goes first, in a
    transaction of its own; `left` says what of the difference is not mended by it, and why; `last` is run after all else, in a
    transaction of its own (ANALYZE). `note` is said at the statements. `of` is the object that they change, if not the one that
    differs; `brings` are those that they make, or make again, without what was attached to them; `after` are the objects whose
    steps must be done with before.
    """

    statements: tuple[str, ...]
    in_the_way: frozenset[Object] = frozenset()
    prepare: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    left: str = ""
    note: str = ""
    of: Object | None = None
    brings: frozenset[Object] = frozenset()
    after: frozenset[Object] = frozenset()


@dataclass(frozen=True)
class Released:
    """A column, or another thing that is not dropped, that needs what is dropped: statements before that, and after it is back.

    `last` is run after all else, as that of `Altered`.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    in_the_way: frozenset[Object] = frozenset()
    last: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """No statement mends it, for this reason: words that follow "not mended: "."""

    reason: str


@dataclass(frozen=True)
class Step:
    """One thing done to one object: statements, each ending in a semicolon.

    `mends` are the differences that it undoes, `because` says why it is there although the object did not differ ("it stands on
    public.users.id, whose type changes"). `after` are steps' objects that must be done with before, beside those that the
    dependencies name. `alone`: it cannot run in a transaction with others. `optional`: it is printed as a comment, for this
    reason. `brings` are the other objects that a `create` makes. `around` are objects that are dropped before it, and made again
    after.
    """

    verb: Verb
    of: Object
    statements: tuple[str, ...]
    mends: tuple[Difference, ...] = ()
    because: str = ""
    after: frozenset[Object] = field(default=frozenset())
    alone: bool = False
    optional: str = ""
    brings: frozenset[Object] = field(default=frozenset())
    around: frozenset[Object] = field(default=frozenset())


@dataclass(frozen=True)
class Unmended:
    """A difference that no statement mends, and why."""

    difference: Difference
    reason: str
