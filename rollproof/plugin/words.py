"""Our words among pytest's arguments: found, hidden from others, and given their long names, before pytest knows any option.

Our options have short names that another plugin, or a user's conftest, may have for its own; so pytest is told of the long ones
alone (`--rollproof-jobs`), and a short name that is nobody's is made long in the arguments.
"""

import os
import re
import shlex
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from rollproof.model.phase import PHASES
from rollproof.settings.option_table import OF_A_RUN, OF_MANY, OPTIONS

_ALL = (*OPTIONS, *OF_A_RUN)
_OF_MANY = frozenset(known.flag for known in OF_MANY)
_SHORT = {known.flag: known for known in _ALL if known.field != "strict"}
"""By short name. pytest has a `--strict` of its own, and whoever types it means ours as well."""
_BY_NAME = {**_SHORT, **{known.long: known for known in _ALL}}
NO_ADDRESS = "-m takes a phase, such as post_rollback, and no address (it is not shown: it may hold a password)"


def given(arguments: Sequence[str]) -> list[str]:
    """Return the arguments that were typed, with those of PYTEST_ADDOPTS before them."""
    return unfolded([*_of_environment(), *arguments])


def unfolded(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with those of a file (`@FILE`, one in each line) in its place, as pytest itself reads them."""
    found: list[str] = []
    for word in arguments:
        found += _lines(word) if word.startswith("@") else [word]
    return found


def _lines(word: str) -> list[str]:
    try:
        with open(word[1:], encoding="utf-8") as file:  # noqa: PTH123 (pathlib would be one more import, of a pytest that is nobody's)
            return unfolded(file.read().splitlines())
    except (OSError, ValueError):  # pytest will say so
        return [word]


def _of_environment() -> list[str]:
    try:
        return shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))
    except ValueError:  # a quote without an end: pytest will say so
        return os.environ["PYTEST_ADDOPTS"].split()


def mention_us(arguments: Sequence[str]) -> bool:
    """Tell whether one of our options is among the arguments, or a phase is what `-m` names."""
    words = unfolded(arguments)
    return any(word.partition("=")[0] in _BY_NAME for word in words) or mention_a_phase(words)


def mention_a_phase(arguments: Sequence[str]) -> bool:
    """Tell whether a phase is what `-m` names."""
    return any(map(phases_in, _marker_expressions(arguments)))


def markers_in(expression: str) -> set[str]:
    """Return the markers in an expression of `-m`, without what stands in brackets behind one: severity("critical")."""
    without_arguments = re.sub(r"\([^()]*=[^()]*\)", "", expression)
    return set(re.findall(r"[^\W\d]\w*", without_arguments)) - {"and", "or", "not", "True", "False"}


def phases_in(expression: str) -> list[str]:
    """Return the phases that an expression of `-m` asks for; who leaves one out (`not post_rollback`) asks for none."""
    named = markers_in(re.sub(r"\bnot\s+(\w+|\([^()]*\))", "", expression))
    return [phase for phase in PHASES if phase in named]


def _marker_expressions(arguments: Sequence[str]) -> Iterator[str]:
    for word, after in pairwise([*arguments, ""]):
        if word.startswith("-m"):
            yield after if word == "-m" else word.removeprefix("-m").removeprefix("=")


def without_a_phase(arguments: Sequence[str]) -> str:
    """Return what is wrong with arguments whose `-m` names no phase, or that have none."""
    expression = " ".join(_marker_expressions(arguments))
    if "://" in expression:
        return NO_ADDRESS
    from difflib import get_close_matches  # noqa: PLC0415 (a pytest that is nobody's need not wait for it)

    near = [
        f"; did you mean `{name}`?"
        for each in sorted(markers_in(expression))
        for name in get_close_matches(each, PHASES, 1)
    ]
    return f"which phase? add for example -m post_rollback (the phases are {', '.join(PHASES)}){''.join(near[:1])}"


def mistyped(arguments: Sequence[str], taken: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each option that nobody knows and that is like one of ours, with that; pytest and others have `taken` theirs."""
    from difflib import get_close_matches  # noqa: PLC0415 (as above)

    typed = {word.partition("=")[0] for word in arguments if word.startswith("--")} - _BY_NAME.keys() - {*taken}
    for name in sorted(typed):
        yield from ((name, near) for near in get_close_matches(name, _BY_NAME, 1))


def typed_for_us(arguments: Sequence[str], taken: Collection[str] = ()) -> list[str]:
    """Return those of our options, by the names that were typed; a name that another has `taken` is not ours."""
    names = (word.partition("=")[0] for word in arguments)
    return [name for name in names if name in _BY_NAME and name not in taken]


def unheard(arguments: Sequence[str], taken: Collection[str]) -> str:
    """Return what is wrong where a short name of ours was typed that another has `taken`, and not the long one; "" if nothing is.

    To go on without it would be to verify something else than was meant. Of many databases no run of pytest hears.
    """
    names = {word.partition("=")[0] for word in arguments}
    for name in sorted(names & _OF_MANY - {*taken}):
        return f"{name} is about many databases, and pytest verifies one: rollproof verify {name} …"
    for name in sorted(names & _SHORT.keys() & {*taken}):
        if (long := _SHORT[name].long) not in names:
            return f"{name} is an option of another plugin, or of a conftest.py, here: rollproof's is {long}"
    return ""


def without_settings(arguments: list[str], settings: list[str]) -> list[str]:
    """Return the arguments without those of pytest's configuration file, which begin them, but for what they say to us.

    The others are about the user's tests, and may be options of a conftest's.
    """
    if arguments[: len(settings)] != settings:
        return arguments
    to_us = [word for word in lengthened(settings) if word.partition("=")[0] in _BY_NAME]
    phase = next(filter(phases_in, _marker_expressions(settings)), None)
    return [*to_us, *(["-m", phase] if phase else []), *arguments[len(settings) :]]


def lengthened(arguments: Sequence[str], taken: Collection[str] = ()) -> list[str]:
    """Return the arguments with our options as pytest knows them, each with its value in one word (`--rollproof-jobs=4`).

    So no value can be taken for a test to run. A short name that another has `taken` stays what it is.
    """
    return list(_joined(arguments, taken, longer=True))


def joined(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with each of our options and its value in one word, by the name that was typed."""
    return list(_joined(arguments, (), longer=False))


def _joined(arguments: Sequence[str], taken: Collection[str], *, longer: bool) -> Iterator[str]:
    words = iter(unfolded(arguments))
    for word in words:
        name, equals, value = word.partition("=")
        known = None if name in taken else _BY_NAME.get(name)
        if known is None:
            yield word
            continue
        name = known.long if longer else name
        if known.metavar and not equals:
            following = next(words, None)
            yield name if following is None else f"{name}={following}"
        else:
            yield f"{name}{equals}{value}"


def mislead(arguments: Sequence[str]) -> bool:
    """Tell whether the value of an option of ours is a word of its own and a path that exists: pytest took it for tests."""
    values = (after for word, after in pairwise(arguments) if _takes_value(word))
    return any(_exists(value.partition("::")[0]) for value in values)


def _exists(path: str) -> bool:
    try:
        return os.path.exists(path)  # noqa: PTH110 (pathlib would be one more import, of a pytest that is nobody's)
    except ValueError:  # a zero byte
        return False


def _takes_value(word: str) -> bool:
    known = _BY_NAME.get(word)
    return bool(known and known.metavar)
