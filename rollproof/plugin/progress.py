"""How far a run is while it connects, reads definitions or waits for scans: a line that changes, or in a log one now and then."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pytest

from rollproof.commands.scan_progress import LOOKS, QUIET_SECONDS, Seen, Words, seen_of
from rollproof.plugin.stash import RUN, SIDES, WATCHER


def pytest_configure(config: pytest.Config) -> None:
    run = config.stash[RUN]
    if not run.dry_run:
        config.stash[WATCHER] = watcher = Watcher(config, run.secrets.hide_credentials)
        config.pluginmanager.register(watcher)


class Watcher:
    """A thread that looks again and again, and prints only while somebody waits."""

    def __init__(self, config: pytest.Config, hide: Callable[[str], str]) -> None:
        self.config = config
        self.hide = hide
        self.waiting_since: float | None = None
        self.drawn = False
        self.words = Words()
        self.lock = threading.Lock()
        self.end = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self._look = self._scans

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self) -> Generator[None, Any, Any]:
        self.thread.start()
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        self.end.set()
        if self.thread.is_alive():
            self.thread.join()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        """Measure the pace of scans from when they begin."""
        self.words = Words()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        with self._waiting(self._scans):
            return (yield)

    @contextmanager
    def show(self, look: Callable[[], Seen]) -> Iterator[None]:
        """Show how far it is, as `look` sees it, while the block under this waits."""
        with self._waiting(look):
            yield

    @contextmanager
    def _waiting(self, look: Callable[[], Seen]) -> Iterator[None]:
        self._look, self.waiting_since = look, time.monotonic()
        try:
            yield
        finally:
            with self.lock:
                self.waiting_since = None
                if self.drawn:
                    with self._uncaptured():
                        self._clear()
                        self._reporter.flush()

    def say(self, text: str) -> None:
        """Print a line at once: a pause, a new snapshot, a server that does not answer."""
        with self.lock:
            if self._reporter:
                with self._uncaptured():
                    self._clear()
                    self._reporter.write_line(self.hide(f"rollproof: {text}"))
                    self._reporter.flush()

    @property
    def _reporter(self) -> Any:
        return self.config.pluginmanager.get_plugin("terminalreporter")

    def _watch(self) -> None:
        while not self.end.wait(LOOKS):
            with self.lock:
                since = self.waiting_since
                if since is not None and time.monotonic() - since > QUIET_SECONDS and self._reporter:
                    seen = self._look()
                    if seen.is_reading or not seen.asked:  # else it waits for something else
                        with self._uncaptured():
                            self._show(seen)
                            self._reporter.flush()

    def _clear(self) -> None:
        if self.drawn:
            self._reporter.rewrite("", erase=True)
            self._reporter.rewrite("")
        else:
            self._reporter.ensure_newline()
        self.drawn = False

    def _uncaptured(self) -> AbstractContextManager[None]:
        """Suspend pytest's capturing, which would take our line for output of the check."""
        capture = self.config.pluginmanager.get_plugin("capturemanager")
        return capture.global_and_fixture_disabled() if capture else nullcontext()

    def _scans(self) -> Seen:
        opened = self.config.stash[SIDES].opened
        return seen_of(opened.views, opened.progress())

    def _show(self, seen: Seen) -> None:
        if self._reporter.isatty:
            if not self.drawn:
                self._reporter.ensure_newline()
            self.drawn = True
            self._reporter.rewrite(self.hide(self.words.line(seen))[: self._reporter._tw.fullwidth - 1], erase=True)  # noqa: SLF001
            return
        for line in self.words.lines(seen):
            self._reporter.write_line(self.hide(f"rollproof: {line}"))
