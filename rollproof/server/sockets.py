"""TCP keepalives and timeouts of a connection, and closing it in bounded time whatever became of its other end."""

import socket
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import psycopg

from rollproof.system.background import background

Line = psycopg.Connection[Any]


def keepalives(silence: float) -> dict[str, str]:
    """Return libpq's parameters by which the kernel ends a dead line well within `silence` seconds; not all systems know all."""
    idle, pause = max(1, round(silence / 4)), max(1, round(silence / 12))
    return {
        "keepalives": "1",
        "keepalives_idle": str(idle),
        "keepalives_interval": str(pause),
        "keepalives_count": "6",
        "tcp_user_timeout": str(round(silence * 750)),
    }


def server_keepalives(silence: float) -> dict[str, str]:
    """Return the same for the server's end, as settings of its own; through a socket file they mean nothing."""
    known = keepalives(silence)
    names = {"keepalives_idle": "s", "keepalives_interval": "s", "keepalives_count": ""}
    settings = {f"tcp_{name}": known[name] + unit for name, unit in names.items()}
    return settings | {"tcp_user_timeout": known["tcp_user_timeout"] + "ms"}


def hang_up(line: Line) -> None:
    """Shut down the socket of a connection: a thread that waits for it gets an error at once."""
    # Not by os.dup: on Windows a socket is no file. The family that is named here does not matter.
    with suppress(OSError, psycopg.Error), socket.fromfd(line.fileno(), socket.AF_INET, socket.SOCK_STREAM) as end:
        end.shutdown(socket.SHUT_RDWR)


def cancel(lines: Iterable[Line], seconds: float) -> None:
    """Send cancel requests for these connections, side by side; return when all are sent, or after `seconds`."""
    wait([background(partial(_cancel, line, seconds)) for line in lines], seconds)


def _cancel(line: Line, seconds: float) -> None:
    with suppress(psycopg.Error):
        line.cancel_safe(timeout=seconds)


@contextmanager
def answering(line: Line, seconds: float) -> Iterator[None]:
    """Hang up if no answer comes: libpq's own limit covers the login, and a pooler's login is not the server's."""
    late = threading.Event()

    def give_up() -> None:
        late.set()
        cancel([line], 1)
        hang_up(line)

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    except psycopg.Error as error:
        if late.is_set():
            raise psycopg.OperationalError(f"it let us in and then gave no answer for {seconds:g} s") from error
        raise
    finally:
        timer.cancel()
