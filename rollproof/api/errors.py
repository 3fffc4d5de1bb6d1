"""What a program is told: bad news by its own class, without the way that it took through us."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from rollproof.model import failure
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.printable import harmless

if TYPE_CHECKING:
    from rollproof.api.report import Report

P = ParamSpec("P")
T = TypeVar("T")


class NothingWritten(UserWarning):
    """The database is unchanged, but then nothing was written at all: perhaps the block migrated another one."""

    __module__ = "rollproof"


class NotRestored(failure.NotRestored):
    """The database is not what it was. An `AssertionError`, so a test fails by it; `report` has all that is known."""

    __module__ = "rollproof"

    def __init__(self, text: str = "", report: "Report | None" = None) -> None:
        found = report.findings if report else ()
        super().__init__(found, reason=text)
        self.report = report

    def __str__(self) -> str:
        return self.reason

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.reason,))


def told_plainly(function: Callable[P, T]) -> Callable[P, T]:
    """Let bad news begin where the program called us, in a traceback of Python's and in one of pytest's."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        __tracebackhide__ = True
        try:
            return function(*args, **kwargs)
        except (NotRestored, NothingWritten) as error:  # a warning, where the program makes errors of them
            raise error.with_traceback(None) from None
        except Inconclusive as error:
            raise Inconclusive(harmless(str(error))) from None
        except Misuse as error:
            raise Misuse(harmless(str(error))) from None

    return call
