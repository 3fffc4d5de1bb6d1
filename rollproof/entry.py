"""Where the process begins and ends: whatever happens, its exit code means what the contract says.

Python's own code for an exception is 1, which here means NOT RESTORED; click's for a wrong option is 2, and for a reader that
went away (`rollproof repair | head`) 1 again. So nothing ends by itself: what nobody foresaw is 3. And before anything else is
imported, which takes a while, the signals are taken.
"""

import errno
import os
import sys

from rollproof.ending import ENDING
from rollproof.suite import NOBODY_READS, Verdict

BROKEN, MISUSE, INTERRUPTED = 3, 4, 130


def run() -> None:
    """Run the command line and end the process."""
    ENDING.insists = True
    ENDING.install(stays=True)
    code = _ended()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        code = code if code in {1, BROKEN, MISUSE} else NOBODY_READS
    _let_go_of_the_streams()
    ENDING.over()
    sys.exit(code)


def _ended() -> int:
    try:
        from rollproof.cli import main  # noqa: PLC0415 (what cannot even be imported must not end with 1 either)

        return int(main(standalone_mode=False) or 0)
    except BaseException as error:  # noqa: BLE001 (that is what this is for)
        return _meaning(error)


def _meaning(error: BaseException) -> int:
    """Return the exit code that an end by this means; what nobody foresaw is told."""
    import click  # noqa: PLC0415 (the signals come first)

    match error:
        case Verdict():
            return _number(error.code)
        case SystemExit():
            return BROKEN if _number(error.code) == 1 else _number(error.code)
        case click.exceptions.Abort() | KeyboardInterrupt():
            return ENDING.code or INTERRUPTED
        case click.ClickException():
            error.show()
            return MISUSE
        case OSError(errno=errno.EPIPE):
            return NOBODY_READS
    _tell(error)
    return BROKEN


def _number(code: object) -> int:
    """Return what Python makes of an exit code: a text, or anything else that is no number, is 1."""
    return code if isinstance(code, int) else int(code is not None)


def _tell(error: BaseException) -> None:
    """Print where it happened, without the secrets that we know of."""
    try:
        import traceback  # noqa: PLC0415 (the signals come first)

        from rollproof.leaving import at_hand  # noqa: PLC0415
        from rollproof.printable import harmless  # noqa: PLC0415 (it may be what is broken)

        hidden = at_hand(sys.argv[1:], os.environ).hide("".join(traceback.format_exception(error)))
        told = harmless(hidden)
    except Exception:  # noqa: BLE001 (a text that may hold a secret stays untold)
        told = f"{type(error).__name__}\n"
    told += (
        "rollproof: this is an error of rollproof's own and says nothing about the database: please report it, with the lines "
        "above\n"
    )
    try:
        sys.stderr.write(told.encode("ascii", "backslashreplace").decode())
    except (OSError, ValueError):
        return


def _let_go_of_the_streams() -> None:
    """Have nothing left to flush: at its end Python would try once more, and replace the code by 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            try:
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            except (OSError, ValueError):
                continue
