"""Values of answers as a baseline keeps them: their types, and digests that nobody can read a value from, to be compared later.

A value is told by three words: its JSON type, a digest of it as it is spelled, and one of it without what spelling alone makes:
case, hyphens, braces and blanks of a text, zeros at the end of a number. Each has a salt of its own, so that two equal values do
not look alike, and no table made before helps. A guess can still be tried by whoever has the file: it is as private as the
fingerprints of rows beside it.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding
from rollproof.model.snapshot import Facts
from rollproof.probes.endpoints.answer import ABSENT, Heard
from rollproof.settings.endpoint import Endpoint

VALUES = "endpoint_values"
_KINDS = {bool: "boolean", dict: "object", list: "array", str: "string", type(None): "null", type(ABSENT): "absent"}
_BYTES = 16  # of a digest
_SALT = 8  # bytes
DESCRIPTION = rf"(?:{'|'.join([*_KINDS.values(), 'number'])}) [0-9a-f]{{{2 * _SALT}}}(?: [0-9a-f]{{{2 * _BYTES}}}){{2}}"
"""What the description of a value looks like, as a regular expression."""
_WITHOUT_VALUE = ("null", "absent")
_ZEROS = 100  # at the end of a number that is written out
RESPELLED = "spelled otherwise"
_SHOWN = 200  # letters of a value
_OTHER = {"string": "text", "number": "number", "boolean": "boolean", "object": "content", "array": "content"}


def identity(endpoint: str, path: str) -> str:
    """Return what a value is called in baselines, findings and waivers."""
    return f"{endpoint}: {path}"


def kept(endpoint: Endpoint, heard: Heard) -> dict[str, str]:
    """Return the `values` of an answer by their identities, as a baseline keeps them."""
    found = {}
    for path in endpoint.values:
        value = heard.at(path)
        salt = secrets.token_hex(_SALT)
        found[identity(endpoint.name, path)] = " ".join((kind_of(value), salt, *_digests(salt, value)))
    return found


def changed(
    endpoint: Endpoint, heard: Heard, recorded: Facts, *, show: bool = False, respelled: bool = False
) -> Iterator[Finding]:
    """Yield each value that is not as `recorded`: another one, another spelling or another type; what now is, only to `show`.

    `respelled` says that another spelling is what the migration makes on purpose, and a warning.
    """
    for path in endpoint.values:
        name = identity(endpoint.name, path)
        if name in recorded:
            value = heard.at(path)
            kind, salt, *digests = recorded[name].split(" ")
            if kind == kind_of(value) == "absent":
                sentence = f"{name} was not in the answer when it was recorded, and is not now: nothing is compared"
                yield Finding(VALUES, name, "a value", "absent", sentence, heals=True)
            elif told := _told(kind, digests, kind_of(value), _digests(salt, value)):
                was, now, what = told
                sentence = f"{name} {what}{_now(value) if show else ''}"
                heals = respelled and now.endswith(RESPELLED)
                yield Finding(VALUES, name, was, now, sentence, compared=True, heals=heals)


def unrecorded(endpoints: Iterable[Endpoint], recorded: Facts) -> list[str]:
    """Return the values that the configuration names and a baseline does not have."""
    names = (identity(each.name, path) for each in endpoints for path in each.values)
    return [name for name in names if name not in recorded]


def kind_of(value: Any) -> str:
    """Return the JSON type of a value, or "absent"."""
    return _KINDS.get(type(value), "number")


def _told(kind: str, was: Iterable[str], now_kind: str, now: Iterable[str]) -> tuple[str, str, str] | None:
    """Return what was, what is, and what became of it, all in words; None if all is as it was."""
    (exact, folded), (now_exact, now_folded) = was, now
    if kind != now_kind:
        alike = folded == now_folded and not {kind, now_kind} & {*_WITHOUT_VALUE}
        return kind, now_kind, f"is {_a(now_kind)}, was {_a(kind)}{', and reads the same' if alike else ''}"
    if exact == now_exact or kind in _WITHOUT_VALUE:
        return None
    if folded == now_folded:
        how = "zeros at the end" if kind == "number" else "upper or lower case, hyphens, braces or blanks"
        return kind, f"{kind}, {RESPELLED}", f"is spelled otherwise: the same {_OTHER[kind]} but for {how}"
    return kind, f"{kind}, another one", "has another value"


def _a(kind: str) -> str:
    if kind in _WITHOUT_VALUE:
        return kind
    return f"an {kind}" if kind[0] in "ao" else f"a {kind}"


def _now(value: Any) -> str:
    text = "nothing" if value is ABSENT else _spelled(value)
    return f" (now {text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}; a baseline keeps no value to show)"


def _digests(salt: str, value: Any) -> tuple[str, str]:
    """Return the digests of a value as it is spelled, and without what spelling alone makes.

    Raises `Inconclusive` if it is nested too deep.
    """
    try:
        spelled, folded = ("", "") if value is ABSENT else (_spelled(value), _folded(value))
    except RecursionError:
        raise Inconclusive(
            "a value in an answer is nested too deep to be compared: name a place within it under `values`"
        ) from None
    return _digest(salt, "exact", spelled), _digest(salt, "folded", folded)


def _digest(salt: str, of: str, text: str) -> str:
    keyed = hashlib.blake2b(
        text.encode("utf-8", "surrogatepass"), digest_size=_BYTES, key=bytes.fromhex(salt), person=of.encode()
    )
    return keyed.hexdigest()


def _spelled(value: Any) -> str:
    """Return JSON's text of a value, keys sorted, numbers as the answer spells them."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_spelled(value[key])}" for key in sorted(value)) + "}"
    return f"[{', '.join(map(_spelled, value))}]" if isinstance(value, list) else json.dumps(value, ensure_ascii=False)


def _folded(value: Any) -> str:
    """Return what a value is without what spelling alone makes; the sign of a number is no hyphen, wherever it stands."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return _number(Decimal(value))
    if isinstance(value, list):
        return f"[{', '.join(map(_folded_inside, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_folded_inside(value[key])}" for key in sorted(value)) + "}"
    text = value if isinstance(value, str) else json.dumps(value)
    return re.sub(r"(?<=\w)-(?=\w)|[{}\s]", "", text).casefold()


def _folded_inside(value: Any) -> str:
    return json.dumps(_folded(value)) if isinstance(value, str) else _folded(value)


def _number(value: Decimal) -> str:
    """Return a text that is the same for equal numbers, an integer's usual one; Python's own way rounds to 28 digits."""
    sign, digits, exponent = value.as_tuple()
    plain = "".join(map(str, digits)).rstrip("0")
    zeros = int(exponent) + len(digits) - len(plain) if plain else 0
    shown = plain.lstrip("0") or "0"
    return f"{'-' * sign}{shown}{'0' * zeros}" if 0 <= zeros <= _ZEROS else f"{'-' * sign}{shown}e{zeros}"
