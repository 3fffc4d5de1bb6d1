"""The whole schema of a reference as an SQL script, for a database that has just been created; no other database is asked."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from shlex import quote

import msgspec

from rollproof.commands.request import Effective, Request
from rollproof.commands.verification import Opening, key_of, recorded
from rollproof.model.errors import Misuse
from rollproof.model.timestamps import shown
from rollproof.repair import script as printed
from rollproof.repair.plan import Plan
from rollproof.repair.recreate import recreate
from rollproof.repair.sides import Side
from rollproof.sources.recorded import Recorded
from rollproof.sources.source import CONTENT, Source
from rollproof.verdict.repairs import DEFINITIONS, side_of

_NO_SCHEMA = (
    "--recreate needs to know the schema, and the migration's copies are rows alone\n"
    "name the baseline, another database's URL or a dump with --reference"
)


@dataclass(frozen=True, eq=False)
class Recreation:
    """The script that makes all that a source knows of definitions; `left_out` are facets that it does not hold, with reasons.

    The source is the reference that is `held`: a `baseline`, or another database.
    """

    before: Source
    held: Effective
    baseline: Recorded | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, request: Request, keep: ExitStack) -> "Recreation":
        """Return that of the reference; sessions and throw-away servers end with `keep`.

        Raises `Inconclusive` if a database cannot be asked, `Misuse` if the reference is no good.
        """
        configured = request.configured
        if configured.reference.kind == "copies":
            raise Misuse(_NO_SCHEMA)
        held = Effective(configured.settings, configured.reference, request.environment)
        if request.needs_stand_in:
            from rollproof.commands.stand_in import stand_in  # noqa: PLC0415 (most need no throw-away server)

            alone = msgspec.structs.replace(configured.settings, database_url=None)
            held = stand_in(replace(request, configured=replace(configured, settings=alone)), keep)
        settings = held.settings
        baseline = recorded(held.reference, allow_empty=settings.allow_empty, key=key_of(settings))
        if baseline:
            return cls(baseline, held, baseline)
        settings = msgspec.structs.replace(settings, database_url=held.reference.where)
        opened = Opening(settings, None, None, deadline=request.deadline, tell=request.tell).verification()
        keep.callback(opened.close)
        return cls(opened.after, held, left_out=held.unavailable)

    @cached_property
    def side(self) -> Side:
        """What is known of it."""
        return side_of(self.before, (*CONTENT, *self.left_out))

    @property
    def plan(self) -> Plan:
        """What makes it."""
        return self._made[0]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is not made, and why."""
        unknown = {facet: why for facet in DEFINITIONS if (why := self.before.unavailable(facet))} | dict(self.left_out)
        left = (f"{facet}: not made: {why}" for facet, why in sorted(unknown.items()) if facet in DEFINITIONS)
        return (*self._made[1], *left)

    @cached_property
    def _made(self) -> tuple[Plan, tuple[str, ...]]:
        return recreate(self.side)

    def lines(self, first: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the lines of the script. What comes `first` is said first."""
        return printed.script(self.plan, [*first, *self._head(), *self.remarks])

    def _head(self) -> Iterator[str]:
        origin, seal = self.before.origin, self.before.seal
        name = self.held.name or self.before.name
        yield f"The whole schema of {name}{f', SHA-256 {seal.sha256}, {seal}' if seal else ''}. Rows are not brought."
        if origin and not self.held.name:  # it has one if something stood in for it
            yield f"It was so at {shown(origin.taken)}, in the database {origin.database}."
        yield "Whoever can change the reference could change these statements: read them. Then, as a superuser:"
        yield f"createdb {self._locale()}NEW && psql -X -v ON_ERROR_STOP=1 -d NEW -f recreate.sql"

    def _locale(self) -> str:
        """Return the options of createdb by which the new database sorts and writes as the old one did."""
        known = self.side.facts("database")
        wanted = {"--encoding": "encoding", "--lc-collate": "collation", "--lc-ctype": "character classes"}
        options = [f"{option}={quote(known[name])} " for option, name in wanted.items() if name in known]
        if known.get("locale provider", "libc") != "libc":
            options.append(
                f"--locale-provider={quote(known['locale provider'])} --icu-locale={quote(known.get('locale', ''))} "
            )
        return "".join(["--template=template0 ", *options])
