"""Notices to people, sent by apprise: each target beside the others, within a time; of an address only scheme and host are told."""

import logging
import re
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from rollproof.system.extras import lacking

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_NAMED_HOSTS = frozenset({"json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos"})
"""Schemes whose host is one; what stands there for others is often a token."""
_STATUS = re.compile(r"\berror=(\d{3})\b")
_PAUSE = 0.05
_AFTER_SIGNAL = 1.0  # seconds


@dataclass(frozen=True)
class Notice:
    """A message: a line, and what it says."""

    title: str
    body: str = field(repr=False)


@dataclass(frozen=True)
class Told:
    """A target as it may be named, and why it was not told; "" if it was."""

    target: str
    problem: str = ""


def send(
    notice: Notice, urls: Sequence[str], environment: Mapping[str, str], seconds: float, is_ended: Callable[[], bool]
) -> tuple[Told, ...]:
    """Send a notice to each address, and return what became of each; never raises.

    No longer than so many seconds is waited for all of them, and a second where `is_ended` says that the run was.
    """
    if told := lacking("notify", "[notify] of rollproof.toml"):
        return tuple(Told(_named(url), told) for url in urls)
    _quiet()
    with warnings.catch_warnings():  # of libraries, which nobody here can mend; some are imported when they are used
        warnings.simplefilter("ignore")
        tries = [_Try(notice, url, environment) for url in urls]
        _wait([each for each in tries if each.is_ready], seconds, is_ended)
    return tuple(Told(_named(each.url), each.problem(seconds)) for each in tries)


def _wait(tries: "Sequence[_Try]", seconds: float, is_ended: Callable[[], bool]) -> None:
    began = time.monotonic()
    for each in tries:
        each.thread.start()
    while any(each.thread.is_alive() for each in tries):
        waited = time.monotonic() - began
        if waited > seconds or (is_ended() and waited > _AFTER_SIGNAL):
            return
        time.sleep(_PAUSE)


def _named(url: str) -> str:
    """Return an address as it may be told: without user, password, path and query, which hold tokens."""
    scheme = url.partition("://")[0]
    if not re.fullmatch(r"[a-z][a-z0-9+.-]{0,30}", scheme):
        return "an address"
    host = ""
    with suppress(ValueError):  # an address that is none, as json://[x
        host = urlsplit(url).netloc.rpartition("@")[2] if scheme in _NAMED_HOSTS else ""
    return f"{scheme}://{host if re.fullmatch(r'[A-Za-z0-9.:_-]+', host) else '…'}"


class _Try:
    """One message to one address, in a thread of its own that nobody waits for at the end of the process."""

    def __init__(self, notice: Notice, url: str, environment: Mapping[str, str]) -> None:
        self.url = url
        self.thread = threading.Thread(target=self._send, daemon=True)
        self._notice = notice
        self._target: Any = None
        self._came_to: str | None = None
        try:
            self._target, self._came_to = _prepared(url, environment)
        except Exception as error:  # noqa: BLE001 (an installation that is broken)
            self._came_to = f"could not be sent: {type(error).__name__}"

    @property
    def is_ready(self) -> bool:
        """Whether it can be sent at all."""
        return self._target is not None

    def problem(self, seconds: float) -> str:
        """Return why it is not certain that it was sent; "" if it is."""
        return f"no answer within {seconds:g} s" if self._came_to is None else self._came_to

    def _send(self) -> None:
        from apprise import NotifyFormat, NotifyType  # noqa: PLC0415 (only who is told needs it)

        try:
            with _heard() as statuses:  # sent by itself: Apprise's own pool of threads would be waited for at the end
                sent = self._target.notify(
                    self._notice.body, self._notice.title, NotifyType.INFO, body_format=NotifyFormat.TEXT
                )
        except Exception as error:  # noqa: BLE001 (whatever a library raises; its words may hold a token)
            self._came_to = f"could not be sent: {type(error).__name__}"
        else:
            failed = f"it answered {statuses[-1]}" if statuses else "it could not be reached, or refused it"
            self._came_to = "" if sent else failed


def _prepared(url: str, environment: Mapping[str, str]) -> tuple[Any, str | None]:
    """Return what apprise makes of an address, or None and why it is none."""
    if unset := sorted({name for name in _VARIABLE.findall(url) if not environment.get(name)}):
        return None, f"wants {', '.join(f'${{{name}}}' for name in unset)}: not in the environment, or empty there"
    from apprise import Apprise, AppriseAsset, NotifyFormat  # noqa: PLC0415 (the same)

    whole = _VARIABLE.sub(lambda found: environment[found[1]], url)
    target = Apprise.instantiate(whole, asset=AppriseAsset(http_redirects=False))
    if target is None:
        return None, "apprise knows no such address"
    target.notify_format = NotifyFormat.TEXT  # what people typed is no markup of anybody's
    return target, None


class _heard:  # noqa: N801 (a context)
    """The HTTP statuses that apprise tells of in this thread; nothing else of what it says is kept, and nothing printed."""

    def __enter__(self) -> list[str]:
        self._statuses: list[str] = []
        self._handler = _Statuses(self._statuses, threading.get_ident())
        _quiet().addHandler(self._handler)
        return self._statuses

    def __exit__(self, *_: object) -> None:
        _quiet().removeHandler(self._handler)


class _Statuses(logging.Handler):
    def __init__(self, found: list[str], thread: int) -> None:
        super().__init__()
        self._found, self._thread = found, thread

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self._found.extend(_STATUS.findall(record.getMessage()))


def _quiet() -> logging.Logger:
    """Return apprise's logger, which says nothing to anybody else: its messages name addresses."""
    logger = logging.getLogger("apprise")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger
