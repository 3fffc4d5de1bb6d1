"""Statements about owners and privileges. Pure."""

from collections.abc import Iterator, Mapping

from rollproof.model.compare import Difference
from rollproof.model.names import names
from rollproof.repair.attributes.acl import OWNER, PUBLIC, Grant, Grants, Target, fresh, grants, renamed
from rollproof.repair.attributes.initial import back_to_initial, to_first_owner
from rollproof.repair.attributes.ranges import constructors, multirange_of, own_multirange, range_of
from rollproof.repair.clauses.wording import DATABASE, is_name, on_this_database, type_path
from rollproof.repair.makers import Alter
from rollproof.repair.objects import Object, facets_of, told
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

_ALIKE = (
    "table",
    "view",
    "materialized view",
    "foreign table",
    "sequence",
    "schema",
    "language",
    "tablespace",
    "server",
)
_OWNED = {  # how ALTER … OWNER TO calls each kind
    **{kind: kind.upper() for kind in (*_ALIKE, "type", "operator", "operator class", "operator family", "collation")},
    **{
        kind: kind.upper()
        for kind in ("conversion", "text search configuration", "text search dictionary", "statistics")
    },
    **{kind: kind.upper() for kind in ("event trigger", "publication")},
    "function": "ROUTINE",  # procedures and aggregates, too
    "foreign-data wrapper": "FOREIGN DATA WRAPPER",
}
_GRANTED = {  # how GRANT calls each kind
    **dict.fromkeys(("table", "view", "materialized view", "foreign table"), "TABLE"),
    **{kind: kind.upper() for kind in ("sequence", "schema", "language", "tablespace", "parameter", "type")},
    "function": "ROUTINE",
    "foreign-data wrapper": "FOREIGN DATA WRAPPER",
    "server": "FOREIGN SERVER",
}
_DEFAULTS = {"sequence": "SEQUENCES", "function": "FUNCTIONS", "type": "TYPES", "schema": "SCHEMAS"}
_LEADERS = ("table", "materialized view", "view", "foreign table", "type")
_FOLLOWS = "it has the owner of {0}, and only a change of the catalogue itself gives it another one"
_NO_GRANTS = "PostgreSQL grants nothing on array types and multiranges: only a change of the catalogue itself did"
_UNREAD = "what was recorded is not understood"
_MULTIRANGES_FOLLOW = 17_00_00  # ALTER TYPE gives a range its owner until 16, and its multirange its own
_GRANTS_NOT_ON_MULTIRANGES = 15_00_00  # 14 has GRANT for multiranges
_Key = tuple[str, str]
"""An object as owners and privileges name it: name and kind."""


def attach(of: Object, sides: Sides) -> tuple[str, ...]:
    """Return the statements that give an object, which was just created, its owner and exactly the grants that it had."""
    return tuple(
        statement
        for key in _keys(of, sides.before)
        for statement in (*_first_owner(key, sides.before), *_first_grants(key, sides))
    ) + tuple(_of_range(of, sides))


def _of_range(of: Object, sides: Sides) -> Iterator[str]:
    """Yield what gives a new range type's multirange its owner, and the functions that come with it their privileges."""
    owners, before = sides.before.facts("owners"), sides.before
    many = multirange_of(of.identity, before) if of.facet == "types" else ""
    owner = owners.get(f"{of.identity} (type)", "")
    if many and is_name(owner) and sides.after.version < _MULTIRANGES_FOLLOW and f"{many} (type)" not in owners:
        yield own_multirange(of.identity, owner)
    for name in constructors(of.identity, before) if many else ():
        key = (name, "function")
        if _by_default(key, sides) and not _by_role(key, before):
            yield back_to_initial(key, f"ROUTINE {name}")


def _keys(of: Object, side: Side) -> list[_Key]:
    """Return what owners and privileges tell of an object, and of what follows it; the object itself first."""
    known = [
        found[:2] for facet in ("owners", "privileges") for name in side.attached(facet, of) if (found := told(name))
    ]
    return sorted(dict.fromkeys(known), key=lambda key: key[1] == "type" and of.facet != "types")


def _first_owner(key: _Key, side: Side) -> Iterator[str]:
    owner = side.facts("owners").get(f"{key[0]} ({key[1]})", "")
    if is_name(owner) and (statement := _owned(key, owner)):
        yield statement


def _owned(key: _Key, owner: str) -> str:
    """Return the statement that gives an object an owner; "" if there is none."""
    name, kind = key
    if kind == "database":
        return on_this_database(f"ALTER DATABASE {DATABASE} OWNER TO {owner};")
    if kind not in _OWNED or name.endswith("[]"):
        return ""
    return f"ALTER {_OWNED[kind]} {type_path(name) if kind == 'type' else name} OWNER TO {owner};"


def _owner(difference: Difference, sides: Sides) -> Altered | Refused | None:
    found = told(difference.identity)
    if found is None:
        return Refused(_UNREAD)
    name, kind, _ = found
    leader = _leader(name, kind, sides)
    if difference.before is None:
        if leader is None:
            return Altered((to_first_owner(_owned((name, kind), "%s")),))
        owner = sides.before.facts("owners").get(leader, "")
        if owner != sides.after.facts("owners").get(leader):
            return Altered(())  # it follows
        can = is_name(owner) and _is_multirange(name, sides) and sides.after.version < _MULTIRANGES_FOLLOW
        return Altered((_owned((name, kind), owner),)) if can else Refused(_FOLLOWS.format(leader))
    if kind == "extension":
        return Refused(
            "no statement gives an extension another owner: REASSIGN OWNED gives all that a role owns to another one"
        )
    is_own = leader is None or (_is_multirange(name, sides) and sides.after.version < _MULTIRANGES_FOLLOW)
    statement = _owned((name, kind), difference.before) if is_name(difference.before) and is_own else ""
    return Altered((statement,)) if statement else Refused(_FOLLOWS.format(leader or "what it belongs to"))


def _leader(name: str, kind: str, sides: Sides) -> str | None:
    """Return what an index, a row type, an array type or a multirange has its owner from; None if it has one of its own."""
    if kind == "index":
        return _listed(".".join(names(name)[:2]), sides) or "its table"
    if kind != "type" or len(names(name)) == 1:
        return None
    base = name.removesuffix("[]")
    is_own = base == name and any(side.has(Object("types", name)) for side in (sides.before, sides.after))
    of = range_of(base, sides.before) or range_of(base, sides.after)
    return None if is_own else _listed(base, sides) or f"{of or 'its range'} (type)"


def _is_multirange(name: str, sides: Sides) -> bool:
    return bool(range_of(name, sides.before))


def _listed(name: str, sides: Sides) -> str:
    """Return a table, view or type as owners list it."""
    owners = {**sides.after.facts("owners"), **sides.before.facts("owners")}
    has_own = any(side.has(Object("types", name)) for side in (sides.before, sides.after))
    kinds = (kind for kind in _LEADERS if kind != "type" or has_own)
    return next((key for kind in kinds if (key := f"{name} ({kind})") in owners), "")


def _privileges(difference: Difference, sides: Sides) -> Altered | Refused | None:
    """Undo what became of all privileges of an object: each role's may depend on another's."""
    found = told(difference.identity)
    if found is None:
        return Refused(_UNREAD)
    key = found[:2]
    target = _target(key, sides)
    was, now = (_listed_grants(key, side) for side in (sides.before, sides.after))
    if was is None or now is None:
        return Refused(_UNREAD)
    if target is None or not _can_be_granted(key, sides):
        return Refused(_NO_GRANTS)
    if not _says_all(key, sides.before):
        return Altered((back_to_initial(key, target.on, target.column),))
    if not _says_all(key, sides.after):
        extension = sides.before.members.get(_of(key, sides.before))  # which may have to be made first
        return Altered(tuple(_absolute(key, target, was, sides)), after=frozenset([extension] if extension else []))
    return Altered(tuple(target.statements(renamed(now, _as_owned(key, sides)), was)))


def _of(key: _Key, side: Side) -> Object:
    return side.object_of("privileges", f"{key[0]} ({key[1]})")


def _by_role(key: _Key, side: Side) -> Mapping[str, str]:
    """Return each role's privileges of an object, as they are described."""
    known = ((told(name), text) for name, text in side.attached("privileges", _of(key, side)).items())
    return {found[2]: text for found, text in known if found and found[:2] == key}


def _listed_grants(key: _Key, side: Side) -> Grants | None:
    """Return what may be done with an object, as far as it is listed; None if that is not understood."""
    roles = _by_role(key, side)
    if not roles and key[1] == "parameter":
        return fresh(key[1], side.version)
    known = [grants(role, text) for role, text in roles.items()]
    return None if None in known else frozenset(each for one in known for each in one or ())


def _says_all(key: _Key, side: Side) -> bool:
    """Tell whether what is not listed cannot be done; else the object has the privileges with which it came."""
    is_column = key[1] == "column" and len(names(key[0])) > len(
        ("table", "column")
    )  # those of the system have no schema
    return is_column or key[1] == "parameter" or bool(_by_role(key, side)) or _has_own(key, side)


def _has_own(key: _Key, side: Side) -> bool:
    """Tell whether an object has privileges of its own, which are all listed: no member of an extension, no row type."""
    of = _of(key, side)
    return "privileges" in side.all_facts and of.facet in facets_of(key[1]) and side.has(of)


def _absolute(key: _Key, target: Target, was: Grants, sides: Sides) -> Iterator[str]:
    """Yield the statements to what may be done, whatever may be done now by the roles that are known."""
    every = {each.privilege for each in fresh(key[1], _version(sides))} or {each.privilege for each in was}
    roles = [role for role in _by_role(key, sides.before) if role != OWNER or target.owner]
    known = {(each.role, each.privilege) for each in was}
    surplus = (Grant(role, OWNER, each) for role in roles for each in every if (role, each) not in known)
    yield from target.statements(frozenset(surplus), frozenset(each for each in was if each.role in roles))


def _version(sides: Sides) -> int:
    return min(sides.before.version, sides.after.version)


def _first_grants(key: _Key, sides: Sides) -> Iterator[str]:
    """Yield what makes of a new object's privileges those that it had, whatever default privileges gave."""
    was, target = _listed_grants(key, sides.before), _target(key, sides)
    if was is None or target is None or not _can_be_granted(key, sides):
        return
    if not _by_role(key, sides.before) and not (fresh(key[1], 0) and _has_own(key, sides.before)):
        return
    if not target.owner:  # a constructor, of the role that initdb made
        yield from _absolute(key, target, was, sides)
        return
    doubtful = _by_default(key, sides) - {target.owner}
    now = fresh(key[1], _version(sides))
    if doubtful:
        yield f"REVOKE ALL ON {target.on} FROM {', '.join(sorted(doubtful))};"
        known = {each.privilege for each in was if each.role == OWNER}
        now = frozenset(each for each in now if each.role == OWNER and each.privilege not in known)
    nameless = frozenset() if target.owner else frozenset(each for each in now | was if each.role == OWNER)
    yield from target.statements(now - nameless, was - nameless)  # a new object's owner has what it has


def _by_default(key: _Key, sides: Sides) -> set[str]:
    """Return the roles, and PUBLIC, to which default privileges may grant something on a new object of this kind."""
    kind = _DEFAULTS.get(key[1], "TABLES" if key[1] in _LEADERS else "")
    if not kind or _leader(*key, sides) is not None:
        return set()
    there = {**sides.after.facts("roles"), PUBLIC: ""}
    given = {*_defaults(kind, sides.after), *(role for role in _defaults(kind, sides.before) if role in there)}
    return {PUBLIC, *(role for role in given if is_name(role))} if given else set()


def _defaults(kind: str, side: Side) -> Iterator[str]:
    """Yield to whom default privileges grant something; to whoever makes an object they grant what its owner has."""
    for name, granted in side.facts("default_privileges").items():
        maker, _, role = name.removeprefix(f"{kind} MADE BY ").rpartition(" TO ")
        if name.startswith(f"{kind} "):
            yield PUBLIC if role == maker or granted == "nothing" else role


def _as_owned(key: _Key, sides: Sides) -> Mapping[str, str]:
    """Return whose grants a change back of the owner makes the owner's."""
    was, now = (_owner_of(key, side, sides) for side in (sides.before, sides.after))
    return {was: OWNER} if was and now and was != now else {}


def _owner_of(key: _Key, side: Side, sides: Sides) -> str:
    """Return the name of an object's owner; "" where facts do not tell it."""
    name, kind = key
    table = _listed(".".join(names(name)[:-1]), sides) if kind == "column" else ""
    owner = side.facts("owners").get(table or _leader(name, kind, sides) or f"{name} ({kind})", "")
    return owner if is_name(owner) else ""


def _target(key: _Key, sides: Sides) -> Target | None:
    """Return what GRANT names; None for a kind that it does not know."""
    name, kind = key
    owner = _owner_of(key, sides.before, sides)
    if kind == "column":
        parts = names(name)
        return Target(f"TABLE {'.'.join(parts[:-1])}", owner, parts[-1])
    if kind == "database":
        return Target(f"DATABASE {DATABASE}", owner)
    return (
        Target(f"{_GRANTED[kind]} {type_path(name) if kind == 'type' else name}", owner) if kind in _GRANTED else None
    )


def _can_be_granted(key: _Key, sides: Sides) -> bool:
    name, kind = key
    if kind == "type" and sides.before.description(Object("types", name)) == "SHELL TYPE":
        return False
    if kind != "type" or (not name.endswith("[]") and _listed(name, sides)):
        return True
    is_own = len(names(name)) == 1 or _leader(name, kind, sides) is None
    return not name.endswith("[]") and (is_own or sides.after.version < _GRANTS_NOT_ON_MULTIRANGES)


CHANGES: Mapping[str, Alter] = {"owners": _owner, "privileges": _privileges}
"""Undoes one difference, by facet."""
