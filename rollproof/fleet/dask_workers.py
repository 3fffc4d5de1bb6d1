"""Workers of dask: a cluster on this machine for one run, or one that is reached through its scheduler.

A scheduler runs whatever reaches it, and whoever takes its answers runs what is in them: so it is reached by TLS with certificates
on both sides, unless it is on this very machine. The cluster of one run has a certificate of its own, which nobody else has.
"""

import ipaddress
import logging
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import ExitStack, suppress
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.system.extras import require

_SECONDS = 10.0
"""How long a scheduler is waited for, and its first worker."""
_LOOKS = 2.0
"""Seconds between two looks at how many workers there are."""
_USUAL = 2
_CONFIGURE = (
    "set tls.ca-file, tls.client.cert and tls.client.key under distributed.comm in dask's configuration "
    "(or DASK_DISTRIBUTED__COMM__TLS__CA_FILE and so on)"
)


def dask(word: str) -> Callable[[], "Dask"]:
    """Return what connects to the workers that a word names: dask://HOST:PORT, or dask://local[:N] for a cluster of this run alone.

    Raises `Misuse` if that is no address, or TLS is not configured though it is needed.
    """
    require("fleet", "--executor dask://")
    try:
        parts = urlsplit(word)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.username or parts.path not in ("", "/") or not host or (host != "local" and not port):
        raise Misuse("--executor dask://…: write dask://HOST:PORT, as dask://scheduler.example:8786, or dask://local:2")
    if host == "local" or port is None:
        return partial(_local, word, _USUAL if port is None else port)
    if not _is_here(host):
        _require_tls(word)
    return partial(_remote, word, host, port)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _security() -> Any:
    distributed: Any = import_module("distributed")
    return distributed.Security()


def _require_tls(word: str) -> None:
    known = _security()
    if not (known.tls_ca_file and known.tls_client_cert and known.tls_client_key):
        raise Misuse(
            f"--executor {word} is not on this machine, and a scheduler runs whatever reaches it, so it must be reached by "
            f"TLS, with certificates: {_CONFIGURE}"
        )


def _local(word: str, number: int) -> "Dask":
    if not number:
        raise Misuse(f"--executor {word}: 0 is no number of workers")
    distributed: Any = import_module("distributed")
    security = distributed.Security.temporary()
    nobody_looks: dict[str, list[object]] = {f"distributed.{who}.http.routes": [] for who in ("scheduler", "worker")}
    with ExitStack() as unless_whole, import_module("dask.config").set(nobody_looks):
        cluster = distributed.LocalCluster(
            n_workers=number,
            threads_per_worker=1,
            host="127.0.0.1",
            protocol="tls://",
            security=security,
            dashboard_address="127.0.0.1:0",
            memory_limit=0,  # no worker is ended because the machine is full
            silence_logs=logging.CRITICAL,
        )
        unless_whole.callback(cluster.close, timeout=_SECONDS)
        client = distributed.Client(cluster, security=security, set_as_default=False, timeout=_SECONDS)
        unless_whole.callback(client.close, timeout=_SECONDS)
        return Dask(client, unless_whole.pop_all().close)


def _remote(word: str, host: str, port: int) -> "Dask":
    distributed: Any = import_module("distributed")
    security = _security()
    is_tls = bool(security.tls_ca_file) or not _is_here(host)
    security.require_encryption = is_tls
    address = f"{'tls' if is_tls else 'tcp'}://{f'[{host}]' if ':' in host else host}:{port}"
    try:
        client = distributed.Client(address, security=security, set_as_default=False, timeout=_SECONDS)
    except Exception as error:
        why = " ".join(str(error).split())
        raise Inconclusive(
            f"--executor {word} cannot be reached: {why}; is the scheduler running, and does it speak {'' if is_tls else 'no '}TLS?"
        ) from error
    made = Dask(client, partial(client.close, timeout=_SECONDS))
    end = time.monotonic() + _SECONDS
    while not made.at_once:
        if time.monotonic() > end:
            made.shutdown()
            raise Inconclusive(f"--executor {word}: the scheduler has no workers: start some (dask worker {address})")
        time.sleep(_LOOKS / 10)
    return made


class Dask(Executor):
    """The workers behind a client of dask's; `ends` closes it. A job whose worker is lost is done by another one."""

    def __init__(self, client: Any, ends: Callable[[], object]) -> None:
        self._jobs = client.get_executor(pure=False)  # a job's key is a random one, and tells nothing
        self._client = client
        self._ends = ends
        self._threads, self._looked = 0, 0.0

    @property
    def at_once(self) -> int:
        """How many jobs the workers do at the same time, as the scheduler said a moment ago; 0 if it has none."""
        if not self._threads or time.monotonic() - self._looked > _LOOKS:
            with suppress(Exception):  # it is away: what it said last holds
                self._threads = sum(self._client.nthreads().values())
            self._looked = time.monotonic()
        return self._threads

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """Have a worker call a function."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")  # a baseline is as large as it is
            future: Future[Any] = self._jobs.submit(call, *args, **named)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (Executor's signature)
        """Let go of the workers, and wait for nobody."""
        del wait, cancel_futures
        with suppress(Exception):  # it may be what was lost
            self._jobs.shutdown(wait=False)
        with suppress(Exception):
            self._ends()
