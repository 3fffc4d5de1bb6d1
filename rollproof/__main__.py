"""Where the process begins and ends: whatever happens, its exit code means what the contract says.

Python's own code for an exception is 1, which here means NOT RESTORED; click's for a wrong option is 2, and for a reader that
went away (`rollproof repair | head`) 1 again. So nothing ends by itself: what nobody foresaw is 3. And before anything else is
imported, which takes a while, the signals are taken.
"""

import errno
import os
import sys

from rollproof.system.bundle import NOBODY_READS, Verdict
from rollproof.system.garbage import look_seldom
from rollproof.system.signals import SIGNALS, UNWRITTEN

BROKEN, MISUSE, INTERRUPTED = 3, 4, 130


def run() -> None:
    """Run the command line and end the process."""
    _have_streams()
    SIGNALS.insists = True
    SIGNALS.install(stays=True)
    look_seldom()
    code = _ended()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno != errno.EPIPE:
            UNWRITTEN.append(str(error.strerror))
        else:
            code = code if code in {1, BROKEN, MISUSE} else NOBODY_READS
    if (
        UNWRITTEN and code == 0 and sys.argv[1:2] != ["verify"]
    ):  # its verdict is in the reports; of others it was all there is
        code = BROKEN
    _let_go_of_the_streams()
    SIGNALS.over()
    sys.exit(code)


def _have_streams() -> None:
    """Open what the caller closed (`>&-`), or the next file that is opened takes its number, and what is printed with it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


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
            return SIGNALS.code or INTERRUPTED
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

        from rollproof.model.printable import harmless  # noqa: PLC0415 (it may be what is broken)
        from rollproof.model.redaction import without_values  # noqa: PLC0415
        from rollproof.system.output import at_hand  # noqa: PLC0415

        hidden = at_hand(sys.argv[1:], os.environ).hide(without_values("".join(traceback.format_exception(error))))
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


if __name__ == "__main__":
    run()
