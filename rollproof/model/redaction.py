"""What must appear in no output: passwords and tokens, in every spelling they may take."""

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from html import escape
from itertools import pairwise
from typing import Any, TypeVar, cast
from urllib.parse import unquote, unquote_plus, urlsplit

Value = TypeVar("Value")

_SHORTEST = 3  # a shorter secret cannot be told from ordinary text, and is hidden only where a credential stands
_TOKEN = 8  # letters; a shorter part of an address is taken for a word of it
_HOST = re.compile(r"localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z_-]+")
_HIDDEN = "***"
_SPOKEN = r"passw(?:or)?d|pwd|passphrase|passfile|sslpassword|pgpassword|token|secret|api_?key|scram_\w+_key"
_IN_PAIRS = re.compile(rf"(?i)(?:^|[\W_])(?:{_SPOKEN})\s*=\s*('(?:[^'\\]|\\.)*'|\"[^\"]*\"|['\"].*|[^&\s'\"]*)")
_IN_JSON = re.compile(rf'(?i)"[^"]*(?:{_SPOKEN})[^"]*"\s*:\s*"((?:[^"\\]|\\.)*)"')
_FROM_VARIABLE = re.compile(r"\$\{(\w+)\}")
_OPTION = re.compile(rf"(?i)--?(?:[\w-]*[_-])?(?:{_SPOKEN}|pass\w*)(?:=(.*))?", re.DOTALL)

# Where a known secret stands as a credential: in a URL before the @, after a keyword of libpq's or SQL's, in a header.
_PLACES = (
    r"(?P<before>:)(?:{words})(?=@)",
    rf"(?i:(?P<before>(?:{_SPOKEN})(?:=['\"]*|\s*[=:]?\s*['\"]+)|bearer\s))(?:{{words}})(?!\w)",
)
# Where any secret stands, known or not.
_URL = re.compile(
    r"(?P<before>(?<![\w+.-])[a-z][\w+.-]*://[^\s:/?#@'\"]*:)(?!password@host)[^\s'\"]*(?=@)", re.IGNORECASE
)
_OPTIONS = re.compile(r"(?P<before>\b(?:ssl)?password\s+(?:e|u&)?')(?:[^']|'')+(?=')", re.IGNORECASE)
_CONNINFO = re.compile(r"\b(?:host|hostaddr|dbname|user)\s*=\s*\S", re.IGNORECASE)
_OF_CONNINFO = re.compile(r"(?P<before>\b(?:ssl)?password\s*=\s*)(?:''[^']*''|'[^']*'|[^\s'\"&]+)", re.IGNORECASE)
_QUERY = re.compile(r"(?P<before>[?&](?:ssl)?password=)[^&\s'\"]+", re.IGNORECASE)
# What a traceback holds of a server's error.
_FURTHER = r"(?:\n(?:E\s.*|(?!\s|Traceback|The above|During).+))*"  # lines of the same message
_DETAILS = re.compile(
    rf"^(?P<before>(?:INTERNALERROR> )?(?:E\s+)?(?:DETAIL|CONTEXT|QUERY):\s+).*{_FURTHER}", re.MULTILINE
)
_SAID = re.compile(rf"(\bpsycopg\.(?:errors\.)?(\w+): ).*{_FURTHER}")
_VARIABLE = re.compile(r"(?P<before>\bPGPASSWORD=)\S+")


@dataclass(frozen=True)
class Secrets:
    """A set of secrets that hides them, in any text or where a credential stands.

    A password may be a name as well (`orders`, `postgres`), so what is told of the catalogue, and statements made of it, must
    not lose every such word; nobody who reads the catalogue is told a secret by it. What drivers, other programs and the
    command line say may quote the secret itself, anywhere.
    """

    words: frozenset[str] = field(repr=False)

    def hide(self, text: str) -> str:
        """Return what a driver, a program or the command line said with every secret replaced by `***`, longest first."""
        text = self.hide_credentials(text)
        return self._anywhere.sub(_HIDDEN, text) if self._anywhere else text

    def hide_credentials(self, text: str) -> str:
        """Return what is told of a database with whatever replaced that stands where a credential does, known or not."""
        for place in self._places:
            text = place.sub(rf"\g<before>{_HIDDEN}", text)
        return without_credentials(text)

    def and_of(self, other: "Secrets") -> "Secrets":
        """Return one that hides what both hide."""
        return self if other.words <= self.words else Secrets(self.words | other.words)

    @cached_property
    def _spellings(self) -> str:
        forms = {form for word in self.words for form in _forms(word)}
        return "|".join(sorted(map(_encoded, forms), key=len, reverse=True))

    @cached_property
    def _places(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(place.format(words=self._spellings)) for place in _PLACES) if self.words else ()

    @cached_property
    def _anywhere(self) -> re.Pattern[str] | None:
        forms = {form for word in self.words if len(word) >= _SHORTEST for form in _forms(word)}
        return re.compile("|".join(sorted(map(_encoded, forms), key=len, reverse=True))) if forms else None


def hidden(value: Value, hide: Callable[[str], str]) -> Value:
    """Return a value with `hide` applied to every text in it: in dataclasses, tuples and mappings, and to keys too."""
    found: Any = value
    if isinstance(found, str):
        found = hide(found)
    elif isinstance(found, tuple):
        found = tuple(hidden(each, hide) for each in found)
    elif isinstance(found, Mapping):
        found = {hide(key): _beside(key, each, hide) for key, each in found.items()}
    elif is_dataclass(found) and not isinstance(found, type):
        found = replace(found, **{each.name: hidden(getattr(found, each.name), hide) for each in fields(found)})
    return cast("Value", found)


def _beside(name: str, value: Any, hide: Callable[[str], str]) -> Any:
    """Return the value under a name; where the two together show a credential, nothing of it."""
    if isinstance(value, str) and hide(together := f"{name} = '{value}'") != together:
        return _HIDDEN
    return hidden(value, hide)


def without_credentials(text: str) -> str:
    """Return text without the passwords in its URLs, in what libpq connects by, and in SQL's OPTIONS."""
    if "://" in text:
        text = _URL.sub(rf"\g<before>{_HIDDEN}", text)
    if "passw" in text.lower():
        places = [_OPTIONS, _VARIABLE, _QUERY, *([_OF_CONNINFO] if _CONNINFO.search(text) else [])]
        for place in places:
            text = place.sub(rf"\g<before>{_HIDDEN}", text)
    return text


def without_values(trace: str) -> str:
    """Return a traceback without what a server said of data: its errors about values quote them, and more so their details."""
    trace = _DETAILS.sub(r"\g<before>not shown, for it may hold values of rows", trace)
    return _SAID.sub(lambda found: f"{found[1]}not shown" if _is_of_data(found[2]) else found[0], trace)


def _is_of_data(name: str) -> bool:
    from psycopg import errors  # noqa: PLC0415 (half of what a command needs to print its help)

    kind = getattr(errors, name, None)
    return isinstance(kind, type) and issubclass(kind, (errors.DataError, errors.RaiseException))


def shows_password(text: str) -> bool:
    """Tell whether a password stands in a text, known or not."""
    return without_credentials(text) != text


def secrets_in(urls: Iterable[str], environment: Mapping[str, str], others: Iterable[str] = ()) -> Secrets:
    """Return the passwords in database URLs, even malformed ones, in PGPASSWORD, and other secret words."""
    found = {*others, environment.get("PGPASSWORD", "")}
    for url in urls:
        found.update(_passwords(url))
    found = {word for word in found if not _FROM_VARIABLE.fullmatch(word)}  # which names a secret, and is none
    return Secrets(frozenset(form for word in found for form in (word, unquote(word)) if form))


def secrets_typed(arguments: Sequence[str], environment: Mapping[str, str]) -> Secrets:
    """Return what is secret in a command line and in the variables that speak of databases, however either is mistyped."""
    ours = [value for name, value in environment.items() if name.startswith(("ROLLPROOF_", "PG", "DATABASE_URL"))]
    added = environment.get("PYTEST_ADDOPTS", "")
    try:
        words = [*arguments, *shlex.split(added)]
    except ValueError:
        words = [*arguments, *added.split()]
    return secrets_in(
        [*words, *(value for value in ours if "://" in value or "=" in value)], environment, _after(words)
    )


def secrets_in_file(text: str) -> Secrets:
    """Return what looks secret in a configuration that perhaps nobody can read."""
    return secrets_in(text.splitlines(), {})


def _after(words: Sequence[str]) -> Iterator[str]:
    """Yield what was typed as a password for an option that nobody has: `--password hunter2`."""
    for word, following in pairwise([*words, ""]):
        if option := _OPTION.fullmatch(word):
            yield option[1] if option[1] is not None else following


def _passwords(url: str) -> Iterator[str]:
    """Look by pattern, not by parser: the URL that no parser takes is the one whose error message would quote it."""
    for part in [url.partition("://")[2], *re.findall(r"://([^\s\"']*)", url)]:
        account, at, _ = part.rpartition("@")
        password = account.partition(":")[2] if at else ""
        pieces = password.split("@")  # which of several @ ends it, nobody knows
        yield from ["@".join(pieces[: place + 1]) for place in range(len(pieces))]
        yield from [*pieces, *password.split()]
    for found in _IN_PAIRS.findall(url):
        plain = found.strip("'\"")
        yield from (plain, re.sub(r"\\(.)", r"\1", plain))  # libpq takes a backslash for an escape
        yield from plain.split()


def of_endpoint(
    url: str, headers: Iterable[str], environment: Mapping[str, str], sent: Iterable[tuple[str, str]] = ()
) -> Iterator[str]:
    """Yield what is secret of an HTTP endpoint: whom it is asked as, the values of its query, of its headers, and of its body.

    `sent` are the texts of its body, each with the key that it stands under: secret is what comes from a variable, and what
    stands under a key that says so.
    """
    where, *texts = (_filled(text, environment) for text in (url, *headers))
    for key, text in sent:
        yield from (environment.get(name, "") for name in _FROM_VARIABLE.findall(text))
        yield from _IN_JSON.findall(_filled(text, environment))
        yield from _passwords(_filled(text, environment))
        if re.search(_SPOKEN, key, re.IGNORECASE):
            yield _filled(text, environment)
    for text in texts:
        yield from (text, text.partition(" ")[2])  # after "Bearer", "Basic", "Token"
    for pair in re.split("[?&#]", where)[1:]:
        value = pair.partition("=")[2]
        yield from (value, unquote_plus(value))
    yield from _passwords(where)


def of_notice(url: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what is secret of an address for notices: variables' values, passwords, and whatever may be a token and is no host."""
    yield from filter(None, map(environment.get, _FROM_VARIABLE.findall(url)))
    where = _filled(url, environment)
    yield from _passwords(where)
    for piece in re.split(r"[/:@?&=#,]+", where.partition("://")[2]):
        if len(piece) >= _TOKEN and not _HOST.fullmatch(piece):
            yield from (piece, unquote_plus(piece))


def _filled(text: str, environment: Mapping[str, str]) -> str:
    return _FROM_VARIABLE.sub(lambda found: environment.get(found[1], ""), text)


def _forms(word: str) -> Iterator[str]:
    """Yield how programs quote a word: as it is, as Python, JSON, SQL, XML and a shell write it."""
    yield from (word, repr(word)[1:-1], ascii(word)[1:-1], json.dumps(word)[1:-1], word.replace("'", "''"))
    yield from (escape(word), escape(word, quote=False), shlex.quote(word), word.replace(" ", "+"))


def _encoded(form: str) -> str:
    """Return the pattern of a word, each sign of which may be percent-encoded."""
    return "".join(
        f"(?:{re.escape(sign)}|(?i:{''.join(f'%{byte:02x}' for byte in sign.encode('utf-8', 'surrogatepass'))}))"
        for sign in form
    )


def without_password(url: str) -> str:
    """Return an http(s) URL as it may be shown: no user, no query."""
    parts = urlsplit(url)
    return parts._replace(
        netloc=parts.netloc.rpartition("@")[2], query="…" if parts.query else "", fragment=""
    ).geturl()
