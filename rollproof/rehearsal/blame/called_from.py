"""Runs inside the user's own Python, which may be older than ours: says which line of the project waits for the database.

A thread listens on a socket. To whoever connects it tells, as JSON, the frames of every waiting coroutine and of every other
thread, innermost first: file, line, and the line in a list of operations where a frame runs one (Django's migrations). It needs
nothing but Python's own library.
"""

from __future__ import annotations

import ast
import gc
import json
import os
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType


def listen(folder: str) -> None:
    """Listen in this process, and in each that it forks, on a socket in the folder that is named by the process."""
    if sys.platform != "win32":
        _listen(folder)
        os.register_at_fork(after_in_child=lambda: _listen(folder))


def _listen(folder: str) -> None:
    if sys.platform != "win32":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(Path(folder, str(os.getpid()))))
        listener.listen(8)
        threading.Thread(target=_serve, args=(listener,), name="rollproof", daemon=True).start()


def _serve(listener: socket.socket) -> None:
    while True:
        asking, _ = listener.accept()
        with asking, suppress(Exception):  # whatever it is, the user's program must not hear of it
            asking.sendall(json.dumps(_all()).encode())


def _all() -> list[list[tuple[str, int]]]:
    me = threading.get_ident()
    tasks = sorted(map(_awaiting, _tasks()), key=len, reverse=True)  # whoever waits for another one has fewer frames
    threads = [frame for thread, frame in sys._current_frames().items() if thread != me]  # noqa: SLF001
    return [*tasks, *map(_frames, threads)]


def _tasks() -> list[Any]:
    """Return the tasks of asyncio, of any loop, where it is in use."""
    tasks = sys.modules.get("asyncio.tasks")
    if tasks is None:
        return []
    known = getattr(tasks, "_all_tasks", None) or getattr(tasks, "_scheduled_tasks", None)
    if known is None:
        known = [each for each in gc.get_objects() if isinstance(each, tasks.Task)]
    return [task for task in list(known) if not task.done()]


def _awaiting(task: Any) -> list[tuple[str, int]]:
    chain = []
    coroutine = task.get_coro()
    while getattr(coroutine, "cr_frame", None) is not None:
        chain.append(coroutine.cr_frame)
        coroutine = coroutine.cr_await
    found = []
    for frame in reversed(chain):
        # SQLAlchemy runs what is not asynchronous, as Alembic's migrations, in a greenlet that waits here.
        found += _frames(getattr(frame.f_locals.get("context"), "gr_frame", None)) + _frames(frame)
    return found


def _frames(frame: FrameType | None) -> list[tuple[str, int]]:
    found = []
    while frame is not None:
        found.append((frame.f_code.co_filename, frame.f_lineno))
        operation = _operation(frame)
        if operation:
            found.append(operation)
        frame = frame.f_back
    return found


def _operation(frame: FrameType) -> tuple[str, int] | None:
    """Return the file and line of the operation of a Django migration that a frame runs; None for other frames."""
    migration, operation = frame.f_locals.get("self"), frame.f_locals.get("operation")
    if frame.f_code.co_name not in ("apply", "unapply") or operation is None:
        return None
    file = getattr(sys.modules.get(type(migration).__module__), "__file__", None)
    place = [each is operation for each in getattr(migration, "operations", ())]
    return (file, _line(file, place.index(True))) if file and any(place) else None


def _line(file: str, place: int) -> int:
    for node in ast.walk(ast.parse(Path(file).read_bytes())):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.List)
            and any(getattr(target, "id", "") == "operations" for target in node.targets)
            and place < len(node.value.elts)
        ):
            return node.value.elts[place].lineno
    return 1
