"""Who does the jobs: anything behind `concurrent.futures.Executor`, named by a word."""

import importlib
import multiprocessing
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from rollproof.fleet.dask_workers import dask
from rollproof.model.errors import Inconclusive, Misuse, RollproofError
from rollproof.system.background import background
from rollproof.system.extras import require

_FORMS = "threads:N, processes:N, dask://HOST:PORT, dask://local:N, or MODULE:FACTORY of yours"
_MOST = 10_000
_USUAL = 8
START = 60.0
"""Seconds in which the first worker process must have started."""


@dataclass
class Workers:
    """Who does the jobs, `number` of them at the same time; `name` is what reports say. Ends with `close`."""

    name: str
    make: Callable[[], Executor]
    number: int
    executor: Executor = field(init=False)

    def __post_init__(self) -> None:
        self.executor = self.make()

    @property
    def at_once(self) -> int:
        """How many jobs may be begun at the same time; a cluster grows and shrinks."""
        return int(getattr(self.executor, "at_once", self.number))

    def renew(self) -> None:
        """Make the executor anew: the one that there was takes no more jobs. Raises `RollproofError` if it cannot be made."""
        self.close()
        self.executor = self.make()

    def close(self) -> None:
        """Let go of the workers, and wait for nobody."""
        with suppress(Exception):  # whatever it is, there is nothing left to lose
            self.executor.shutdown(wait=False, cancel_futures=True)


def stays_here(word: str) -> bool:
    """Tell whether jobs for the executor of this word stay in processes of ours, so that a password may be in them."""
    return word.partition(":")[0] in _OURS


def workers(word: str) -> Workers:
    """Return who is named by this word. Raises `Misuse` if nobody is, `Inconclusive` if it cannot be reached."""
    kind, _, rest = word.partition(":")
    if word.startswith("dask://"):
        return Workers(word, dask(word), 0)
    if make := _OURS.get(kind):
        number = _number(rest or str(_USUAL), word)
        return Workers(f"{kind}:{number}", partial(make, number), number)
    if rest and all(part.isidentifier() for part in kind.split(".")):
        return _of_factory(word)
    raise Misuse(f"--executor {word}: there is no such executor; it is {_FORMS}")


def _number(text: str, word: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise Misuse(f"--executor {word}: {text} is no number of workers, which is from 1 to {_MOST:,}")
    return int(text)


class _Threads(Executor):
    """A thread for each job, which keeps no process alive; how many there are at once is the schedule's business."""

    def __init__(self, number: int) -> None:
        del number

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        return background(partial(call, *args, **named))


class _Processes(Executor):
    """Processes that know nothing of this one; one that ends loses its own job alone, and `cancel` ends one that is stuck."""

    def __init__(self, number: int) -> None:
        require("fleet", "--executor processes")
        from pebble import ProcessPool  # noqa: PLC0415 (an extra)

        anew: Any = multiprocessing.get_context("spawn")  # on Windows pebble's types know only the usual one
        self._pool: Any = ProcessPool(number, context=anew)
        self._require_one(number)

    def _require_one(self, number: int) -> None:
        """Raise `Inconclusive` if not one process can be started: the pool would try for ever, and say nothing."""
        try:
            self._pool.schedule(int).result(START)
        except Exception as error:
            self.shutdown()
            raise Inconclusive(
                f"--executor processes:{number}: no process of {sys.executable} answered within {START:.0f} s; may this user "
                "run it, and import rollproof by it? is there memory? --executor threads does without processes"
            ) from error

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = self._pool.schedule(call, args=args, kwargs=named)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (Executor's signature)
        del wait, cancel_futures
        self._pool.stop()
        self._pool.join(timeout=2)


_OURS: Mapping[str, Callable[[int], Executor]] = MappingProxyType({"threads": _Threads, "processes": _Processes})


def _of_factory(word: str) -> Workers:
    module, name, *rest = word.split(":")
    number = _number(rest[0] if rest else str(_USUAL), word)
    return Workers(word, partial(_made, word, module, name), number)


def _made(word: str, module: str, name: str) -> Executor:
    factory = _factory(word, module, name)
    try:
        made = factory()
    except RollproofError:
        raise
    except Exception as error:
        raise Inconclusive(f"--executor {word}: {name}() gave no executor: {type(error).__name__}: {error}") from error
    if not isinstance(made, Executor):
        raise Misuse(f"--executor {word}: {name}() gave a {type(made).__name__}, and no concurrent.futures.Executor")
    return made


def _factory(word: str, module: str, name: str) -> Callable[[], object]:
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        found = getattr(importlib.import_module(module), name, None)
    except Exception as error:
        raise Misuse(
            f"--executor {word}: {module} cannot be imported: {type(error).__name__}: {error}; it is {_FORMS}"
        ) from error
    finally:
        with suppress(ValueError):
            sys.path.remove(here)
    if not callable(found):
        raise Misuse(f"--executor {word}: {module} has no function {name} that gives an executor")
    return cast("Callable[[], object]", found)
