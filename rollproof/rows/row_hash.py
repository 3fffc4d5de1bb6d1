"""64-bit hashes of stored values: for every type an SQL expression that changes whenever the stored image changes.

PostgreSQL's own hash functions hash by equality, and many ignore even more: the sign of `numeric`, half of the bits of
`bigint` and times, the bounds of arrays, the signs of numbers in `jsonb`. They are used only where they ignore nothing; other
types are hashed by their binary or text form, whichever is exact; types that are not built-in by both. Enums and reg* types
are hashed by name, because their oids change when the same object is made again. The same value has the same hash on every
supported version of PostgreSQL, on machines of the same byte order.

The session's settings must be pinned (`transactions.pinned`): functions are found without a schema, and output formats are fixed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from rollproof.model.names import unquoted

ALGORITHM = "i3"
"""Increased whenever the same rows would get another fingerprint."""


@dataclass(frozen=True)
class Type:
    """A type as in `pg_type`; a domain is its base type.

    `kind` is base, enum, array, composite, range or multirange. `name` and its functions `send` and `output` are quoted and
    qualified; `output` is empty where that function serves another type, too. `builtin` is the plain name of a built-in base
    type, else empty; `is_text` says that its bytes are those of its text. `parts` are a composite's fields by quoted name, or
    the element type of an array, a range or a multirange.
    """

    name: str
    kind: str = "base"
    builtin: str = ""
    send: str = ""
    output: str = ""
    is_text: bool = False
    parts: tuple[tuple[str, "Type"], ...] = ()


Column = tuple[str, Type]  # the name as SQL writes it


def row_hash(alias: str, columns: Sequence[Column], version: int) -> str:
    """Return SQL for a bigint, never NULL, that changes whenever the stored image of any of the columns changes.

    Columns count by name, in any order; a renamed one is another column. It is not the sum of the columns' hashes: values
    exchanged between two rows would cancel out when the rows are added up.
    """
    by_name = sorted((unquoted(name), name, type_) for name, type_ in columns)
    return combined(
        [
            f"COALESCE({value_hash(f'{alias}.{name}', type_, seed(raw), version)}, {seed(raw, 'null')})"
            for raw, name, type_ in by_name
        ]
    )


def value_hash(value: str, type_: Type, seed: int, version: int) -> str:
    """Return SQL for a bigint that is NULL where `value` is and otherwise changes with its stored image.

    `value` is SQL that is cheap to evaluate twice; `version` is the server's (`server_version_num`).
    """
    return _Images(version).of(value, type_, seed)


def seed(*names: object) -> int:
    """Return a 64-bit constant for these names: the same everywhere, and different for other names."""
    digest = hashlib.sha256("\0".join(map(str, names)).encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], signed=True)


_AT_ONCE = 8


def combined(hashes: Sequence[str]) -> str:
    """Return SQL that combines many hashes, in this order; each has a seed of its own.

    An exclusive or of many columns of few values (booleans) cancels out for some sets of changes, whatever the seeds: there
    are more sets than hashes. So at most eight are combined before a hash function, which is not linear, is applied; level by
    level, because the depth of an expression is limited.
    """
    parts = list(hashes) or ["0::int8"]
    while True:
        groups = [parts[start : start + _AT_ONCE] for start in range(0, len(parts), _AT_ONCE)]
        parts = [f"hashint4extended({len(group)}, {' # '.join(group)})" for group in groups]
        if len(parts) == 1:
            return parts[0]


# A time's own hash knows the exclusive or of its halves. From 2000 on, `date_bin` leaves the upper half alone, in steps of 2^32
# microseconds; before, one half would be taken for that of a time as long after.
_HALVES = "timestamp_hash_extended({0}, timestamp_hash_extended(date_bin('01:11:34.967296', {0}, TIMESTAMP '2000-01-01'), {{s}}))"

# What PostgreSQL can hash without making a copy, as templates: {v}alue, {s}eed, {half} of it, and {t}, another seed; {bytes}
# is the hash of a bytea, {sent} that of the binary form, {out} that of the text.
_HASHED = {
    "int2": "hashint2extended({v}, {s})",
    "int4": "hashint4extended({v}, {s})",
    "int8": "hashint4extended({half}, {v} # {s})",  # the value in the seed, of which all bits are read
    "oid": "hashoidextended({v}, {s})",
    "bool": "CASE WHEN {v} THEN {s} WHEN NOT {v} THEN {t} END",
    "char": "hashcharextended({v}, {s})",
    "name": "hashnameextended({v}, {s})",
    # The hash knows nothing of trailing blanks, the length all about them.
    "bpchar": 'hashbpcharextended({v} COLLATE "C", hashint4extended(octet_length({v}), {s}))',
    "bytea": "{bytes}",
    "uuid": "uuid_hash_extended({v}, {s})",
    "date": "CASE WHEN isfinite({v}) THEN hashint4extended({v} - DATE '2000-01-01', {s}) ELSE {out} END",
    # There are two zeros and many NaNs.
    "float4": "CASE WHEN {v} <> 0 AND {v} <> 'NaN' THEN hashfloat4extended({v}, {s}) ELSE {sent} END",
    "float8": "CASE WHEN {v} <> 0 AND {v} <> 'NaN' THEN hashfloat8extended({v}, {s}) ELSE {sent} END",
    # The hash knows nothing of the sign and of the scale: to ask for both takes longer than the text.
    "numeric": "{out}",
    "timestamp": f"CASE WHEN {{v}} >= TIMESTAMP '2000-01-01' THEN {_HALVES.format('{v}')} ELSE {{sent}} END",
    # timezone() with no interval: the same number, whatever the time zone.
    "timestamptz": "CASE WHEN {v} >= TIMESTAMPTZ '2000-01-01 00:00+00'"
    " THEN " + _HALVES.format("timezone(INTERVAL '0', {v})") + " ELSE {sent} END",
    "time": _HALVES.format("(DATE '2000-01-01' + {v})"),
    # Their own text leaves out the arguments.
    "regproc": 'hashtextextended(textin(regprocedureout({v}::regprocedure)) COLLATE "C", {s})',
    "regoper": 'hashtextextended(textin(regoperatorout({v}::regoperator)) COLLATE "C", {s})',
    "inet": "hashinetextended({v}, {s})",
    "cidr": "hashinetextended({v}, {s})",
    "macaddr": "hashmacaddrextended({v}, {s})",
    "macaddr8": "hashmacaddr8extended({v}, {s})",
}

# Their binary form is exact, and so is what `array_send` and `range_send` make of it.
_SENT = frozenset(
    """bool char int2 int4 int8 oid xid xid8 cid tid pg_lsn float4 float8 numeric money bytea bit varbit uuid
    date time timetz timestamp timestamptz interval inet cidr macaddr macaddr8 point line lseg box path polygon circle
    int2vector oidvector pg_snapshot txid_snapshot tsquery""".split()  # noqa: SIM905 (a reader's list)
)

# Their text is not exact: it shows one NaN for many, leaves the declaration out, and does not say which operator binds closer.
_VAGUE = frozenset(
    "float4 float8 point line lseg box path polygon circle tsquery regproc regoper xml".split()  # noqa: SIM905 (the same)
)


def _is_sent(type_: Type) -> bool:
    """Whether the binary form is exact and names no type by the number it happens to have in this database."""
    if type_.kind in ("range", "multirange"):
        return _is_sent(type_.parts[0][1])
    return (type_.parts[0][1].builtin if type_.kind == "array" else type_.builtin) in _SENT


def _prints(type_: Type) -> bool:
    """Whether the text form is exact, all the way down; of a type that is not PostgreSQL's own, as far as anything tells."""
    if type_.kind == "base" and not type_.builtin:
        return not (type_.send or type_.is_text)
    return type_.builtin not in _VAGUE and all(_prints(part) for _, part in type_.parts)


def _text(value: str, seed: int) -> str:
    return f'hashtextextended({value} COLLATE "C", {seed})'  # by its bytes, whatever the column's collation calls equal


def _printed(value: str, type_: Type, seed: int) -> str:
    # A cast to text may be somebody's own function, so the type's is called; concat does that, but shows NULL as it shows ''.
    if type_.kind == "enum":
        return _text(f"textin(enum_out({value}::{type_.name}))", seed)
    if type_.builtin and type_.output:
        return _text(f"textin({type_.output}({value}))", seed)
    return f"CASE WHEN {value} IS DISTINCT FROM NULL THEN {_text(f'concat({value})', seed)} END"


@dataclass(frozen=True)
class _Images:
    """The expressions for one version of PostgreSQL, inside `depth` other values."""

    version: int
    depth: int = 0

    def of(self, value: str, type_: Type, seed: int) -> str:
        if type_.kind == "base":
            return self._base(value, type_, seed) if type_.builtin else self._foreign(value, type_, seed)
        if _is_sent(type_):
            return self._bytes(f"{type_.send}({value}::{type_.name})", seed)
        if _prints(type_):
            return _printed(value, type_, seed)
        apart = {"composite": self._fields, "range": self._bounds}.get(type_.kind, self._elements)
        return f"CASE WHEN {value} IS DISTINCT FROM NULL THEN {apart(value, type_, seed)} END"

    def _base(self, value: str, type_: Type, seed_: int) -> str:
        if type_.is_text:
            return _text(f"{value}::text", seed_)
        template = _HASHED.get(type_.builtin, "{sent}" if type_.builtin in _SENT else "{out}")
        other = seed(seed_, "other")
        return template.format(
            v=value,
            s=seed_,
            half=seed_ & 0x7FFFFFFF,
            t=other,
            bytes=self._bytes(value, seed_),
            # A seed of its own: one value's bytes as they are sent are another's in memory, the other way round.
            sent=self._bytes(f"{type_.send}({value})", other),
            out=_printed(value, type_, seed_),
        )

    def _foreign(self, value: str, type_: Type, seed_: int) -> str:
        if type_.is_text:
            return _text(f"{value}::text", seed_)
        if not type_.send:
            return _printed(value, type_, seed_)
        # Within a row, because nobody need be allowed to call the type's function; before it stand numbers of this database.
        sent = self._bytes(f"substr(record_send(ROW({value})), 9)", seed(seed_, "sent"))
        return f"({_printed(value, type_, seed_)} # {sent})"

    def _bytes(self, value: str, seed: int) -> str:
        if self.version >= 180000:  # noqa: PLR2004 (the version that lets SQL call the hash of bytea)
            return f"hashbyteaextended({value}, {seed})"
        return f"NULLIF(hash_record_extended(ROW({value}), {seed}), 0)"

    def _fields(self, value: str, type_: Type, seed_: int) -> str:
        hashes = [
            f"COALESCE({self.of(f'({value}).{name}', part, seed(seed_, raw))}, {seed(seed_, raw, 'null')})"
            for raw, name, part in sorted((unquoted(name), name, part) for name, part in type_.parts)
        ]
        return combined(hashes)

    def _elements(self, value: str, type_: Type, seed: int) -> str:
        one = f"e{self.depth}"
        hashes = _Images(self.version, self.depth + 1).of(f"{one}.v", type_.parts[0][1], seed)
        bounds = f"array_dims({value})" if type_.kind == "array" else "''"
        text = f"concat({bounds}, '=', string_agg(concat({hashes}), ','))"  # concat: NULL is nothing between commas
        return f"(SELECT {_text(text, seed)} FROM (SELECT unnest({value}) AS v) AS {one})"

    def _bounds(self, value: str, type_: Type, seed: int) -> str:
        ends = [self.of(f"{end}({value})", type_.parts[0][1], seed) for end in ("lower", "upper")]
        flags = [f"{flag}({value})" for flag in ("isempty", "lower_inc", "upper_inc", "lower_inf", "upper_inf")]
        return _text(f"concat_ws(',', {', '.join([*flags, *(f'concat({end})' for end in ends)])})", seed)
