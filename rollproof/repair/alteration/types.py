"""Statements that change enums, domains, composite types, ranges and base types into what they were. Pure."""

from collections.abc import Iterator, Mapping

from rollproof.model.compare import Difference
from rollproof.model.descriptions import type_of
from rollproof.repair.alteration.values import columns_of, holding, unfit, unfit_for_constraints
from rollproof.repair.clauses.pieces import called
from rollproof.repair.clauses.types import (
    DomainClauses,
    attributes_of,
    base_clauses,
    domain_clauses,
    labels_of,
)
from rollproof.repair.creation.types import WORDS
from rollproof.repair.makers import Alter
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

_SET = ("RECEIVE", "SEND", "TYPMOD_IN", "TYPMOD_OUT", "ANALYZE", "SUBSCRIPT", "STORAGE")  # ALTER TYPE … SET
_BY_ATTRIBUTE = ("views", "rules", "policies", "indexes", "constraints", "triggers", "columns", "tables", "functions")


def _type(difference: Difference, sides: Sides) -> Altered | Refused | None:
    was, now = difference.before, difference.after
    if was is None or now is None:
        return None
    labels, others = labels_of(was), labels_of(now)
    if labels is not None and others is not None:
        return _enum(difference.identity, labels, others, sides)
    domain, other = domain_clauses(was), domain_clauses(now)
    if domain and other and domain.type == other.type:
        return _constrained(difference.identity, domain, other, sides)
    attributes, more = attributes_of(was), attributes_of(now)
    if attributes is not None and more is not None:
        return _composite(difference.identity, attributes, more, sides)
    if base_clauses(was) or base_clauses(now):
        return _base(difference.identity, was, now)
    return _anew(difference.identity, was, now, sides)


def _enum(name: str, was: tuple[str, ...], now: tuple[str, ...], sides: Sides) -> Altered:
    """Add or rename labels; where one must go, or stands elsewhere, the type is made anew, if no row holds one that goes."""
    if [label for label in was if label in now] == [*now]:
        return Altered((), prepare=tuple(_added(name, was, now)))
    renamed = [(old, new) for old, new in zip(was, now, strict=False) if old != new]
    same = (
        len(was) == len(now) and not {old for old, _ in renamed} & {*now} and not {new for _, new in renamed} & {*was}
    )
    if same and len(renamed) <= len(was) - len(renamed):
        return Altered(tuple(f"ALTER TYPE {name} RENAME VALUE {new} TO {old};" for old, new in renamed))
    return Altered((), frozenset([Object("types", name)]), tuple(holding(name, was, now, sides)))


def _added(name: str, was: tuple[str, ...], now: tuple[str, ...]) -> Iterator[str]:
    there = [*now]
    for place, label in enumerate(was):
        if label not in there:
            beside = f" AFTER {was[place - 1]}" if place else f" BEFORE {there[0]}" if there else ""
            yield f"ALTER TYPE {name} ADD VALUE IF NOT EXISTS {label}{beside};"
            there.append(label)


def _anew(name: str, was: str, now: str, sides: Sides) -> Altered | Refused:
    """Make a type anew, with its values cast by way of text: tried first, for a cast may refuse them, or shorten them."""
    checks = unfit(name, was, now, sides)
    return (
        Refused(checks) if isinstance(checks, str) else Altered((), frozenset([Object("types", name)]), tuple(checks))
    )


def _constrained(name: str, was: DomainClauses, now: DomainClauses, sides: Sides) -> Altered:
    """Change what a domain is apart from its type; made anew where PostgreSQL looks at no values."""
    checks = tuple(unfit_for_constraints(name, was, now, sides))
    if _is_stricter(was, now) and _is_within(name, sides.after):
        return Altered((), frozenset([Object("types", name)]), checks)
    return Altered(tuple(_domain(name, was, now)), prepare=checks)


def _is_stricter(was: DomainClauses, now: DomainClauses) -> bool:
    """Tell whether values must be looked at before a domain is what it was."""
    more = [text for each, text in was.constraints.items() if now.constraints.get(each) != text]
    return was.not_null > now.not_null or any(not text.endswith(" NOT VALID") for text in more)


def _is_within(name: str, side: Side) -> bool:
    """Tell whether arrays, or other types, hold values of a domain: PostgreSQL looks into none of these."""
    types = (type_of(told).partition(" COLLATE ")[0] for told in side.facts("columns").values())
    within = any(each.facet == "types" for each in side.graph.dependents(Object("types", name)))
    return within or any(each.endswith("[]") and each.rstrip("[]") == name for each in types)


def _domain(name: str, was: DomainClauses, now: DomainClauses) -> Iterator[str]:
    alter = f"ALTER DOMAIN {name}"
    for each, text in now.constraints.items():
        if was.constraints.get(each) != text:
            yield f"{alter} DROP CONSTRAINT {each};"
    if was.default != now.default:
        yield f"{alter} SET DEFAULT {was.default};" if was.default else f"{alter} DROP DEFAULT;"
    named = "NOT NULL" in {*was.constraints.values(), *now.constraints.values()}
    if was.not_null != now.not_null and not named:
        yield f"{alter} {'SET' if was.not_null else 'DROP'} NOT NULL;"
    for each, text in was.constraints.items():
        if now.constraints.get(each) != text:
            yield f"{alter} ADD CONSTRAINT {each} {text};"


_Attributes = tuple[tuple[str, str], ...]


def _composite(name: str, was: _Attributes, now: _Attributes, sides: Sides) -> Altered | Refused | None:
    """Change attributes, as far as values in rows allow; where nothing holds such values it may as well be made again."""
    alter, shared = f"ALTER TYPE {name}", min(len(was), len(now))
    used = [column for column, _ in columns_of(name, sides)]
    if was[:shared] == now[:shared] and len(was) > len(now):
        typed = any(each.facet == "tables" for each in sides.after.graph.dependents(Object("types", name)))
        more = " CASCADE" if typed else ""  # tables of this type get it as well, and lose nothing
        return Altered(tuple(f"{alter} ADD ATTRIBUTE {attribute} {type_}{more};" for attribute, type_ in was[shared:]))
    if used:
        drops = " ".join(f"{alter} DROP ATTRIBUTE {attribute};" for attribute, _ in now[shared:])
        hint = f", if you do not need them: {drops}" if was[:shared] == now[:shared] else ""
        return Refused(f"rows of {used[0].relation} have values of it, which would be lost{hint}")
    if {attribute for attribute, _ in was[:shared]} != {attribute for attribute, _ in now[:shared]} or _is_used(
        name, sides.after
    ):
        return None
    return Altered(tuple(_attributes(alter, was, now, shared))) if _ordered(was, now, shared) else None


def _ordered(was: _Attributes, now: _Attributes, shared: int) -> bool:
    return all(old[0] == new[0] for old, new in zip(was[:shared], now[:shared], strict=True))


def _is_used(name: str, side: Side) -> bool:
    return any(each.facet in _BY_ATTRIBUTE for each in side.graph.dependents(Object("types", name)))


def _attributes(alter: str, was: _Attributes, now: _Attributes, shared: int) -> Iterator[str]:
    for attribute, _ in now[shared:]:
        yield f"{alter} DROP ATTRIBUTE {attribute};"
    for (attribute, type_), (_, other) in zip(was[:shared], now[:shared], strict=True):
        if type_ != other:
            yield f"{alter} ALTER ATTRIBUTE {attribute} TYPE {type_};"


def _base(name: str, before: str, after: str) -> Altered | Refused:
    was, now = base_clauses(before), base_clauses(after)
    changed = {key for key in {**(was or {}), **(now or {})} if (was or {}).get(key) != (now or {}).get(key)}
    if was is None or now is None or changed - {*_SET}:
        return Refused("its functions need it, and it needs them: nothing but DROP TYPE … CASCADE takes it away")
    values = {key: WORDS[key][was[key]] if key in WORDS else called(was.get(key, "NONE")) for key in changed}
    return Altered(
        (f"ALTER TYPE {name} SET ({', '.join(f'{key} = {value}' for key, value in sorted(values.items()))});",)
    )


ALTERS: Mapping[str, Alter] = {"types": _type}
"""By facet."""
