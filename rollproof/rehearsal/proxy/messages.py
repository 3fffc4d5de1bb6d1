"""What stands in the messages of PostgreSQL's protocol that we look into. A message may be the beginning of a long one."""

from dataclasses import dataclass
from struct import calcsize, unpack_from
from types import MappingProxyType
from uuid import UUID

_SHOWN = 1000  # characters of a parameter that are kept
_NUMBERS = MappingProxyType(
    {16: ">?", 21: ">h", 23: ">i", 20: ">q", 26: ">I", 700: ">f", 701: ">d"}
)  # types → binary form
_TEXTS = frozenset({18, 19, 25, 114, 705, 1042, 1043})  # types whose binary form is text
_UUID, _UUID_BYTES = 2950, 16


@dataclass(frozen=True)
class Prepared:
    """A statement that was prepared: its `text`, and the types of its parameters as far as the tool named them."""

    text: str
    types: tuple[int, ...] = ()


def text_of(data: bytes) -> str:
    """Return what stands up to the first zero byte, as text: UTF-8, or else what the bytes are in Latin 1."""
    read = data.partition(b"\0")[0]
    try:
        return read.decode()
    except UnicodeDecodeError as error:
        cut_short = error.start >= len(read) - 3 and error.reason == "unexpected end of data"
        return read[: error.start].decode() if cut_short else read.decode("latin-1")


def parsed(body: bytes) -> tuple[str, Prepared]:
    """Return the name that a Parse message gives, and what it prepares."""
    name, _, rest = body.partition(b"\0")
    text, found, types = rest.partition(b"\0")
    count = int.from_bytes(types[:2], "big") if found else 0
    known = unpack_from(f"!{count}I", types, 2) if len(types) >= 2 + 4 * count else ()
    return text_of(name), Prepared(text_of(text), known)


def bound(body: bytes) -> tuple[str, str, bytes]:
    """Return the portal that a Bind message names, the prepared statement, and the rest, for `parameters`."""
    portal, _, rest = body.partition(b"\0")
    statement, _, rest = rest.partition(b"\0")
    return text_of(portal), text_of(statement), rest


def parameters(rest: bytes, types: tuple[int, ...]) -> tuple[str | None, ...]:
    """Return the parameters of a Bind message as text, as many as stand in what is kept of it."""
    how_many = int.from_bytes(rest[:2], "big")
    binary = unpack_from(f"!{how_many}H", rest, 2) if len(rest) >= 2 + 2 * how_many else ()
    position = 2 + 2 * how_many
    count = int.from_bytes(rest[position : position + 2], "big")
    position += 2
    found: list[str | None] = []
    while len(found) < count and position + 4 <= len(rest):
        length = int.from_bytes(rest[position : position + 4], "big", signed=True)
        value = rest[position + 4 : position + 4 + max(length, 0)]
        position += 4 + max(length, 0)
        place = len(found)
        is_binary = bool(binary[place] if len(binary) > 1 else binary and binary[0])
        found.append(
            None if length < 0 else _shown(value, types[place] if place < len(types) else 0, is_binary=is_binary)
        )
    return tuple(found)


def _shown(value: bytes, type_: int, *, is_binary: bool) -> str:
    if not is_binary or type_ in _TEXTS:
        text = text_of(value)
    elif type_ in _NUMBERS and len(value) == calcsize(_NUMBERS[type_]):
        text = str(unpack_from(_NUMBERS[type_], value)[0])
    elif type_ == _UUID and len(value) == _UUID_BYTES:
        text = str(UUID(bytes=value))
    else:
        text = "\\x" + value[:_SHOWN].hex()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def fields_of(body: bytes) -> dict[str, str]:
    """Return the fields of an ErrorResponse by their letters: M is the message, C the SQLSTATE, V the severity in English."""
    return {text_of(each[:1]): text_of(each[1:]) for each in body.split(b"\0") if each}


def without_channel_binding(body: bytes) -> bytes | None:
    """Return the list of ways to log in without SCRAM-SHA-256-PLUS, which needs TLS from end to end; None if it has none."""
    if not body.startswith(b"\0\0\0\x0a"):
        return None
    ways = body[4:].rstrip(b"\0").split(b"\0")
    return body[:4] + b"".join(way + b"\0" for way in ways if not way.endswith(b"-PLUS")) + b"\0"


def with_options(start: bytes, more: str) -> bytes:
    """Return how a session begins, with `more` options behind its own: later ones hold."""
    if not more:
        return start
    texts = start[8:].rstrip(b"\0").split(b"\0")
    known = dict(zip(texts[::2], [*texts[1::2], b""], strict=False))
    known[b"options"] = b" ".join(filter(None, [known.get(b"options", b""), more.encode()]))
    body = start[4:8] + b"".join(name + b"\0" + value + b"\0" for name, value in known.items()) + b"\0"
    return (len(body) + 4).to_bytes(4, "big") + body
