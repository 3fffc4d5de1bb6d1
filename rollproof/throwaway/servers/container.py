"""A server in a container of our own, by testcontainers; it is removed when we end, even by SIGKILL."""

import atexit
import os
import secrets
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.system.child_process import APART
from rollproof.system.extras import require
from rollproof.throwaway.servers import container_reaper
from rollproof.throwaway.servers.databases import Janitor, told_url, url_of
from rollproof.throwaway.servers.processes import CHOOSES, SETTINGS
from rollproof.throwaway.servers.server import PREFIX, Server, shown

IMAGE = "postgres:18"
"""The official image of the newest PostgreSQL."""
_PORT = 5432
_PATIENCE = 90.0  # seconds until the server must answer, once its image is there
_GONE = 10.0  # seconds for the removal
_HERE = ("localhost", "127.0.0.1", "::1")
_OUTSIDE = {"fsync": "off", **SETTINGS, "listen_addresses": "*"}  # in a network of its own


class ContainerServer:
    """See `Server`."""

    bindir: Path | None = None
    log: Path | None = None
    shared = False
    given: str | None = None

    def __init__(self, image: str, container: Any, watcher: "subprocess.Popen[bytes]", url: str) -> None:
        self._container, self._watcher = container, watcher
        self.url = url
        with psycopg.connect(url) as connection:
            self.version = connection.info.server_version
        self.name = f"PostgreSQL {shown(self.version)} in a container of {image}"
        self._owner = os.getpid()
        atexit.register(self.stop)

    def dsn(self, database: str) -> str:
        """See `Server`."""
        return url_of(self.url, database)

    def create(self, database: str, template: str | None = None) -> None:
        """See `Server`."""
        Janitor(self.url, database, template, files=self.version >= CHOOSES).init()

    def drop(self, database: str) -> None:
        """See `Server`."""
        Janitor(self.url, database).drop()

    def left_running(self, database: str) -> str:
        """See `Server`."""
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}kept_"))
        told = told_url(self.dsn(database), folder)
        _release(self._watcher, b"it lives on")
        self._owner = 0  # it is nobody's now
        self._container.get_docker_client().client.close()
        atexit.unregister(self.stop)
        name = self._container.get_wrapped_container().name
        return f"'{told}' runs on; to end it: docker rm --force --volumes {name}; rm -r {shlex.quote(str(folder))}"

    def stop(self) -> None:
        """See `Server`. A fork of ours leaves it to us."""
        if os.getpid() == self._owner:
            atexit.unregister(self.stop)
            _remove(self._container, self._watcher)


def start(image: str, options: Mapping[str, str]) -> Server:
    """Start a server of this image, with `options` as further settings. Raises `Inconclusive` with the reason."""
    require("containers", "--server container")
    name, password = f"{PREFIX}{secrets.token_hex(8)}", secrets.token_hex(16)
    container = _made(image, name, password, {**_OUTSIDE, **options})
    watcher = _watched(name)
    try:
        container.start()
        return ContainerServer(image, container, watcher, _answering(container, password))
    except BaseException as error:
        _remove(container, watcher)
        if isinstance(error, Exception) and not isinstance(error, Inconclusive):
            pulled = "" if container._container else "it is not on this machine, and could not be pulled: "  # noqa: SLF001
            raise Inconclusive(pulled + _said(error)) from error
        raise


def _made(image: str, name: str, password: str, settings: Mapping[str, str]) -> Any:
    """Return the container, not yet started. Raises `Inconclusive` if there is no engine."""
    from testcontainers.core.config import testcontainers_config  # noqa: PLC0415
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415

    testcontainers_config.ryuk_disabled = True  # our watcher needs no second image, and no socket inside a container
    words: Any = ["postgres", *(f"-c{setting}={value}" for setting, value in settings.items())]
    try:
        made: Any = DockerContainer(image, command=words, name=name)
    except Exception as error:
        raise Inconclusive(
            f"no container engine can be reached: {_said(error)}\n"
            "start Docker (or Podman's service, with its socket in DOCKER_HOST), and let this user use it"
        ) from error
    made.with_envs(POSTGRES_PASSWORD=password, POSTGRES_INITDB_ARGS="--no-sync --locale=C --encoding=UTF8")
    # Nobody but this machine may reach it; an engine on another machine has to open the port there.
    on_this_machine = made.get_docker_client().host() in _HERE
    made.ports = {f"{_PORT}/tcp": ("127.0.0.1",)} if on_this_machine else {f"{_PORT}/tcp": None}
    return made


def _answering(container: Any, password: str) -> str:
    """Return the server's URL once it answers by TCP, which the image's own preparation does not. Raises `Inconclusive`."""
    deadline, inner = time.monotonic() + _PATIENCE, container.get_wrapped_container()
    while True:
        inner.reload()
        urls = [
            f"postgresql://postgres:{password}@{host}:{port}/postgres?sslmode=disable"
            for host, port in _places(container, inner)
        ]
        tried = {url: _refusal(url) for url in urls}
        if "" in tried.values():
            return next(url for url in urls if not tried[url] or not _refusal(url))
        if inner.status in ("exited", "dead") or time.monotonic() > deadline:
            said = inner.logs(tail=5).decode("utf-8", "replace").strip()
            why = next(iter(tried.values()), "it has no port")
            raise Inconclusive(f"its container ({inner.status}) does not answer: {why}\nit said: {said}")
        time.sleep(0.1)


def _refusal(url: str) -> str:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return str(error).strip()
    return ""


def _places(container: Any, inner: Any) -> Iterator[tuple[str, int]]:
    """Yield where it may be reached: at the port that the engine opened, or, for one of two containers, at its own address."""
    client, (bound, *_) = container.get_docker_client(), inner.ports.get(f"{_PORT}/tcp") or [{}]
    if "HostPort" in bound:
        yield ("127.0.0.1" if client.host() in _HERE else client.host()), int(bound["HostPort"])
    with suppress(KeyError):
        yield client.bridge_ip(inner.id), _PORT


def _watched(name: str) -> "subprocess.Popen[bytes]":
    """Start what removes the container when we are gone."""
    return subprocess.Popen(  # noqa: S603 (this very Python)
        [sys.executable, container_reaper.__file__, name],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONSAFEPATH": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **APART,
    )


def _remove(container: Any, watcher: "subprocess.Popen[bytes]") -> None:
    """Remove it; the watcher, let go, looks whether it is gone, and removes what could not be."""
    with suppress(Exception):
        container.stop()
    _release(watcher)


def _release(watcher: "subprocess.Popen[bytes]", word: bytes = b"") -> None:
    if watcher.stdin:
        with suppress(OSError):
            watcher.stdin.write(word)
        watcher.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        watcher.wait(_GONE)


def _said(error: BaseException) -> str:
    return str(getattr(error, "explanation", "") or error).strip()
