"""Values of any type, as SQL expressions: of PostgreSQL's own, of enums, of what is made of other types, and of extensions'."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rollproof.throwaway.filling.hints import Hints
from rollproof.throwaway.filling.plain_values import plain_values
from rollproof.throwaway.filling.shape import Type, literal

_DEEP = 6  # types within types
_PROBES = (
    *("a", "1", "0", "a=>1", "[1,2,3]", "{1,2}", "(1,2)", "POINT(1 2)", "1.0", "Top.Science", "a@b.example", "{}", ""),
    *("978-0-393-04002-9", "0-393-04002-X", "1 & 2", "2024-02-29", "192.0.2.1", "#FFAA00"),
)
_WORDS = (  # texts that somebody's CHECK may ask for
    *("a", "A", "abc", "a-b", "12", "1234", "12345678", "123456789012", "4111111111111111", "+4915123456789"),
    *("ada@example.com", "https://example.com/a", "example.com", "DE", "EUR", "de-DE", "en_US", "UTC", "Europe/Berlin"),
    *(
        "DE89370400440532013000",
        "192.0.2.1",
        "#FFAA00",
        "2024-02-29",
        "12:30",
        "/a/b.txt",
        "1.2.3",
        "{}",
        "true",
        "a_b",
    ),
    *("Ada Lovelace", "Ab1!cdefgh"),
)
_BOUNDS = ("[)", "(]", "[]", "()")
_DISJOINT = frozenset({"int4", "int8", "numeric", "date", "timestamp", "timestamptz", "float8", "float4"})
_MOMENTS = frozenset({"date", "timestamp", "timestamptz"})
_LETTERS = "Abcdefghijklm"
_OWN = "pg_catalog."


@dataclass(frozen=True)
class Values:
    """Makes expressions of the `types` of a database, so many of each, by `chance`."""

    types: Mapping[int, Type]
    chance: random.Random
    count: int

    def of(self, type_: int, typmod: int, column: str, hints: Hints, deep: int = 0) -> list[str]:
        """Return different expressions for a column of this name and type; each may still be refused."""
        known = self.types.get(type_)
        if known is None or deep > _DEEP:
            return []
        made = {
            "d": lambda: self._domain(known, column, hints, deep),
            "e": lambda: _cast(map(literal, known.labels), known.written),
            "c": lambda: self._composites(known, hints, deep),
            "r": lambda: self._ranges(known, deep),
            "m": lambda: self._ranges(known, deep),
        }.get(known.kind)
        if made:
            return made()
        if known.category == "A" and known.inner:
            return self._arrays(known, typmod, column, hints, deep)
        return _cast(map(literal, self._texts(known, typmod, column, hints)), known.written) + self._moved(known, hints)

    def _domain(self, known: Type, column: str, hints: Hints, deep: int) -> list[str]:
        joined = Hints.of([*known.checks]).joined(hints)
        return _cast(self.of(known.inner, known.typmod, column, joined, deep + 1), known.written)

    def _texts(self, known: Type, typmod: int, column: str, hints: Hints) -> Sequence[str]:
        name = known.name.removeprefix(_OWN)
        found = plain_values(name, typmod, column, self.chance, self.count) if known.name.startswith(_OWN) else []
        if known.category == "S" and (hints != Hints() or not found):
            return self._hinted_texts(found, typmod, hints)
        if known.category == "N":
            return _hinted_numbers(name, found, hints, self.count)
        if name in {"json", "jsonb"} and hints.texts:
            keys = ", ".join(f'"{key}": {{value}}' for key in hints.texts)
            found += ["{" + keys.replace("{value}", value) + "}" for value in ("1", '"a"', "[]", "{}", "true")]
        if name == "bytea":
            found += [f"\\x{n:0{2 * length}x}"[: 2 * length + 2] for length in hints.lengths for n in range(self.count)]
        return [*dict.fromkeys([*found, *hints.texts, *(() if found else _PROBES)])]

    def _hinted_texts(self, found: Sequence[str], typmod: int, hints: Hints) -> list[str]:
        plain = [*found, *_WORDS]
        made = [*hints.texts, *hints.matching(self.chance, self.count)]
        for length in hints.lengths:
            made += [(_LETTERS * length)[n : n + length] for n in range(self.count)]
            made += [f"{n * 37:0{length}d}"[-length:] for n in range(self.count)]
        for text in hints.texts if len(hints.texts) < len(_PROBES) else ():
            made += [f"a{text}b", f"ab{text}c", f"{text}a", f"a{text}"]
        turned = [turn(each) for each in [*plain, *made] for turn in (str.lower, str.upper, str.strip)]
        most = typmod - 4 if typmod > 0 else None
        return [each for each in dict.fromkeys([*made, *plain, *turned]) if most is None or len(each) <= most]

    def _moved(self, known: Type, hints: Hints) -> list[str]:
        """Return moments on both sides of those that a condition speaks of."""
        if known.category != "D":
            return []
        steps = [f"{n} days" for n in range(-1, self.count)] + [f"{n} hours" for n in (-1, 1, 7)] + ["25 days -3 hours"]
        return [
            f"CAST(CAST({literal(text)} AS {known.written}) + {literal(step)}::interval AS {known.written})"
            for text in hints.texts
            for step in steps
        ]

    def _composites(self, known: Type, hints: Hints, deep: int) -> list[str]:
        pools = [
            self.of(part, typmod, "", hints, deep + 1) or ["NULL"]
            for part, typmod in zip(known.parts, known.typmods, strict=True)
        ]
        rows = (", ".join(pool[(n + place) % len(pool)] for place, pool in enumerate(pools)) for n in range(self.count))
        some = [", ".join("NULL" if n == place else pool[0] for place, pool in enumerate(pools)) for n in range(1)]
        return [f"CAST(ROW({row}) AS {known.written})" for row in dict.fromkeys([*rows, *some])]

    def _arrays(self, known: Type, typmod: int, column: str, hints: Hints, deep: int) -> list[str]:
        inner = self.of(known.inner, typmod, column, hints, deep + 1)
        if not inner:
            return [f"CAST('{{}}' AS {known.written})"]
        several = [", ".join(inner[n : n + 2 + n % 2]) for n in range(0, len(inner) - 1, 2)]
        made = [inner[0], "", f"{inner[-1]}, NULL", *several, *inner[1 : self.count]]
        return [f"CAST(ARRAY[{each}] AS {known.written})" for each in dict.fromkeys(made)]

    def _ranges(self, known: Type, deep: int) -> list[str]:
        if known.kind == "m":
            inner = self.of(known.inner, -1, "", Hints(), deep + 1)
            return [f"CAST('{{}}' AS {known.written})", *(f"{known.written}({each})" for each in inner)]
        subtype = self.types[known.inner]
        name = subtype.name.removeprefix(_OWN)
        if name in _DISJOINT:
            pairs = [_pair(name, number) for number in range(self.count)]
        else:
            inner = self.of(known.inner, -1, "", Hints(), deep + 1)
            pairs = list(pairwise(inner))
        made = [f"{known.written}({low}, {high}, '{_BOUNDS[n % 3 % 2]}')" for n, (low, high) in enumerate(pairs)]
        return [*made[:2], f"CAST('empty' AS {known.written})", *made[2:]]


def _pair(name: str, number: int) -> tuple[str, str]:
    if name in _MOMENTS:
        return tuple(f"CAST(date '2024-01-01' + {10 * number + days} AS {name})" for days in (0, 4))  # type: ignore[return-value]
    return f"CAST({10 * number} AS {name})", f"CAST({10 * number + 5} AS {name})"


def _hinted_numbers(name: str, found: Sequence[str], hints: Hints, count: int) -> list[str]:
    whole = name in {"int2", "int4", "int8", "oid"}
    made = []
    for number in hints.numbers:
        whole_part = int(float(number))
        made += [str(whole_part + n) for n in range(-1, count + 1)]
        made += [] if whole else [number, *(f"{whole_part}.{n:02d}5" for n in range(count))]
    size = {"int2": 2**15, "int4": 2**31, "int8": 2**63}.get(name)
    return [each for each in dict.fromkeys([*found, *made]) if not size or -size <= int(float(each)) < size]


def _cast(texts: "Sequence[str] | map[str]", written: str) -> list[str]:
    return [f"CAST({each} AS {written})" for each in texts]
