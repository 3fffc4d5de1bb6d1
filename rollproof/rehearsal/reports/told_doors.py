"""What the reports say of doors: which application lives on which schema, as values of rehearsal.json."""

from collections.abc import Iterator
from dataclasses import dataclass

from rollproof.model.amounts import counted
from rollproof.rehearsal.doors.door import Side, Word

SCHEMAS: tuple[Side, Side] = ("old", "new")
_ORDER: tuple[Word, ...] = ("refused", "in doubt", "not asked", "works")


@dataclass(frozen=True)
class ToldCommand:
    """A command that was run: its exit code, how long it took, what went wrong beside, the end of what it said, what to know."""

    command: str
    code: int
    seconds: float
    trouble: str
    said: str
    notes: tuple[str, ...]

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        return self.trouble or f"ended with exit code {self.code}"


@dataclass(frozen=True)
class ToldAnswer:
    """What a schema says of a statement, and why."""

    word: Word
    sentence: str


@dataclass(frozen=True)
class ToldDoor:
    """A statement of an application: where it was found, of which role, called how often (0: unknown), what each schema says."""

    application: Side
    text: str
    where: str
    role: str
    calls: int
    old_schema: ToldAnswer
    new_schema: ToldAnswer

    def on(self, schema: Side) -> ToldAnswer:
        """Return what a schema says."""
        return self.old_schema if schema == "old" else self.new_schema

    @property
    def place(self) -> tuple[str, int | None]:
        """The file that it stands in, and its line; "" if it was found elsewhere."""
        file, _, line = self.where.rpartition(":")
        return (file, int(line)) if file and line.isdecimal() else ("", None)

    @property
    def origin(self) -> str:
        """Where it comes from, and how often it was called."""
        return ", ".join(filter(None, [self.where, counted(self.calls, "call") if self.calls else ""]))


@dataclass(frozen=True)
class ToldCorner:
    """An application on a schema: whether it works, why not, whether that is `required`, and the test commands that were run."""

    application: Side
    schema: Side
    word: Word
    sentence: str
    required: bool
    commands: tuple[ToldCommand, ...]

    @property
    def name(self) -> str:
        """The pair, as `--require-doors` writes it."""
        return f"{self.application}/{self.schema}"

    @property
    def failed(self) -> tuple[ToldCommand, ...]:
        """The commands that did not end well."""
        return tuple(each for each in self.commands if each.code or each.trouble)


@dataclass(frozen=True)
class ToldRemark:
    """What some `pairs` say of a statement, as all of them say it; where it works, there is something to know."""

    pairs: tuple[str, ...]
    word: Word
    sentence: str
    door: ToldDoor

    @property
    def where(self) -> str:
        """The pairs, in words."""
        return " and ".join(self.pairs)


@dataclass(frozen=True)
class ToldDoors:
    """The four pairs, and each statement on both schemas."""

    corners: tuple[ToldCorner, ...]
    statements: tuple[ToldDoor, ...]
    notes: tuple[str, ...]

    @property
    def table(self) -> tuple[tuple[Side, tuple[ToldCorner, ...]], ...]:
        """The four pairs as two lines: an application, and how it does on the old and on the new schema."""
        sides = dict.fromkeys(each.application for each in self.corners)
        return tuple((side, tuple(each for each in self.corners if each.application == side)) for side in sides)

    @property
    def remarks(self) -> tuple[ToldRemark, ...]:
        """What is to be said of statements: what is refused first, then what is in doubt, or could not be asked."""
        found = [remark for door in self.statements for remark in _remarks(door)]
        return tuple(sorted(found, key=lambda each: _ORDER.index(each.word)))

    @property
    def required(self) -> frozenset[str]:
        """The names of the pairs that must work."""
        return frozenset(each.name for each in self.corners if each.required)

    @property
    def closed(self) -> tuple[ToldRemark, ...]:
        """The statements that are refused on a pair that must work."""
        required = self.required
        return tuple(each for each in self.remarks if each.word == "refused" and required & {*each.pairs})

    @property
    def failed(self) -> tuple[tuple[ToldCorner, ToldCommand], ...]:
        """The test commands that did not end well, with the pair."""
        return tuple((corner, each) for corner in self.corners for each in corner.failed)


def _remarks(door: ToldDoor) -> Iterator[ToldRemark]:
    said = {schema: door.on(schema) for schema in SCHEMAS}
    for answer in dict.fromkeys(said.values()):
        if answer.word != "works" or answer.sentence:
            pairs = tuple(f"{door.application}/{schema}" for schema in SCHEMAS if said[schema] == answer)
            yield ToldRemark(pairs, answer.word, answer.sentence, door)
