"""One `[[endpoints]]` of `rollproof.toml`: a question to the application, and what a healthy answer to it is."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from rollproof.model.phase import BEFORE_ROLLBACK, PHASES

Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that ask and change nothing (RFC 9110), so that they may be repeated at will."""
IDEMPOTENT = SAFE | {"PUT", "DELETE"}
"""Methods of which a second request changes no more than the first, so that a failed one may be tried again."""
FILES = ("schema", "ca_file", "client_certificate", "client_key")
"""Keys that name a file; a relative path is relative to rollproof.toml."""
CALLS = 5
"""How often an endpoint is asked for the median of its seconds, unless its method may change something."""
_HEADER = re.compile(r"([!#$%&'*+.^_`|~\w-]+): ?([^\r\n]*\{token\}[^\r\n]*)", re.ASCII)
_Seconds = Annotated[float, msgspec.Meta(ge=0, le=3600)]


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question to the application, and what a healthy answer to it is.

    `max_seconds` spans the whole exchange, from looking up the host to the last byte. `required_keys` are keys of the
    JSON object in the answer, nested ones with dots (`data.user.id`); so are `values`, where a number is a place in an array.
    `token` (a place in the JSON) or `cookie` (its name) makes it a login, whose token is sent by those endpoints that name it
    under `login`. `url`, `headers`, `body`, `json` and `form` may hold `${VAR}` until `expand` fills it in.
    Raises `ValueError`, which msgspec turns into an error that names the place.
    """

    name: str
    url: str
    status: int = 200
    max_seconds: float = 1.0
    required_keys: tuple[str, ...] = ()
    headers: dict[str, str] = {}
    method: Method = "GET"
    body: str | None = None
    json: dict[str, Any] | list[Any] | None = None
    form: dict[str, str] | None = None
    login: str | None = None
    token: str | None = None
    cookie: str | None = None
    token_as: str | None = None
    schema: str | None = None
    values: tuple[str, ...] = ()
    calls: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    max_slowdown: Annotated[float, msgspec.Meta(gt=1)] | None = None
    wait_seconds: _Seconds = 0.0
    phases: tuple[str, ...] | None = None
    ca_file: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be asked; no text here quotes a URL, a header's value or a body."""
        if found := "; ".join((*_faults_of_answer(self), *_faults_of_request(self), *_faults_of_token(self))):
            raise ValueError(f"endpoint {self.name!r}: {found}")

    @property
    def is_login(self) -> bool:
        """Whether its answer holds a token for others."""
        return bool(self.token or self.cookie)

    @property
    def token_header(self) -> tuple[str, str]:
        """The header by which its token is sent: its name, and its value with `{token}`."""
        usual = f"Cookie: {self.cookie}={{token}}" if self.cookie else "Authorization: Bearer {token}"
        found = _HEADER.fullmatch(self.token_as or usual)
        assert found, "it was refused when it was read"
        return found[1], found[2]

    @property
    def times(self) -> int:
        """How often it is asked for the median of its seconds."""
        return self.calls or (CALLS if self.method in SAFE else 1)

    def asked_in(self, phase: str) -> bool:
        """Whether a phase asks it: before a rollback, when applications are stopped, only if `phases` says so."""
        return phase in self.phases if self.phases is not None else phase != BEFORE_ROLLBACK

    @property
    def recorded(self) -> bool:
        """Whether a baseline keeps its answer: whether it is asked in a phase that writes one."""
        return any(self.asked_in(name) for name, phase in PHASES.items() if phase.writes_baseline)

    @property
    def without_patience(self) -> "Endpoint":
        """The same, waited for no longer than one answer takes."""
        return msgspec.structs.replace(self, wait_seconds=0.0)

    @property
    def sent_texts(self) -> Iterator[tuple[str, str]]:
        """What is sent beside URL and headers, each text with the key that it stands under, "" if it has none."""
        yield "", self.body or ""
        yield from (self.form or {}).items()
        yield from texts_in(self.json)

    def __repr__(self) -> str:
        """Show neither the query, nor the headers' values, nor a body: they may be secrets."""
        return f"<Endpoint {self.name!r} status={self.status} headers={sorted(self.headers)}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Override msgspec's, which shows every field."""
        return [("name", self.name)]


def logins_fault(endpoints: Sequence[Endpoint]) -> str:
    """Return what is wrong with the names and logins of endpoints taken together, or nothing."""
    by_name = {each.name: each for each in endpoints}
    for place, each in enumerate(endpoints):
        if each.name in {other.name for other in endpoints[:place]}:
            return f"two [[endpoints]] have the name {each.name!r}: give each a name of its own"
        way = [each.name]
        while login := by_name[way[-1]].login:
            if login not in by_name:
                return f"endpoint {way[-1]!r}: its login {login!r} is none of the [[endpoints]]: {', '.join(by_name)}"
            if not by_name[login].is_login:
                return f"endpoint {way[-1]!r}: its login {login!r} has no `token` that says where in its answer the token stands"
            if login in way:
                return f"endpoint {login!r} needs its own token to log in: {' → '.join([*way, login])}"
            way.append(login)
    return ""


def url_fault(url: str) -> str:
    """Return what is wrong with a URL, or nothing; without quoting it, for it may hold a password."""
    try:
        parts = urlsplit(url)
        parts.port, (parts.hostname or "").encode("idna")  # both raise ValueError for what cannot be right
    except ValueError:
        return "has a host or port that cannot be read"
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\$\{|[\s\x00-\x1f\x7f]", url):
        return "is not http:// or https://, a host and a path, without blanks and with every ${VARIABLE} filled in"
    if "@" in parts.path + parts.fragment:
        return "holds an @ after the host: write it as %40, and in a password / ? # as %2F %3F %23"
    return ""


def texts_in(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text in what JSON can hold, with the key that it stands under."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from texts_in(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each, key)


def _faults_of_answer(one: Endpoint) -> Iterator[str]:
    if not one.name.strip() or not one.name.isprintable():
        yield "its name is empty or not printable"
    if not 100 <= one.status <= 599:  # noqa: PLR2004 (HTTP's range)
        yield "its status is no number from 100 to 599"
    if not 0 < one.max_seconds <= 3600:  # noqa: PLR2004 (an hour)
        yield "its max_seconds is not more than 0 and at most an hour"
    for field in ("required_keys", "values"):
        if not all(all(key.split(".")) for key in getattr(one, field)):
            yield f"its {field} hold an empty key"
    if one.method == "HEAD" and (one.required_keys or one.values or one.schema or one.token):
        yield "an answer to HEAD has no body, so nothing in it can be looked at"
    if strange := sorted({*(one.phases or ())} - {*PHASES}):
        yield f"{strange[0]!r} is no phase; the phases are {', '.join(PHASES)}"


def _faults_of_request(one: Endpoint) -> Iterator[str]:
    if (fault := url_fault(one.url)) and "${" not in one.url:
        yield f"its url {fault}"
    bodies = [name for name in ("body", "json", "form") if getattr(one, name) is not None]
    if len(bodies) > 1:
        yield f"it can send one of {' and '.join(bodies)}, not both"
    if bodies and one.method in SAFE:
        yield f'{one.method} sends no {bodies[0]}: say which method does (method = "POST")'
    if one.json is not None and not _is_json(one.json):
        yield "its json holds what JSON has not (a date, a number without end): write it as text"
    if one.client_key and not one.client_certificate:
        yield "its client_key needs a client_certificate"
    if one.url.startswith("http:") and (one.ca_file or one.client_certificate):
        yield "its ca_file or client_certificate is for https://, and its url is http://"


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _faults_of_token(one: Endpoint) -> Iterator[str]:
    if one.token and one.cookie:
        yield "its token comes from the JSON or from a cookie, not from both"
    if one.token is not None and not all(one.token.split(".")):
        yield "its token is no place in the JSON of its answer (access_token, data.token)"
    if one.cookie is not None and not re.fullmatch(r"[!#$%&'*+.^`|~\w-]+", one.cookie, re.ASCII):
        yield "its cookie is no name of a cookie"
    if one.token_as is not None and not one.is_login:
        yield "its token_as says how a token is sent, and neither token nor cookie says where it comes from"
    if one.token_as is not None and not _HEADER.fullmatch(one.token_as):
        yield 'its token_as is no header with {token} in its value ("Authorization: Bearer {token}")'
