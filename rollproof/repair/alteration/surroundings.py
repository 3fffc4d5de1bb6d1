"""Statements that change schemas, extensions, servers, publications, text search, roles and settings into what they were. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping

from rollproof.model.compare import Difference
from rollproof.model.names import PATH, names, sql_name, unquoted
from rollproof.repair.clauses.surroundings import (
    UNREAD,
    changed_options,
    initial,
    mappings,
    options,
    published,
    role_words,
    said,
    subscribed,
    without_remark,
)
from rollproof.repair.clauses.wording import DATABASE, dollar_quoted, literal, on_this_database
from rollproof.repair.creation.surroundings import CREATES
from rollproof.repair.makers import Alter
from rollproof.repair.objects import Object, told
from rollproof.repair.sides import Sides
from rollproof.repair.step import Altered, Made, Refused

_OF_THE_SERVER = "roles belong to the whole server: other databases see this, too"
_INFINITY = "'infinity'"
_NOT_RELOCATABLE = "it cannot be moved: drop it, and make it again in schema {0}, with all that needs it"
_SCRIPT = (
    "it is, if the server has a script from version {0} to version {1}; else psql warns, and it must be made again"
)
_CONFIGURED = "only its own script says which of its tables hold rows of users"
_SECRETS = "secrets are not recorded; complete it: {0}"
_DATABASE = {  # by property: how ALTER DATABASE sets it
    "connection limit": "CONNECTION LIMIT {0}",
    "template": "IS_TEMPLATE {0}",
    "connections": "ALLOW_CONNECTIONS {0}",
}
_VALUES = {"none": "-1", "yes": "true", "no": "false", "allowed": "true"}
_FIXED = "a database is created so, and cannot be changed: make another one, and restore a dump there"
_MOVED = "nobody may be connected then: ALTER DATABASE … SET TABLESPACE {0}, from another database"
_SORTED = re.compile(
    r"recorded with VERSION (?P<old>.*?), the library has (?P<new>.*?)(?:\nsorted by it: (?P<what>.*))?", re.DOTALL
)
_EACH_SORTED = re.compile(rf"(?P<kind>index|partitioned table|range type) (?P<name>{PATH})(?:, |\Z)")
_NO_REINDEX = "rows of the {0} may lie in the wrong place: look at each, and only then REFRESH VERSION"
_LIBRARY = "the library sorts by another version since: REINDEX what it sorted, then REFRESH VERSION; only the library goes back"
_LEFT = {
    "prepared_transactions": "ROLLBACK PREPARED {0} undoes it, COMMIT PREPARED {0} keeps it: whoever prepared it knows which",
    "settings": "where it is set is not told, in a file perhaps: SELECT source, sourcefile, sourceline FROM pg_catalog.pg_settings"
    " WHERE name = 'session_replication_role'",
}
_SUBSCRIBED = (
    "DROP SUBSCRIPTION {0} removes it with its slot, outside of a transaction; "
    "ALTER SUBSCRIPTION {0} SET (slot_name = NONE) before that keeps the slot"
)
_UPDATE = """BEGIN
    IF EXISTS (
        SELECT FROM pg_catalog.pg_extension_update_paths({name})
        WHERE source = {now} AND target = {was} AND path IS NOT NULL
    ) THEN
        EXECUTE pg_catalog.format('ALTER EXTENSION %I UPDATE TO %L', {name}, {was});
    ELSE
        RAISE WARNING 'no script leads extension % from version % back to version %', {name}, {now}, {was};
    END IF;
END"""
_Answer = Altered | Refused | None
_Words = Callable[[str, re.Match[str], re.Match[str]], _Answer]


def _refused(reason: str) -> Alter:
    return lambda difference, sides: Refused(reason.format(difference.identity))  # noqa: ARG005


def _of_kind(kind: str, words: _Words) -> Alter:
    """Return a maker for objects whose descriptions are of one kind; what was left behind is dropped."""

    def make(difference: Difference, sides: Sides) -> _Answer:  # noqa: ARG001
        if difference.before is None:
            return None
        was, now = said(kind, difference.before), said(kind, difference.after)
        if was is None or now is None:
            return Refused(UNREAD)
        return words(difference.identity.removesuffix(f" ({kind})"), was, now)

    return make


def _of_kinds(makers: Mapping[str, _Words]) -> Alter:
    """Return a maker for a facet whose identities end in the kind; of other kinds objects are dropped and made again."""

    def make(difference: Difference, sides: Sides) -> _Answer:
        found = told(difference.identity)
        return _of_kind(found[1], makers[found[1]])(difference, sides) if found and found[1] in makers else None

    return make


def _again(difference: Difference, sides: Sides) -> _Answer:
    """Replace an object: CREATE OR REPLACE takes all that was."""
    if difference.before is None:
        return None
    made = CREATES[difference.facet](Object(difference.facet, difference.identity), sides.before)
    return Altered(made.statements) if isinstance(made, Made) else made


def _role(difference: Difference, sides: Sides) -> _Answer:  # noqa: ARG001
    was, now = (said("role", without_remark(text or "")) for text in (difference.before, difference.after))
    if difference.before is None:
        return None
    if was is None or now is None:
        return Refused(UNREAD)
    then, here = role_words(was), role_words(now)
    words = [word for part, word in then.items() if here.get(part) != word]
    endless = "until" in here and "until" not in then  # to which no statement leads back
    words += [f"VALID UNTIL {_INFINITY}"] if endless else []
    left = f"VALID UNTIL {_INFINITY} means the same as none, which no statement brings back" if endless else ""
    return Altered((f"ALTER ROLE {difference.identity} WITH {' '.join(words)};",), note=_OF_THE_SERVER, left=left)


def _wrapper(name: str, was: re.Match[str], now: re.Match[str]) -> _Answer:
    words = "".join(
        f" {word.upper()} {was[word]}" if was[word] else f" NO {word.upper()}"
        for word in ("handler", "validator")
        if was[word] != now[word]
    )
    return _with_options(f"ALTER FOREIGN DATA WRAPPER {name}", words, was, now)


def _server(name: str, was: re.Match[str], now: re.Match[str]) -> _Answer:
    if was["type"] != now["type"] or was["wrapper"] != now["wrapper"]:
        return None
    version = f" VERSION {was['version'] or 'NULL'}" if was["version"] != now["version"] else ""
    return _with_options(f"ALTER SERVER {name}", version, was, now)


def _mapping(name: str, was: re.Match[str], now: re.Match[str]) -> _Answer:
    role, _, server = names(name)
    return _with_options(f"ALTER USER MAPPING FOR {role} SERVER {server}", "", was, now)


def _with_options(head: str, words: str, was: re.Match[str], now: re.Match[str]) -> _Answer:
    then, here = options(was["options"]), options(now["options"])
    if then is None or here is None:
        return Refused(UNREAD)
    known, secret = changed_options(then, here)
    left = _SECRETS.format(f"{head} OPTIONS ({', '.join(secret)})") if secret else ""
    listed = f" OPTIONS ({', '.join(known)})" if known else ""
    return Altered((f"{head}{words}{listed};",), left=left) if words or listed else Refused(left)


def _publication(name: str, was: re.Match[str], now: re.Match[str]) -> _Answer:
    if was["all"] != now["all"]:
        return None
    here = published(now)
    usual = {"publish_generated_columns": "none"} if "publish_generated_columns" in here else {}
    changed = (f"{word} = {value}" for word, value in {**usual, **published(was)}.items() if here.get(word) != value)
    return Altered((f"ALTER PUBLICATION {name} SET ({', '.join(changed)});",))


def _subscription(name: str, was: re.Match[str], now: re.Match[str]) -> _Answer:
    fixed = [word for word in ("two_phase", "failover", "slot") if was[word] != now[word]]
    statements = [f"ALTER SUBSCRIPTION {name} {words};" for words in _subscribed(was, now)]
    left = f"it is made with {', '.join(fixed)} once for all: drop it and make it again, by hand" if fixed else ""
    note = f"then, with the publisher at hand: ALTER SUBSCRIPTION {name} REFRESH PUBLICATION"
    return Altered(tuple(statements), note=note if was["publications"] != now["publications"] else "", left=left)


def _subscribed(was: re.Match[str], now: re.Match[str]) -> Iterator[str]:
    if was["owner"] != now["owner"]:
        yield f"OWNER TO {was['owner']}"
    if was["publications"] != now["publications"]:
        yield f"SET PUBLICATION {was['publications']} WITH (refresh = false)"
    then, here = subscribed(was), subscribed(now)
    if changed := [f"{word} = {value}" for word, value in then.items() if here[word] != value]:
        yield f"SET ({', '.join(changed)})"
    if was["disabled"] != now["disabled"] and (was["disabled"] or was["slot"] != "none"):
        yield "DISABLE" if was["disabled"] else "ENABLE"


def _unsubscribed(difference: Difference, sides: Sides) -> _Answer:
    """Change it; drop it only where it has no slot, which could not be dropped in a transaction."""
    if difference.before is not None:
        return _of_kind("subscription", _subscription)(difference, sides)
    found = said("subscription", difference.after)
    return None if found and found["slot"] == "none" else Refused(_SUBSCRIBED.format(difference.identity))


def _configuration(name: str, was: re.Match[str], now: re.Match[str]) -> _Answer:
    then, here = mappings(was["more"]), mappings(now["more"])
    if was["parser"] != now["parser"]:
        return None
    if then is None or here is None:
        return Refused(UNREAD)
    head = f"ALTER TEXT SEARCH CONFIGURATION {name}"
    gone = (f"{head} DROP MAPPING FOR {sql_name(token)};" for token in here if token not in then)
    back = (
        f"{head} {'ALTER' if token in here else 'ADD'} MAPPING FOR {sql_name(token)} WITH {words};"
        for token, words in then.items()
        if here.get(token) != words
    )
    return Altered((*gone, *back))


def _dictionary(name: str, was: re.Match[str], now: re.Match[str]) -> _Answer:
    then, here = initial(was["more"]), initial(now["more"])
    if was["template"] != now["template"]:
        return None
    if then is None or here is None:
        return Refused(UNREAD)
    words = [option for option in here if option not in then]
    words += [f"{option} = {value}" for option, value in then.items() if here.get(option) != value]
    return Altered((f"ALTER TEXT SEARCH DICTIONARY {name} ({', '.join(words)});",))


def _tablespace(name: str, was: re.Match[str], now: re.Match[str]) -> _Answer:
    then, here = options(was["options"]), options(now["options"])
    if then is None or here is None:
        return Refused(UNREAD)
    gone = ", ".join(option for option in here if option not in then)
    back = ", ".join(f"{option} = {value}" for option, value in then.items() if here.get(option) != value)
    statements = (
        f"ALTER TABLESPACE {name} {word} ({words});" for word, words in (("RESET", gone), ("SET", back)) if words
    )
    return Altered(tuple(statements), note="tablespaces belong to the whole server: other databases see this, too")


def _extension(name: str, was: re.Match[str], now: re.Match[str]) -> _Answer:
    if was["schema"] != now["schema"] and (was["fixed"] or now["fixed"]):
        return Refused(_NOT_RELOCATABLE.format(was["schema"]))
    statements = []
    if was["version"] != now["version"]:
        to, at = literal(was["version"]), literal(now["version"])
        statements.append(dollar_quoted(_UPDATE.format(name=literal(unquoted(name)), was=to, now=at)))
    if was["schema"] != now["schema"]:
        statements.append(f"ALTER EXTENSION {name} SET SCHEMA {was['schema']};")
    left = _SCRIPT.format(now["version"], was["version"]) if was["version"] != now["version"] else ""
    left = left or (_CONFIGURED if was["rows"] != now["rows"] else "")
    return Altered(tuple(statements), left=left)


def _database(difference: Difference, sides: Sides) -> _Answer:  # noqa: ARG001
    name, was = difference.identity, difference.before or ""
    value = _VALUES.get(was, was)
    if name in _DATABASE and re.fullmatch(r"-?\d+|true|false", value) and (name, was) != ("connections", "not allowed"):
        return Altered((on_this_database(f"ALTER DATABASE {DATABASE} {_DATABASE[name].format(value)};"),))
    return Refused(_MOVED.format(was) if name == "tablespace" else _FIXED)


def _collation_version(difference: Difference, sides: Sides) -> _Answer:  # noqa: ARG001
    """Rebuild what was sorted by a collation before its version is recorded anew."""
    if difference.before is None and not (difference.after or "").startswith("recorded"):
        return Altered(())  # what uses it was left behind
    found = _SORTED.fullmatch(difference.after or "")
    if found is None or found["new"] == "none":
        return Refused(_LIBRARY)
    what = [(each["kind"], each["name"]) for each in _EACH_SORTED.finditer(found["what"] or "")]
    if ", ".join(f"{kind} {name}" for kind, name in what) != (found["what"] or ""):
        return Refused(UNREAD)
    if others := [f"{kind} {name}" for kind, name in what if kind != "index"]:
        return Refused(_NO_REINDEX.format(", ".join(others)))
    refresh = f"ALTER COLLATION {difference.identity} REFRESH VERSION;"
    if difference.identity == "this (database)":
        refresh = on_this_database(f"ALTER DATABASE {DATABASE} REFRESH COLLATION VERSION;")
    return Altered((*(f"REINDEX INDEX {name};" for _, name in what), refresh))


ALTERS: Mapping[str, Alter] = {
    "roles": _role,
    "foreign_servers": _of_kinds({"foreign-data wrapper": _wrapper, "server": _server, "user mapping": _mapping}),
    "publications": _of_kind("publication", _publication),
    "subscriptions": _unsubscribed,
    "text_search": _of_kinds({"text search configuration": _configuration, "text search dictionary": _dictionary}),
    "tablespaces": _of_kind("tablespace", _tablespace),
    "extensions": _of_kind("extension", _extension),
    "languages": _again,
    "transforms": _again,
    "database": _database,
    "collation_versions": _collation_version,
    **{facet: _refused(reason) for facet, reason in _LEFT.items()},
}
"""By facet."""
