"""Whether a type holds every value that another one holds. Pure."""

import re

_WIDER = (
    ("smallint", "integer", "bigint", "numeric"),
    ("real", "double precision"),
    ("character varying", "text"),
    ("character", "character varying", "text"),
    ("json", "text"),
    ("date", "timestamp without time zone"),
    ("uuid", "text"),
)
_LENGTH = re.compile(r"(?P<core>[^(]+)(?:\((?P<length>\d+)(?:,(?P<scale>-?\d+))?\))?(?P<rest>.*)", re.DOTALL)
_TEXTS = ("text", "character varying")  # a length apart, they hold the same


def holds(wide: str, narrow: str) -> bool:
    """Tell whether `wide` takes every value that `narrow` takes; types as PostgreSQL spells them, perhaps with a length."""
    one, other = _LENGTH.fullmatch(wide), _LENGTH.fullmatch(narrow)
    if wide == narrow or not one or not other or one["rest"] != other["rest"]:
        return wide == narrow
    return _core_holds(one["core"], other["core"]) and _length_holds(one, other)


def _core_holds(wide: str, narrow: str) -> bool:
    if wide == narrow or {wide, narrow} <= {*_TEXTS}:
        return True
    return any(wide in row and narrow in row and row.index(wide) > row.index(narrow) for row in _WIDER)


def _length_holds(wide: re.Match[str], narrow: re.Match[str]) -> bool:
    if wide["length"] is None:
        return True
    if narrow["length"] is None:
        return False
    scales = int(wide["scale"] or 0), int(narrow["scale"] or 0)
    return int(wide["length"]) - scales[0] >= int(narrow["length"]) - scales[1] and scales[0] >= scales[1]
