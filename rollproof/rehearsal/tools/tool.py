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
_NONE = Named("", "")


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
            return (self._step(Named(self.row.single.revision, self.row.single.revision)),)
        found_files = files.steps(self.row, self.migrations, self.folder)
        return tuple(map(self._by_the_tool, found_files)) if self.row.up else found_files

    def applied(self, environment: Mapping[str, str], steps: Sequence[Step]) -> frozenset[str]:
        """Return the revisions of these steps that are applied in the database. Raises `Inconclusive` if that cannot be told."""
        revisions = [each.revision for each in steps]
        if self.row.applied is None:
            return books.applied(self.row.books, environment["DATABASE_URL"], revisions)
        named = self._named(self.row.applied, environment)
        if self.row.applied.are_last and self.row.listed:
            named = with_all_before(named, self._named(self.row.listed, environment))
        told = {each.revision for each in named}
        return frozenset(each for each in revisions if told.issuperset(each.split(BESIDE)))

    def whole(self, steps: Sequence[Step], *, to_head: bool) -> Step:
        """Return steps that follow each other as one, as a person would type it; with `to_head` nothing comes after them."""
        one = replace(as_one(steps), revision=" … ".join(dict.fromkeys((steps[0].revision, steps[-1].revision))))
        up = (self._filled(self.row.to_head),) if to_head and self.row.to_head else one.up
        down = steps[0].down if one.down and self.row.takes_later and self._is_line(steps) else one.down
        return replace(one, up=up, down=down)

    def _is_line(self, steps: Sequence[Step]) -> bool:
        """Tell whether each step follows the one before it, and no other."""
        if self.row.listed and "(?P<parents>" not in self.row.listed.step:
            return True
        made = (self._down(Named(step.revision, step.revision), before.revision) for before, step in pairwise(steps))
        return [step.down for step in steps[1:]] == [*made]

    def _named(self, how: Listed, environment: Mapping[str, str]) -> tuple[Named, ...]:
        return named(how, self._filled(how.command), environment, self.folder)

    def _step(self, each: Named) -> Step:
        parents = [one for one in each.parents if not self.row.within_app or app_of(one) == app_of(each.revision)]
        up, down = self._filled(self.row.up, each), self._down(each, parents[0] if parents else "")
        file = self._file(each)
        no_way = self._no_way(file)
        return Step(each.revision, (up,), () if no_way else down, each.title, file, no_way, self.row.irreversible)

    def _no_way(self, file: Path | None) -> str:
        if not (self.row.no_way and file):
            return ""
        found = re.search(self.row.no_way, file.read_text("utf-8", "replace"), re.MULTILINE)
        return f"its way down says: {found[0].splitlines()[-1].strip()}" if found else ""

    def _by_the_tool(self, step: Step) -> Step:
        each = Named(step.revision, step.revision)
        return replace(
            step, up=(self._filled(self.row.up, each),), down=() if step.irreversible else self._down(each, "")
        )

    def _down(self, each: Named, parent: str) -> tuple[str, ...]:
        pattern = self.row.first_down if self.row.first_down and not parent else self.row.down
        return (self._filled(pattern, each, parent),)

    def _file(self, each: Named) -> Path | None:
        file = self.folder / (each.file or self.row.in_file.format(*each.revision.split(".")))
        return file if file.is_file() else None

    def _filled(self, pattern: str, each: Named = _NONE, parent: str = "") -> str:
        """Return a command with its blanks filled in, each as one word of the shell."""
        app, _, name = each.revision.partition(".")
        before = parent.partition(".")[2] or self.row.root
        own = {"revision": each.revision, "id": each.id, "parent": parent or self.row.root, "app": app, "name": name}
        own |= {"migrations": str(self.migrations), "before": before}
        words = {blank: shlex.quote(word) for blank, word in own.items()}
        words |= {"program": self.program, "ours": files.OURS}
        return _BLANK.sub(lambda blank: words[blank[1]], pattern)
