"""What an endpoint answered: without any value, as it may be shown and kept, and with its values, which are shown to nobody."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from rollproof.settings.endpoint import Endpoint

if TYPE_CHECKING:
    from requests import Response

BODY_LIMIT = 2**20  # bytes of a body that are read at most, counted after decompression
_TOKEN_LIMIT = 2**14  # letters; more than any server takes in a header
_DIGITS = 4_000  # of an integer
_PLACE = re.compile("[0-9]{1,9}")


class Absent:
    """The type of `ABSENT`: what stands at a place that an answer does not have."""


ABSENT = Absent()


class Answer(msgspec.Struct, frozen=True):
    """What an endpoint answered, without any value of it, so that it may be shown and kept.

    `keys` are those of the JSON object, and with dots those of the objects on the way to each required key; None if
    there was no JSON object. `complete` is False if there was more to read than `BODY_LIMIT`. `location_host` is where
    a redirect points.
    """

    status: int
    seconds: float
    media_type: str
    keys: tuple[str, ...] | None
    complete: bool = True
    location_host: str = ""


class Heard:
    """An answer with its values: its `body`, empty if it was not read to its end, and the cookie that a login wants.

    Its `repr` shows none of them, for pytest shows the values of variables.
    """

    def __init__(self, answer: Answer, body: bytes = b"", cookie: str | None = None) -> None:
        self.answer = answer
        self.body = body
        self.cookie = cookie

    @cached_property
    def document(self) -> Any:
        """The JSON of the body, numbers with a point as they are spelled; `ABSENT` if there is none."""
        return _parsed(self.body, exactly=True)

    @cached_property
    def plain_document(self) -> Any:
        """The JSON of the body, with numbers as Python has them."""
        return _parsed(self.body)

    def at(self, path: str) -> Any:
        """Return what stands at a place of the JSON (`items.0.id`), or `ABSENT`."""
        place = self.document
        for step in path.split("."):
            if isinstance(place, dict):
                place = place.get(step, ABSENT)
            elif isinstance(place, list) and _PLACE.fullmatch(step) and int(step) < len(place):
                place = place[int(step)]
            else:
                return ABSENT
        return place

    def token(self, endpoint: Endpoint) -> str | None:
        """Return the token of a login's answer; None if there is none that a header can hold."""
        found = self.cookie if endpoint.cookie else self.at(endpoint.token or "")
        if not isinstance(found, str) or not found.strip() or not found.isascii() or not found.isprintable():
            return None
        return found if len(found) <= _TOKEN_LIMIT else None

    def __repr__(self) -> str:
        return f"<Heard {self.answer.status}>"


def read(response: "Response", endpoint: Endpoint, seconds: float, body: bytes) -> Heard:
    """Return what was heard, of which `body` was read in so many seconds: all of it, or `BODY_LIMIT` bytes and more."""
    complete = len(body) < BODY_LIMIT
    media_type = "".join(re.findall(r"^[\w.+-]+/[\w.+-]+", response.headers.get("Content-Type", ""), re.ASCII)).lower()
    location = response.headers.get("Location", "")
    host = "".join(re.findall(r"^(?:\w+:)?//(?:[^/?#]*@)?([\w.:\[\]-]+)", location, re.ASCII))
    keys = _keys(body, endpoint.required_keys) if complete else None
    answer = Answer(
        response.status_code, seconds, media_type, keys, complete, host or ("the same host" if location else "")
    )
    return Heard(answer, body if complete else b"", _cookie(response, endpoint.cookie) if endpoint.cookie else None)


def _parsed(body: bytes, *, exactly: bool = False) -> Any:
    try:
        return json.loads(body, parse_float=Decimal if exactly else float, parse_int=_integer)
    except (ValueError, RecursionError, ArithmeticError):
        return ABSENT


def _integer(digits: str) -> int | Decimal:
    """Return an integer, of which Python reads no more than some thousand digits."""
    return int(digits) if len(digits) <= _DIGITS else Decimal(digits)


def _keys(body: bytes, required_keys: tuple[str, ...]) -> tuple[str, ...] | None:
    document = _parsed(body)
    if not isinstance(document, dict):
        return None
    found = set(document)
    for key in required_keys:
        place: Any = document
        path = ""
        for step in key.split(".")[:-1]:
            place, path = place.get(step), f"{path}{step}."
            if not isinstance(place, dict):
                break
            found |= {path + inner for inner in place}
    return tuple(sorted(found))


def _cookie(response: "Response", name: str) -> str | None:
    """Return the value of the cookie that the answer sets last under this name."""
    from http.cookies import CookieError, SimpleCookie  # noqa: PLC0415 (paid only by those whose login sets a cookie)

    headers: Any = response.raw.headers
    found = None
    for line in headers.getlist("Set-Cookie"):
        jar: Mapping[str, Any] = {}
        try:
            jar = SimpleCookie(line)
        except CookieError:
            continue
        found = jar[name].coded_value if name in jar else found
    return found
