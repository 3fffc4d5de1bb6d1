"""What a person asked for: the command line before the environment before `rollproof.toml` before the defaults."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from rollproof.model.errors import Misuse, did_you_mean
from rollproof.model.redaction import Secrets, of_endpoint, of_notice, secrets_in
from rollproof.settings.endpoint import FILES
from rollproof.settings.option_table import OPTIONS
from rollproof.settings.options import Settings, sections
from rollproof.settings.people import mistake_in
from rollproof.settings.reference import BASELINE, Reference, is_database
from rollproof.settings.waiver import OF_OWN, Waiver
from rollproof.system.bundle import check_files
from rollproof.system.files import contents, from_home

_MOST = 2**20  # bytes of rollproof.toml
_FILE = Path("rollproof.toml")
_DEEP = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){100}""")
_PATHS = ("report_dir", "backup_file", "evidence_file", "require_signature", "envelope", "state_backup", "metrics_file")


@dataclass(frozen=True)
class Configured:
    """What a person asked for: the settings, and the file that they were read from besides."""

    settings: Settings
    file: Path | None

    @property
    def folder(self) -> Path:
        """The folder of the configuration, where a baseline is looked for and commands are run."""
        return (self.file or _FILE).parent

    @property
    def reference(self) -> Reference:
        """What the subject must equal."""
        if self.settings.backup_file:
            return Reference("dump", self.settings.backup_file)
        return Reference.of(self.settings.reference, self.folder)

    @property
    def baseline(self) -> Path:
        """Where a baseline is written for which nobody typed another place: where a verification will look for it."""
        return self.reference.path if self.reference.kind == "baseline" else self.folder / BASELINE


def configuration_file(named: str | None, environment: Mapping[str, str]) -> Path | None:
    """Return the configuration that was named, else `rollproof.toml` here, if there is one."""
    if chosen := named or environment.get("ROLLPROOF_CONFIG"):
        return Path(from_home(chosen))
    return _FILE if _FILE.exists() else None


def resolve(typed: Mapping[str, Any], environment: Mapping[str, str], file: Path | None) -> Settings:
    """Return the settings: `typed` (None: not typed) before the environment before the file before the defaults.

    Relative paths in the file are relative to it. Raises `Misuse` with the place and, for a mistyped key, the nearest.
    """
    given = _read(file) if file else {}
    given |= {known.field: environment[known.variable] for known in OPTIONS if environment.get(known.variable)}
    given |= {field: value for field, value in typed.items() if value is not None}
    given |= {name: from_home(given[name]) for name in ("reference", *_PATHS) if isinstance(given.get(name), str)}
    _require_text(given)
    try:
        settings = msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise Misuse(f"{_place(error, file)}{error}{_known_keys(error)}") from error
    if settings.backup_file and settings.reference:
        raise Misuse("--backup-file is the reference already; leave out --reference")
    if mistake := mistake_in(settings.escalation, settings.contacts):
        raise Misuse(f"{file}: {mistake}")
    _require_checks(settings.waiver, file)
    for each in OPTIONS:
        if each.field in _PATHS:
            require_path(each.flag, getattr(settings, each.field))
    return settings


def secrets_of(settings: Settings, environment: Mapping[str, str]) -> Secrets:
    """Return what is secret in the settings, and in the variables that they and libpq name."""
    named = (settings.database_url, settings.reference, settings.server)
    rehearsed = (settings.rehearsal.source, settings.rehearsal.traffic_from, *settings.rehearsal.matrix)
    urls = [url for url in (*named, *rehearsed) if url]
    asked = (of_endpoint(each.url, each.headers.values(), environment, each.sent_texts) for each in settings.endpoints)
    told = (of_notice(each, environment) for each in settings.notify.urls)
    return secrets_in(urls, environment, chain.from_iterable((*asked, *told)))


def require_path(flag: str, path: str | None) -> None:
    """Raise `Misuse` if this is no path but a database: a file of that name would show its password."""
    if path and is_database(path):
        raise Misuse(f"{flag} wants a path, and what was typed looks like a database; was it meant for another option?")


def _read(file: Path) -> dict[str, Any]:
    try:
        given = tomllib.loads(_shallow(contents(file, _MOST).decode("utf-8-sig")))  # Windows' editors begin with a mark
    except OSError as error:
        raise Misuse(f"the configuration {file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, a number without end, brackets without end
        raise Misuse(f"the configuration {file} is not TOML: {error}") from error
    for path in ("reference", *_PATHS):
        value = given.get(path)
        if isinstance(value, str) and Reference.parse(value).kind == "baseline":
            given[path] = str(file.parent / from_home(value))
    if isinstance(given.get("checks"), list):
        given["checks"] = [_own_checks(each, file) for each in given["checks"]]
    for each in given["endpoints"] if isinstance(given.get("endpoints"), list) else ():
        _place_files(each, file)
    return given


def _place_files(endpoint: Any, file: Path) -> None:
    """Make the paths of an endpoint's files relative to the configuration; what is no path is refused later, with its place."""
    for key in FILES:
        if isinstance(endpoint, dict) and isinstance(endpoint.get(key), str):
            endpoint[key] = str(file.parent / from_home(endpoint[key]))


def _own_checks(path: Any, file: Path) -> Any:
    """Return where a folder of the user's own checks is. Raises `Misuse` if it is not there: none of them would run, in silence."""
    if not isinstance(path, str):
        return path  # which is refused with its place
    there = file.parent / from_home(path)
    if "\0" in path or not there.exists():
        raise Misuse(f"{file}: `checks` names {path!r}, and there is no file or folder {there}")
    return str(there)


def _require_text(given: Mapping[str, Any]) -> None:
    for field, value in given.items():
        try:
            whole = b"\0" not in str(value).encode()
        except UnicodeEncodeError:  # bytes that the shell handed over as they were
            whole = False
        if not whole:
            raise Misuse(
                f"--{field.replace('_', '-')} holds a zero byte, or bytes that are no text in UTF-8 "
                "(it is not shown: it may hold a password)\n"
                "in a URL such bytes are written %FF; a file or folder needs another name, or a link to it"
            )


def _shallow(text: str) -> str:
    """Return the text. Raises `ValueError` if it nests keys so deep that to read it would take all memory."""
    if _DEEP.search(text):
        raise ValueError("no key is nested so deep")
    return text


def _place(error: msgspec.ValidationError, file: Path | None) -> str:
    return f"{file}, the environment or the command line: " if "$" in str(error) and file else ""


def _known_keys(error: msgspec.ValidationError) -> str:
    unknown = re.search(r"unknown field `(.+?)`", str(error))
    if not unknown:
        return ""
    structs: tuple[type[msgspec.Struct], ...] = (Settings, *sections().values())
    every = {field for struct in structs for field in struct.__struct_fields__}
    return did_you_mean(unknown[1], every) or f"; the keys are: {', '.join(Settings.__struct_fields__)}"


def _require_checks(waivers: Iterable[Waiver], file: Path | None) -> None:
    """Raise `Misuse` for a waiver of a check that does not exist: it would waive nothing, and nobody would be told.

    A check of the user's own is known when it was collected, not here.
    """
    known = check_files()
    for waiver in waivers:
        if waiver.check not in known and OF_OWN not in waiver.check:
            near = did_you_mean(waiver.check, known) or f"; the checks are: {', '.join(known)}"
            raise Misuse(f"{file}: a [[waiver]] names the check `{waiver.check}`, which does not exist{near}")
