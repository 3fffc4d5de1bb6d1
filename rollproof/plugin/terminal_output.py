"""What pytest writes leaves as what we write does: without secrets, and with what has no shape written as its code.

It stands in pytest's terminal writer itself, for an error about the command line is written before any plugin is configured.
"""

import io
import os
import re
import sys
import traceback
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from _pytest._io import TerminalWriter  # pytest has no public place that every text passes

from rollproof.model.printable import Line, visible
from rollproof.model.redaction import Secrets, without_values
from rollproof.plugin.stash import RUN
from rollproof.plugin.words import given
from rollproof.system.output import at_hand, painted

_ESC = "\x1b"
_PAINT = _ESC + token_hex(8)  # how our own colours begin until they are written; no text from outside can know it
SIGN = token_hex(8)
"""How a command of our own to a CI's runner begins until it is written; no text from outside can know it either."""
_WRITTEN = {_PAINT: _ESC, SIGN: "::"}
_OURS = re.compile(f"({'|'.join(_WRITTEN)})")
_CRASHED = "INTERNALERROR> "


class Door:
    """Knows the secrets of this process, and takes them out of whatever is written."""

    def __init__(self) -> None:
        self.secrets: Secrets = at_hand(given(sys.argv), os.environ)
        self._lines = Line(), Line()  # of stdout, and of stderr

    def learn(self, secrets: Secrets) -> None:
        """Hide these as well from now on."""
        self.secrets = self.secrets.and_of(secrets)

    def told(self, text: str, *, anywhere: bool, errors: bool = False) -> str:
        """Return a text as it may be written, to stderr if `errors`; `anywhere` says that a secret word is no name in it."""
        line = self._lines[errors]
        hidden = (self.secrets.hide if anywhere else self.secrets.hide_credentials)(text)
        texts = _OURS.split(hidden)  # every second is one of ours
        return "".join(
            line.wrote(_WRITTEN[text]) if place % 2 else line.goes_on(text) for place, text in enumerate(texts)
        )


DOOR = Door()
_markup, _highlight, _write_raw = TerminalWriter.markup, TerminalWriter._highlight, TerminalWriter.write_raw  # noqa: SLF001


def _painted(self: TerminalWriter, text: str, **markup: bool) -> str:
    before, _, after = _markup(self, "\0", **markup).partition("\0")
    return before.replace(_ESC, _PAINT) + text + after.replace(_ESC, _PAINT)


def _highlighted(self: TerminalWriter, source: str, *args: Any, **options: Any) -> str:
    return _highlight(self, visible(source), *args, **options).replace(_ESC, _PAINT)


def _written(self: TerminalWriter, msg: str, *, flush: bool = False) -> None:
    if isinstance(self._file, io.StringIO):  # a text that is only being made
        _write_raw(self, msg.replace(_PAINT, _ESC), flush=flush)
        return
    rewound = "\r" if msg.startswith("\r") and self._file.isatty() else ""
    errors = self._file is sys.stderr
    anywhere = errors or msg.startswith(_CRASHED)
    shown = without_values(msg) if msg.startswith(_CRASHED) else msg.removeprefix(rewound)
    with painted(self._file):
        _write_raw(self, rewound + DOOR.told(shown, anywhere=anywhere, errors=errors), flush=flush)


def _crashed(kind: Any, error: Any, trace: Any) -> None:
    text = without_values("".join(traceback.format_exception(kind, error, trace)))
    sys.stderr.write(DOOR.told(text, anywhere=True, errors=True))


TerminalWriter.markup = _painted  # type: ignore[method-assign]
TerminalWriter._highlight = _highlighted  # type: ignore[method-assign]  # noqa: SLF001
TerminalWriter.write_raw = _written  # type: ignore[method-assign]
sys.excepthook = _crashed


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Be there when pytest's own log of itself (`--debug`), which begins with the command line, is whole."""
    del parser
    config: Any = pluginmanager.get_plugin("pytestconfig")
    DOOR.learn(at_hand(given(config.invocation_params.args), os.environ))
    config.add_cleanup(lambda: _clean(getattr(getattr(config, "known_args_namespace", None), "debug", None)))


def _clean(log: str | None) -> None:
    if log and (path := Path(log)).is_file():
        path.write_text(DOOR.secrets.hide(path.read_text("utf-8", "replace")), "utf-8")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if run := config.stash.get(RUN, None):
        DOOR.learn(run.secrets)
        asked = getattr(config.option, "showlocals", False)  # an option of pytest's terminal, which may be left out
        config.option.showlocals = asked and run.configured.settings.show_values  # locals hold rows
