"""What pytest reads of its arguments, where one of them is ours.

pytest chose its root folder, and with it the user's configuration, by all words that are paths, our values among them, before it
knew our options. Then it is begun once more, with each value in one word with its option.
"""

import copy
import shlex
import sys
from collections.abc import Generator
from importlib import import_module
from typing import Any

import pytest

from rollproof.plugin.words import (
    given,
    joined,
    lengthened,
    mislead,
    mistyped,
    phases_in,
    typed_for_us,
    unfolded,
    unheard,
    without_a_phase,
    without_settings,
)
from rollproof.settings.option_table import OF_A_RUN, OPTIONS

ANSWER = pytest.StashKey[int]()
"""The exit code of the run inside, where pytest had to be begun anew."""
_OURS = {known.long for known in (*OPTIONS, *OF_A_RUN)}


def arguments_read(config: Any, parser: Any, args: list[str]) -> Generator[None, Any, Any]:
    """Have pytest read our options by their long names, and a phase begin if one is asked for; conftest files are loaded within.

    Raises `pytest.UsageError` for an option without a phase, and for one that another plugin hears in our place.
    """
    typed = unfolded(args)
    if not asks_for_a_phase(config):
        return (yield from _perhaps_of_others(config, parser, args))
    if mislead(given(config.invocation_params.args)):
        return (yield from _inside(config, args))
    _read(config, parser, args, typed)
    if not _begun(config):
        typed = without_settings(typed, config.getini("addopts"))
        _read(config, parser, args, typed)
        config.known_args_namespace.noconftest = True
    result = yield
    if wrong := unheard(typed, _taken(parser)):
        raise pytest.UsageError(wrong)
    for name, near in mistyped(typed, _taken(parser)):
        raise pytest.UsageError(f"unrecognized arguments: {name}; did you mean {near}?")
    args[:] = lengthened(typed, _taken(parser))
    return result


def _begun(config: Any) -> bool:
    """Have the phase begin. For an error of ours in that Python's own exit code is 1, which means NOT RESTORED here; so it is 3."""
    try:
        return bool(import_module("rollproof.plugin.parts").begin(config))
    except pytest.UsageError:
        raise
    except Exception:  # noqa: BLE001 (nothing may end as if it were a verdict)
        sys.excepthook(*sys.exc_info())
        raise SystemExit(int(pytest.ExitCode.INTERNAL_ERROR)) from None


def of_others(config: Any, parser: Any, args: list[str]) -> Generator[None, Any, Any]:
    """Have pytest do what it does; of a mistyped option it would repeat the value, and with an address its password."""
    result = yield
    if any(word.startswith("--") and "://" in word for word in args):
        unknown = parser.parse_known_and_unknown_args(args, copy.copy(config.option))[1]
        if addressed := [word.partition("=")[0] for word in unknown if "://" in word]:
            raise pytest.UsageError(f"unrecognized arguments: {' '.join(addressed)}")
    return result


def asks_for_a_phase(config: Any) -> bool:
    """Tell whether `-m` names a phase."""
    return bool(phases_in(config.known_args_namespace.markexpr))


def _perhaps_of_others(config: Any, parser: Any, args: list[str]) -> Generator[None, Any, Any]:
    """Leave the arguments as they are in the end: an option of our name may be one of a conftest's."""
    typed = [*args]
    _read(config, parser, args, typed)
    result = yield
    args[:] = typed
    if ours := typed_for_us(unfolded(args), _taken(parser)):
        raise pytest.UsageError(f"{ours[0]}: {without_a_phase(unfolded(args))}")
    return result


def _inside(config: Any, args: list[str]) -> Generator[None, Any, Any]:
    """Run pytest with values that nobody takes for tests, and have this run, whose root folder is wrong, do nothing more."""
    of_environment = given(())
    with pytest.MonkeyPatch.context() as patched:
        if of_environment:
            patched.setenv("PYTEST_ADDOPTS", shlex.join(joined(of_environment)))
        asked = config.invocation_params
        config.stash[ANSWER] = int(pytest.main(joined(asked.args), asked.plugins))
    args.clear()
    config.known_args_namespace.noconftest = True
    return (yield)


def _read(config: Any, parser: Any, args: list[str], typed: list[str]) -> None:
    """Have pytest read the arguments again, our options under their long names."""
    args[:] = lengthened(typed, _taken(parser))
    confcutdir = config.known_args_namespace.confcutdir
    config.known_args_namespace = parser.parse_known_args(args, namespace=copy.copy(config.option))
    config.known_args_namespace.confcutdir = config.known_args_namespace.confcutdir or confcutdir


def _taken(parser: Any) -> set[str]:
    """Return the names of the options of pytest and of all others that were loaded until now."""
    groups = (parser._anonymous, *parser._groups)  # noqa: SLF001 (pytest has no public way to ask)
    return {name for group in groups for option in group.options for name in option.names()} - _OURS
