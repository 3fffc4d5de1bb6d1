"""Statements about what belongs to a publication, a subscription, an extension. Pure."""

import re
from collections.abc import Mapping

from rollproof.model.compare import Difference
from rollproof.model.names import PATH, WORD, names
from rollproof.repair.clauses.pieces import is_bracketed, last_name
from rollproof.repair.makers import Alter, Attach
from rollproof.repair.objects import Object, objects_of, on_another, told
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

_PUBLISHED = re.compile(rf"(?P<what>{PATH}|{WORD}) IN PUBLICATION (?P<of>{WORD})")
_HOW = re.compile(rf"(?P<columns>\({WORD}(?:, {WORD})*\) )?(?:WHERE (?P<where>\(.*\)) )?published", re.DOTALL)
_SCHEMA = "all its tables are published"
_MEMBER = re.compile(
    rf"(?P<member>member)?(?: OWNED BY (?P<owner>{WORD}))?(?P<made> (?!DEPENDS ON EXTENSION).*?)?"
    r"(?P<follows> ?DEPENDS ON EXTENSION)?",
    re.DOTALL,
)
_ROUTINE = re.compile(
    rf" LANGUAGE {WORD}(?P<volatile> IMMUTABLE| STABLE)?(?P<strict> STRICT)?(?P<definer> SECURITY DEFINER)?"
    r"(?P<leakproof> LEAKPROOF)?(?P<parallel> PARALLEL (?:SAFE|RESTRICTED))? COST (?P<cost>[\d.e+-]+)"
    r"(?: ROWS (?P<rows>[\d.e+-]+))?(?P<support> SUPPORT \S+)?(?P<set> SET \(.*\))? made of (?P<made>[0-9a-f]{32})",
    re.DOTALL,
)
_USUAL = {
    "volatile": " VOLATILE",
    "strict": " CALLED ON NULL INPUT",
    "definer": " SECURITY INVOKER",
    "leakproof": " NOT LEAKPROOF",
    "parallel": " PARALLEL UNSAFE",
}
_UNREAD = "what was recorded is not understood"
_REFRESH = "which tables are subscribed is asked of the publisher: ALTER SUBSCRIPTION {0} REFRESH PUBLICATION"
_CHANGED = (
    "an extension brought it, and it was changed since: only its script, or a CREATE EXTENSION anew, has its definition"
)
_GONE = "an extension brought it, and it is gone: only its script, or a CREATE EXTENSION anew, has its definition"
_FOLLOWS = "whether it goes with its extension is not mended in the same run: repair once more"
_KINDS = {"foreign-data wrapper": "FOREIGN DATA WRAPPER", "aggregate": "ROUTINE", "statistics object": "STATISTICS"}


def _publication(difference: Difference, sides: Sides) -> Altered | Refused | None:
    """Put all members of a publication right at once: some exclude each other."""
    of = sides.before.object_of(difference.facet, difference.identity)
    was, now = (side.attached("publications", of) for side in (sides.before, sides.after))
    gone = [name for name in now if was.get(name) != now[name] and not _goes_anyway(name, sides)]
    more = [name for name in was if was[name] != now.get(name)]
    statements = (*(_published("DROP", name, now[name]) for name in gone), *_added(more, was))
    tables = frozenset(Object("tables", name.partition(" IN PUBLICATION ")[0]) for name in more)
    return Altered(statements, after=tables) if all(statements) else Refused(_UNREAD)


def _goes_anyway(member: str, sides: Sides) -> bool:
    """Tell whether the table or schema itself was left behind, with which its membership goes."""
    name = member.partition(" IN PUBLICATION ")[0]
    of = Object("tables" if re.fullmatch(PATH, name) else "schemas", name)
    return sides.after.has(of) and not sides.before.has(of)


def _added(names: list[str], described: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_published("ADD", name, described[name]) for name in names)


def _published(does: str, identity: str, description: str) -> str:
    """Return the statement that adds or drops a member; "" if it is not understood."""
    found, how = _PUBLISHED.fullmatch(identity), _HOW.fullmatch(description)
    if found and description == _SCHEMA:
        return f"ALTER PUBLICATION {found['of']} {does} TABLES IN SCHEMA {found['what']};"
    if found is None or how is None or (how["where"] and not is_bracketed(how["where"])):
        return ""
    columns = f" {how['columns'].strip()}" if how["columns"] and does == "ADD" else ""
    where = f" WHERE {how['where']}" if how["where"] and does == "ADD" else ""
    return f"ALTER PUBLICATION {found['of']} {does} TABLE ONLY {found['what']}{columns}{where};"


def _publish(of: Object, side: Side) -> tuple[str, ...]:
    known = side.attached("publications", of) if of.facet == "publications" else {}
    return tuple(filter(None, _added([*known], known)))


def _subscribed(difference: Difference, sides: Sides) -> Altered | Refused | None:
    of = sides.before.object_of(difference.facet, difference.identity)
    return Refused(_REFRESH.format(of.identity))


def _extension_member(difference: Difference, sides: Sides) -> Altered | Refused | None:
    extension, _, identity = difference.identity.partition(": ")
    found = told(identity)
    was, now = (_MEMBER.fullmatch(text or "") for text in (difference.before, difference.after))
    if found is None or was is None or now is None:
        return Refused(_UNREAD)
    if _is_another(Object("extensions", extension), sides):
        return Altered(())  # it came, or went, with the extension or its version
    if found[1] == "type" and _is_brought(extension, found[0], sides):
        return Altered(())  # it came, or went, with its table or type
    if difference.after is None and not _is_there(identity, sides.after):
        return Refused(_GONE) if was["member"] else Altered(())  # it is told so when it is made
    if was["member"] != now["member"]:
        does = "ADD" if was["member"] else "DROP"
        left = _FOLLOWS if was["follows"] != now["follows"] else ""
        return Altered((f"ALTER EXTENSION {extension} {does} {_target(*found[:2])};",), left=left)
    return _as_member(extension, found[:2], was, now, sides)


def _as_member(
    extension: str, key: tuple[str, str], was: re.Match[str], now: re.Match[str], sides: Sides
) -> Altered | Refused:
    target = _target(*key)
    statements = []
    if was["follows"] != now["follows"]:
        statements.append(f"ALTER {target} {'' if was['follows'] else 'NO '}DEPENDS ON EXTENSION {extension};")
    owner = was["owner"] or sides.before.facts("owners").get(f"{extension} (extension)", "")
    if was["owner"] != now["owner"] and owner:
        statements.append(f"ALTER {target} OWNER TO {owner};")
    made = _attributes(target, was["made"] or "", now["made"] or "")
    return Refused(_CHANGED) if made is None else Altered((*statements, *made), of=_member(*key))


def _member(name: str, kind: str) -> Object:
    part, table = on_another(name)
    return Object("triggers", f"{table}.{part}") if kind == "trigger" else objects_of("owners", f"{name} ({kind})")[0]


def _follow(of: Object, side: Side) -> tuple[str, ...]:
    """Make an object go with its extensions, as it did."""
    return tuple(
        f"ALTER {_target(*found[:2])} DEPENDS ON EXTENSION {extension};"
        for extension, identity in side.followers
        if (found := told(identity)) and of in _maybe(*found[:2], side)
    )


def _maybe(name: str, kind: str, side: Side) -> tuple[Object, ...]:
    """Return the objects that a fact about an extension's object may mean; an index's facet names it with its table."""
    if kind == "index":
        known = (each for each in side.facts("indexes") if f"{names(each)[0]}.{last_name(each)}" == name)
        return tuple(Object("indexes", each) for each in known)
    return (_member(name, kind), *objects_of("owners", f"{name} ({kind})"))


def _is_another(extension: Object, sides: Sides) -> bool:
    return sides.before.description(extension) != sides.after.description(extension)


def _is_brought(extension: str, name: str, sides: Sides) -> bool:
    """Tell whether a type is a table's row type, or an array type: some servers make these members, too."""
    base = name.removesuffix("[]")
    kinds = ("table", "view", "materialized view", "foreign table", *(("type",) if base != name else ()))
    known = (side.facts("extension_members") for side in (sides.before, sides.after))
    return any(f"{extension}: {base} ({kind})" in facts for facts in known for kind in kinds)


def _is_there(identity: str, side: Side) -> bool:
    """Tell whether an object is there, as far as facts tell: not of what lies in PostgreSQL's own schema."""
    name, kind, _ = told(identity) or ("", "", "")
    return "pg_catalog." in identity or any(map(side.has, _maybe(name, kind, side)))


def _target(name: str, kind: str) -> str:
    """Return an object as ALTER calls it."""
    part, of = on_another(name)
    return f"{_KINDS.get(kind, kind.upper())} {f'{part} ON {of}' if kind == 'trigger' and part else name}"


def _attributes(target: str, was: str, now: str) -> tuple[str, ...] | None:
    """Return the statements that give a routine of an extension its attributes back; None if more than those differs."""
    then, here = _ROUTINE.fullmatch(was), _ROUTINE.fullmatch(now)
    if was == now:
        return ()
    if then is None or here is None or any(then[part] != here[part] for part in ("made", "support")):
        return None
    if then["set"] != here["set"] and then["set"]:
        return None
    words = "".join(then[part] or usual for part, usual in _USUAL.items() if then[part] != here[part])
    words += "".join(f" {part.upper()} {then[part]}" for part in ("cost", "rows") if then[part] != here[part])
    return (f"ALTER {target}{words}{' RESET ALL' if then['set'] != here['set'] else ''};",)


CHANGES: Mapping[str, Alter] = {
    "publications": _publication,
    "subscriptions": _subscribed,
    "extension_members": _extension_member,
}
"""Undoes one difference, by facet."""
ATTACHES: Mapping[str, Attach] = {"publications": _publish, "extension_members": _follow}
"""Gives an object that was just created all of a facet, by facet."""
