"""Who does the jobs: anything behind `concurrent.futures.Executor`, named by a word."""

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

from rollproof.model.errors import Misuse


@dataclass(frozen=True)
class Workers:
    """An executor, how many jobs it can do `at_once`, and its `name` without secrets."""

    name: str
    executor: Executor
    at_once: int


def workers(word: str) -> Workers:
    """Return the executor of this word. Raises `Misuse` if there is none, or it cannot be reached."""
    kind, _, number = word.partition(":")
    if kind == "threads" and number.isdecimal() and int(number):
        return Workers(word, ThreadPoolExecutor(int(number), "rollproof-fleet"), int(number))
    raise Misuse(f"--executor {word}: threads:N")
