"""The time that the parts of a run take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rollproof.verdict.measured import Stage


class Stopwatch:
    """Takes the time of parts that follow one another; `stages` are those that ended, in that order."""

    def __init__(self) -> None:
        self.stages: tuple[Stage, ...] = ()

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Take the time of a part, also of one that fails; of parts with one name the sum."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.add(name, time.monotonic() - began)

    def add(self, name: str, seconds: float) -> None:
        """Add the seconds of a part whose time somebody else took."""
        took = {stage.name: stage.seconds for stage in self.stages}
        took[name] = took.get(name, 0.0) + seconds
        self.stages = tuple(Stage(each, known) for each, known in took.items())
