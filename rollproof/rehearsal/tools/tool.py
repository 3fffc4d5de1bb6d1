"""A migration tool at work in a folder: its steps, and which of them are applied."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from rollproof.rehearsal.tools import books, files
from rollproof.rehearsal.tools.listing import Named, named, with_all_before
from rollproof.rehearsal.tools.row import Listed, Row
from rollproof.rehearsal.tools.side_by_side import BESIDE, app_of, as_one, joined
from rollproof.rehearsal.tools.step import Step

_BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Tool:
    """A tool (`row`) at work in a `folder`; its `migrations` are a folder, and `program` is how it is called there."""

    row: Row
    folder: Path
    migrations: Path
    program: str

    @property
    def title(self) -> str:
        """What people call it."""
        return self.row.title

    def steps(self, environment: Mapping[str, str]) -> tuple[Step, ...]:
        """Return all its steps, first to last. `environment` is where it finds the database.

        Raises `Inconclusive` if it does not name them, `Misuse` if a file is not as the tool wants it.
        """
        if self.row.listed:
            found = self._named(self.row.listed, environment)
            made = tuple(map(self._step, found))
            return joined(found, made) if self.row.within_app else made
        if self.row.single:
            return (self._step(Named(self.row.single.revision)),)
        found_files = files.steps(self.row, self.migrations, self.folder)
        return tuple(map(self._by_the_tool, found_files)) if self.row.up else found_files

    def applied(self, environment: Mapping[str, str], steps: Sequence[Step]) -> frozenset[str]:
        """Return the revisions of these steps that are applied in the database. Raises `Inconclusive` if that cannot be told."""
        revisions = [each.revision for each in steps]
        if self.row.applied is None:
            return books.applied(self.row.books, environment["DATABASE_URL"], revisions)
        told = frozenset(each.revision for each in self._named(self.row.applied, environment))
        if self.row.applied.are_last and self.row.listed:
            told = with_all_before(told, self._named(self.row.listed, environment))
        return frozenset(each for each in revisions if told.issuperset(each.split(BESIDE)))

    def whole(self, steps: Sequence[Step], *, to_head: bool) -> Step:
        """Return steps that follow each other as one, as a person would type it; nothing comes after them if they lead `to_head`."""
        one = as_one(steps)
        up = (self._filled(self.row.to_head),) if to_head and self.row.to_head else one.up
        is_line = all(step.down == self._down(step.revision, before.revision) for before, step in pairwise(steps))
        down = steps[0].down if one.down and self.row.takes_later and is_line else one.down
        return replace(one, up=up, down=down)

    def _named(self, how: Listed, environment: Mapping[str, str]) -> tuple[Named, ...]:
        return named(how, self._filled(how.command), environment, self.folder)

    def _step(self, each: Named) -> Step:
        parents = [one for one in each.parents if not self.row.within_app or app_of(one) == app_of(each.revision)]
        return Step(
            each.revision,
            (self._filled(self.row.up, each.revision),),
            self._down(each.revision, parents[0] if parents else ""),
            each.title,
            self._file(each),
            refusal=self.row.irreversible,
        )

    def _by_the_tool(self, step: Step) -> Step:
        up, down = self._filled(self.row.up, step.revision), self._down(step.revision, "")
        return replace(step, up=(up,), down=() if step.irreversible else down)

    def _down(self, revision: str, parent: str) -> tuple[str, ...]:
        pattern = self.row.first_down if self.row.first_down and not parent else self.row.down
        return (self._filled(pattern, revision, parent),)

    def _file(self, each: Named) -> Path | None:
        file = self.folder / (each.file or self.row.in_file.format(*each.revision.split("."), title=each.title))
        return file if file.is_file() else None

    def _filled(self, pattern: str, revision: str = "", parent: str = "") -> str:
        """Return a command with its blanks filled in, each as one word of the shell."""
        app, _, name = revision.partition(".")
        before = parent.partition(".")[2] or self.row.root
        own = {"migrations": str(self.migrations), "revision": revision, "parent": parent or self.row.root}
        words = {name: shlex.quote(word) for name, word in {**own, "app": app, "name": name, "before": before}.items()}
        words |= {"program": self.program, "ours": files.OURS}
        return _BLANK.sub(lambda blank: words[blank[1]], pattern)
