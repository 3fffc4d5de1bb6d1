"""Progress of the scans while a check waits: on a terminal a line that changes, in a log one line per large table."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

from rollproof.commands.scan_progress import QUIET_SECONDS, large_tables, sentence
from rollproof.plugin.stash import RUN, SIDES, WATCHER
from rollproof.rows.scanner import Progress


def pytest_configure(config: pytest.Config) -> None:
    run = config.stash[RUN]
    if not run.dry_run:
        config.stash[WATCHER] = watcher = Watcher(config, run.secrets.hide_credentials)
        config.pluginmanager.register(watcher)


class Watcher:
    """A thread that looks once a second, and prints only while a check waits."""

    def __init__(self, config: pytest.Config, hide: Callable[[str], str]) -> None:
        self.config = config
        self.hide = hide
        self.waiting_since: float | None = None
        self.drawn = False
        self.told: set[str] = set()
        self.began = time.monotonic()
        self.lock = threading.Lock()
        self.end = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        self.began = time.monotonic()
        self.thread.start()
        try:
            return (yield)
        finally:
            self.end.set()
            self.thread.join()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        self.waiting_since = time.monotonic()
        try:
            return (yield)
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
        while not self.end.wait(1):
            with self.lock:
                since = self.waiting_since
                if since is not None and time.monotonic() - since > QUIET_SECONDS and self._reporter:
                    progress = self._progress()
                    if progress.done < progress.total:  # else the check waits for something else
                        with self._uncaptured():
                            self._show(progress)
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

    def _progress(self) -> Progress:
        return self.config.stash[SIDES].opened.progress()

    def _show(self, progress: Progress) -> None:
        if self._reporter.isatty:
            if not self.drawn:
                self._reporter.ensure_newline()
            self.drawn = True
            self._reporter.rewrite(sentence(progress, time.monotonic() - self.began), erase=True)
            return
        for line in large_tables(progress, time.monotonic() - self.began, self.told):
            self._reporter.write_line(self.hide(f"rollproof: {line}"))
