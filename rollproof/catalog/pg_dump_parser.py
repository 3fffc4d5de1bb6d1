r"""The output of pg_dump as facts, one per entry of its table of contents. Pure.

Left out is what says nothing about the database: the header, random
`\restrict` keys, settings for the session that would restore. Grants are put in one order; enum labels stay in theirs.
"""

import re
from collections.abc import Iterator, Mapping

from rollproof.model.names import respelled, schema_of, sql_name, unquoted

_ENTRY = re.compile(
    r"^--\n-- Name: (.*); Type: ([A-Z ]+); Schema: (.*); Owner: (.*?)(; Tablespace: .*)?\n--\n", re.MULTILINE
)
_END = re.compile(r"\n--\n-- PostgreSQL database dump complete\n--\s*\Z")
_RESTRICT = re.compile(r"^\\(?:un)?restrict \w+\n", re.MULTILINE)
_SETTING = r"(?:SET \w+ = .*;|SELECT pg_catalog\.set_config\(.*\);|\\connect .*)"
_AFTERWARDS = re.compile(rf"(?:\n\s*{_SETTING})+\s*\Z")  # settings for the entries that follow
_METHOD = re.compile(r"^SET default_table_access_method = (.*);$", re.MULTILINE)

_NAME = r'(?:"(?:[^"]|"")*"|[^\s".(),;]+)'
_PATH = rf"({_NAME}\.{_NAME})"
_STATEMENTS = (  # how an entry begins that is about a table (or a view, or a sequence); the group is its name
    rf"CREATE (?:UNLOGGED |FOREIGN )?(?:TABLE|SEQUENCE|(?:MATERIALIZED )?VIEW) {_PATH}",
    rf"ALTER (?:FOREIGN )?(?:TABLE|SEQUENCE|(?:MATERIALIZED )?VIEW) (?:ONLY )?{_PATH}",
    rf"CREATE (?:UNIQUE )?INDEX {_NAME} ON (?:ONLY )?{_PATH}",
    rf"CREATE (?:CONSTRAINT )?TRIGGER {_NAME} (?:{_NAME},? )+?ON {_PATH}",
    rf"CREATE POLICY {_NAME} ON {_PATH}",
    rf"CREATE RULE {_NAME} AS\s+ON \w+ TO {_PATH}",
    rf"COMMENT ON (?:(?:FOREIGN )?TABLE|SEQUENCE|(?:MATERIALIZED )?VIEW) {_PATH}",
    rf"COMMENT ON COLUMN {_PATH}\.",
    rf"COMMENT ON (?:CONSTRAINT|TRIGGER|RULE|POLICY) {_NAME} ON {_PATH}",
    rf"(?:GRANT|REVOKE) [A-Z]+(?:\(|,)?.*? ON (?:TABLE|SEQUENCE) {_PATH}",
)
_ABOUT = re.compile("|".join(_STATEMENTS))
_ATTACHED = {"COMMENT", "ACL", "SECURITY LABEL"}  # kinds that say in their name what they are attached to

# PostgreSQL 18 chose the name, and a column that was renamed on its way keeps the old one in it (see coverage.toml).
_CHOSEN_NAME = re.compile(r'CONSTRAINT (?:"(?:[^"]|"")*_not_null\d*"|[^\s"]*_not_null\d*) (?=NOT NULL)')
_OPTIONS = re.compile(r"(?<=\n)WITH \((\w[\w.]*='[^']*'(?:, \w[\w.]*='[^']*')+)\)")
_HOLDS_SECRETS = {"USER MAPPING", "SERVER", "FOREIGN DATA WRAPPER", "FOREIGN TABLE", "DATABASE PROPERTIES"}
_SECRET = re.compile(
    r'("?[\w.]*(?:passw|secret|token|credential)[\w.]*"? (?:TO )?)E?\'(?:[^\']|\'\')*\'', re.IGNORECASE
)
_CONNECTION = re.compile(r"CONNECTION E?'(?:[^']|'')*'")


def facts(dump: str, database: str) -> Mapping[str, str]:
    """Return the entries of a plain `pg_dump --schema-only --create`; `database` is the raw name of what was dumped.

    The database itself is called `this`, so that a copy can be compared. No value of an option or setting that looks like a
    secret is kept, nor where a subscription connects to.
    """
    known: dict[str, list[str]] = {}
    for name, kind, schema, owner, text in _entries(dump):
        if name in {database, f"DATABASE {database}"} and (kind.startswith("DATABASE") or kind in _ATTACHED):
            identity, lines = f"{name.removesuffix(database)}this ({kind})", _of_this(text, database)
        else:
            identity, lines = _identity(name + _overload(text), kind, schema, owner, text), text
        known.setdefault(identity, []).append(
            _told(kind, lines)
        )  # two of one name hide nothing: both texts are compared
    return {identity: "\n".join(sorted(texts)) for identity, texts in known.items()}


def _entries(dump: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield name, kind, schema, owner and text of each entry, with the settings in force added to its text."""
    text = _END.sub("\n", _RESTRICT.sub("", dump))
    starts = [*_ENTRY.finditer(text)]
    method = ""
    settings = text[: starts[0].start()] if starts else ""
    for start, following in zip(starts, [*starts, None][1:], strict=True):
        method = (_METHOD.findall(settings) or [method])[-1]
        body = text[start.end() : following.start() if following else None]
        afterwards = _AFTERWARDS.search(body)
        settings = afterwards.group() if afterwards else ""
        name, kind, schema, owner, tablespace = start.groups()
        other = kind in {"TABLE", "MATERIALIZED VIEW"} and method not in {"", "heap"} and "\nPARTITION BY " not in body
        stored = f"\n-- ACCESS METHOD {method}" if other else ""
        placed = f"\n-- {tablespace[2:]}" if tablespace else ""
        yield name, kind, schema, owner, body.removesuffix(settings).strip() + stored + placed


def _overload(text: str) -> str:
    """Return the argument types of an operator, or the access method of a family, which an entry's name leaves out."""
    if of_method := re.match(rf"CREATE OPERATOR (?:CLASS|FAMILY) .*?(USING {_NAME})", text, re.DOTALL):
        return f" {of_method[1]}"
    if text.startswith("CREATE OPERATOR "):
        sides = (re.search(rf"\n +{side} = (.*?),?\n", text) for side in ("LEFTARG", "RIGHTARG"))
        return f" ({', '.join(side[1] if side else 'NONE' for side in sides)})"
    return ""


def _identity(name: str, kind: str, schema: str, owner: str, text: str) -> str:
    found = _ABOUT.match(text)
    if found is None:
        if schema == "-" or kind in _ATTACHED or kind == "DEFAULT ACL":
            made_by = f" MADE BY {sql_name(owner)}" if kind == "DEFAULT ACL" else ""
            return f"{name}{made_by}{'' if schema == '-' else f' IN SCHEMA {sql_name(schema)}'} ({kind})"
        return f"{sql_name(schema)}.{name if '(' in name or ' ' in name else sql_name(name)} ({kind})"
    path = respelled(next(group for group in found.groups() if group))
    own = unquoted(path.removeprefix(schema_of(path) + "."))
    if kind in _ATTACHED:
        return f"{path} {name} ({kind})"
    if name == own:
        return f"{path} ({kind})"
    return f"{path}.{sql_name(name.removeprefix(f'{own} '))} ({kind})"


def _of_this(text: str, database: str) -> str:
    for form in (database, sql_name(database), f'"{database}"'):
        text = text.replace(f"DATABASE {form} ", "DATABASE this ")
    return text.replace(f"datname = '{database}'", "datname = 'this'")


def _told(kind: str, text: str) -> str:
    """Return an entry's text without insignificant parts and without secrets."""
    if kind in {"ACL", "DEFAULT ACL"}:
        return "\n".join(sorted(_grants(text)))
    if kind in _HOLDS_SECRETS:
        text = _SECRET.sub(r"\1'(hidden)'", text)
    if kind == "DATABASE PROPERTIES":
        return "\n".join(sorted(line for line in text.splitlines() if line))
    if kind == "SUBSCRIPTION":
        return _CONNECTION.sub("CONNECTION '(hidden)'", text)
    return _OPTIONS.sub(_in_order, _CHOSEN_NAME.sub("", text))


def _in_order(options: re.Match[str]) -> str:
    """Sort storage parameters: their order is insignificant."""
    return f"WITH ({', '.join(sorted(options[1].split(', ')))})"


def _grants(text: str) -> Iterator[str]:
    """Yield each grant, with the grantor where that is not the owner."""
    grantor = ""
    for line in text.splitlines():
        if line.startswith("SET SESSION AUTHORIZATION "):
            grantor = f" -- {line}"
        elif line.startswith("RESET SESSION AUTHORIZATION"):
            grantor = ""
        elif line:
            yield line + grantor
