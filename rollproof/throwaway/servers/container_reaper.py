"""Removes a container when its owner is dead, by whatever signal.

Run as a program with the container's name, this file waits until its owner closes a pipe, which the kernel does when the
owner dies. An owner that wants the container to live on writes a word first.
"""

import sys
import time
from contextlib import suppress
from importlib import import_module
from typing import Any

_TRIES = 50  # tenths of a second: the engine may just be making it


def remove(name: str) -> None:
    """Remove a container with its volumes; nothing happens if it is gone."""
    docker: Any = import_module("docker")
    engine = docker.from_env()
    with suppress(docker.errors.NotFound):
        engine.containers.get(name).remove(force=True, v=True)
    engine.close()


if __name__ == "__main__":
    if not sys.stdin.buffer.read():
        for _ in range(_TRIES):
            try:
                remove(sys.argv[1])
            except Exception:  # noqa: BLE001 (of the engine, of the network: it is tried again)
                time.sleep(0.1)
            else:
                break
