"""Values of PostgreSQL's own types that show what migrations lose: scale, microseconds, signs, the order of keys, host bits."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from rollproof.throwaway.filling.texts import texts, uuids

_FLOATS = ("0.1", "-1.5", "1e-7", "0", "16777217", "-0.3333333333333333", "12345.6789")
_JSONS = (
    '{"b": 1, "a": [1.50, null, "ä"]}',
    "{}",
    "[]",
    "null",
    "12.30",
    '"text"',
    "[1, 2, {}]",
    "true",
    '{"a": {"B": "C-d"}, "z": -0.5}',
)
_FIXED: dict[str, Sequence[str]] = {
    "bool": ("true", "false"),
    "json": (*_JSONS, '{"b" : 1,  "a":2, "b":3}'),
    "jsonb": _JSONS,
    "jsonpath": ("$.a", "$[*].b ? (@ > 1)", "strict $"),
    "xml": ("<a/>", "<a b='c'>ä &amp; d</a>", "text <b/>"),
    "bytea": (r"\x", r"\x00ff10", r"\xdeadbeef", r"\x5c27"),
    "interval": ("1 mon 2 days 03:04:05.678901", "-1 day", "0", "36:00:00", "1 year", "00:00:00.000001"),
    "tsvector": ("'ada':1A 'fat':2,4B 'rat'", "", "'x':1"),
    "tsquery": ("'ada' & !'fat'", "'a':*", "'x' <-> 'y'"),
    "point": ("(1,2)", "(-0.5,0.25)", "(0,0)"),
    "line": ("{1,2,3}", "{1,-1,0}"),
    "lseg": ("[(0,0),(1,1)]", "[(-1,2),(3.5,4)]"),
    "box": ("(2,2),(1,1)", "(0.5,3),(-1,-2)"),
    "path": ("[(0,0),(1,1),(2,0)]", "((0,0),(1,1),(2,0))"),
    "polygon": ("((0,0),(1,1),(2,0))", "((0,0),(0,1),(1,1),(1,0))"),
    "circle": ("<(1,2),3>", "<(0,0),0.5>"),
    "regclass": ("pg_class", "pg_type"),
    "regtype": ("integer", "text"),
    "regproc": ("pg_backend_pid", "version"),
    "regprocedure": ("lower(text)", "version()"),
    "regoper": ("!~~*", "~<~"),
    "regoperator": ("+(integer,integer)", "-(integer,integer)"),
    "regnamespace": ("pg_catalog", "information_schema"),
    "regconfig": ("simple", "english"),
    "regdictionary": ("simple", "english_stem"),
    "regcollation": ('"C"', '"POSIX"'),
    "regrole": ("pg_monitor", "pg_signal_backend"),
    "int2vector": ("1 2 3", ""),
    "oidvector": ("1 2 3", ""),
    "pg_snapshot": ("10:20:10,14", "1:1:"),
    "txid_snapshot": ("10:20:10,14", "1:1:"),
    "char": ("a", "Z", "-"),
    "tid": ("(0,1)", "(7,3)"),
}
_MAC = "08:00:2b:01:{:02x}:{:02x}"
_NUMBERED: dict[str, Callable[[int], str]] = {
    "inet": lambda n: f"10.1.{n // 250}.{n % 250 + 1}/24" if n % 3 else f"2001:db8::{n + 1:x}",
    "cidr": lambda n: f"10.{n // 250}.{n % 250}.0/24" if n % 3 else f"2001:db8:{n + 1:x}::/48",
    "macaddr": lambda n: _MAC.format(n // 250, n % 250),
    "macaddr8": lambda n: f"08:00:2b:ff:fe:01:{n // 250:02x}:{n % 250:02x}",
    "pg_lsn": lambda n: f"16/B374D{n:03X}",
    "oid": lambda n: str(16384 + n),
    "xid": lambda n: str(1000 + n),
    "xid8": lambda n: str(5_000_000_000 + n),
    "cid": str,
    "bytea": lambda n: f"\\x{n:06x}",
    "jsonb": lambda n: f'{{"n": {n}}}',
    "json": lambda n: f'{{"n":  {n}}}',
    "interval": lambda n: f"{n} days {n}.5 seconds",
    "point": lambda n: f"({n},{-n}.5)",
    "box": lambda n: f"({10 * n + 5},5),({10 * n},0)",
    "circle": lambda n: f"<({10 * n},0),2>",
    "tsvector": lambda n: f"'w{n}':{n + 1}",
    "money": lambda n: f"{n}.{n % 100:02d}" if n % 3 else f"-{n + 1}.05",
}
_BYTES = {"int2": 2, "int4": 4, "int8": 8}
_NARROW, _BROAD = 2, 8
_TEXTS = {"text": None, "varchar": None, "bpchar": None, "refcursor": None, "name": 60}
_PAST = datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
_MOMENTS = (datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=UTC), datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC), _PAST)


def plain_values(name: str, typmod: int, column: str, chance: random.Random, count: int) -> list[str]:
    """Return texts of different values of a type of PostgreSQL's, of which a column has this typmod; [] if it is not known."""
    if name in _TEXTS:
        length = _TEXTS[name] if typmod < 0 else typmod - 4
        return texts(column, length, chance, count)
    if name == "uuid":
        return uuids(chance, count)
    if name in _BYTES or name in {"numeric", "float4", "float8"}:
        return _numbers(name, typmod, count)
    if name in {"bit", "varbit"}:
        return _bits(typmod if typmod > 0 else 1 if name == "bit" else 9, count, is_fixed=name == "bit")
    if name in {"date", "time", "timetz", "timestamp", "timestamptz"}:
        return [_moment(name, each) for each in _moments(count)]
    numbered = [_NUMBERED[name](number) for number in range(count)] if name in _NUMBERED else []
    return list(dict.fromkeys([*_FIXED.get(name, ()), *numbered]))


def _numbers(name: str, typmod: int, count: int) -> list[str]:
    if name in _BYTES:
        return _integers(_BYTES[name], count)
    return _numerics(typmod, count) if name == "numeric" else [*_FLOATS, *(f"{number}.25" for number in range(count))]


def _integers(size: int, count: int) -> list[str]:
    showing = [-1, 0, *([32767, -32768] if size == _NARROW else [16777217, 70000])]
    if size == _BROAD:
        showing.append(2**53 + 1)
    return list(map(str, dict.fromkeys([1, *showing[:2], *range(2, 9), *showing[2:], *range(9, count + 9)])))


def _numerics(typmod: int, count: int) -> list[str]:
    if typmod < 0:
        return ["1.50", "-0.001", "0", "123456789012345678901234567890.123456789", *(f"{n}.0{n}" for n in range(count))]
    precision, scale = (typmod - 4) >> 16, (typmod - 4) & 0x7FF
    scale -= 0x800 if scale & 0x400 else 0
    most = 10**precision - 1
    units = [100 + 25, -5, 0, most, -most, *(n * 101 for n in range(1, count + 1)), *range(1, count + 1)]
    return [_scaled(each, scale) for each in dict.fromkeys(units) if abs(each) <= most]


def _scaled(units: int, scale: int) -> str:
    if scale <= 0:
        return str(units * 10**-scale)
    digits = f"{abs(units):0{scale + 1}d}"
    return f"{'-' if units < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"


def _bits(length: int, count: int, *, is_fixed: bool) -> list[str]:
    found = [f"{number:0{length}b}"[-length:] for number in range(1, count + 1)]
    return list(dict.fromkeys([("10" * length)[:length], *found, *([] if is_fixed else ["1", ""])]))


def _moments(count: int) -> list[datetime]:
    begin = datetime(2024, 1, 15, 8, 30, tzinfo=UTC)
    return [*_MOMENTS, *(begin + timedelta(days=n, hours=5 * n, microseconds=1001 * n) for n in range(count))]


def _moment(name: str, moment: datetime) -> str:
    if name == "date":
        return moment.date().isoformat()
    if name == "time":
        return moment.time().isoformat()
    text = moment.time().isoformat() if name == "timetz" else moment.isoformat(" ").removesuffix("+00:00")
    return text + ("+00" if name.endswith("tz") else "")
