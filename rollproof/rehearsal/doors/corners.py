"""Which pairs of application and schema work: what is made of all statements, and of the test commands. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rollproof.model.amounts import counted
from rollproof.model.printable import one_line
from rollproof.rehearsal.doors.door import PAIRS, Corner, Door, Exercised, Side, Word

_WORST: tuple[Word, ...] = ("refused", "in doubt", "works", "not asked")
NOT_GIVEN = "nobody said what it does: neither statements nor commands of it are given"
NONE_ASKED = "none of its statements could be asked"
_SAYS_NOTHING = "; on its own schema, the {0} one, they fail, too, so this says nothing of the migration"


def corners(doors: Sequence[Door], tested: Mapping[tuple[Side, Side], Exercised]) -> tuple[Corner, ...]:
    """Return all four pairs: one that works has no statement that is refused or in doubt, and no command that fails."""
    return tuple(_corner(doors, tested, *pair) for pair in PAIRS)


def _corner(
    doors: Sequence[Door], tested: Mapping[tuple[Side, Side], Exercised], application: Side, schema: Side
) -> Corner:
    own = [door for door in doors if door.application == application]
    words = Counter(door.on(schema).word for door in own)
    test = tested.get((application, schema))
    word, told = _of_commands(test, tested.get((application, application)), application)
    found: Word = min([*words, word], key=_WORST.index)
    sentence = "; ".join(filter(None, [_of_statements(words), told]))
    if not own and test is None:
        sentence = NOT_GIVEN
    return Corner(application, schema, found, sentence, test.ran if test else ())


def _of_statements(words: Counter[Word]) -> str:
    """Return how many statements were taken, and how many not; "" if there are none."""
    every = words.total()
    if not every:
        return ""
    if words["not asked"] == every:
        return NONE_ASKED
    first, *others = [word for word in _WORST if words[word]]
    if first == "works" and not others:
        return "its statement is taken" if every == 1 else f"all {counted(every, 'statement')} are taken"
    if every == 1:
        return f"its statement {_told(first, 1)}"
    more = "".join(f", {words[word]:,} {_told(word, words[word])}" for word in others if word != "works")
    return f"{words[first]:,} of {counted(every, 'statement')} {_told(first, words[first])}{more}"


def _told(word: Word, number: int) -> str:
    be = "is" if number == 1 else "are"
    return {"works": f"{be} taken", "not asked": "could not be asked"}.get(word, f"{be} {word}")


def _of_commands(test: Exercised | None, at_home: Exercised | None, application: Side) -> tuple[Word, str]:
    """Return what the commands say: those that fail on the application's own schema say nothing of another one."""
    if test is None:
        return "not asked", ""
    if not test.trouble:
        return "works", f"{counted(len(test.ran), 'command')} ended well"
    first = one_line(test.trouble.splitlines()[0]).removesuffix(", and said nothing")
    if test.is_undecided:
        return "in doubt", first
    if at_home and at_home.trouble and at_home is not test:
        return "in doubt", first + _SAYS_NOTHING.format(application)
    return "refused", first


def lives(corner: Corner, *, must: bool = False) -> str:
    """Return whether that application lives on that schema, which it perhaps `must`, and why not; "" of one that works at home."""
    who, where = f"the {corner.application} application", f"on the {corner.schema} schema"
    required = f", as it must (--require-doors {corner.name})" if must else ""
    is_home = corner.application == corner.schema
    if corner.word == "works":
        return "" if is_home else f"{who} lives {where}"
    if corner.word == "refused":
        return f"{who} does not {'even ' if is_home else ''}live {where}{required}: {corner.sentence}"
    doubt = "in doubt" if corner.word == "in doubt" else "unknown"
    return f"whether {who} lives {where}{required}{',' if must else ''} is {doubt}: {corner.sentence}"
