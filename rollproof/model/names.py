"""Names as SQL writes them, by one rule on every server, and SQL's tokens. Pure: text in, text out.

PostgreSQL quotes a name that its own list of keywords holds, and that list grows: `json` is plain on 16 and `"json"` on 17. Our
rule knows the lists of all majors, so that a name is the same text wherever it was read, and valid SQL everywhere.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from rollproof.model.errors import Misuse
from rollproof.model.facets import traits

# What `quote_ident` quotes on every major from 14 to 18; tests/cli/test_names.py holds both lists against each server.
_ALWAYS = """
all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char
character check coalesce collate collation column concurrently constraint create cross current_catalog current_date
current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do
else end except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike
in initially inner inout int integer intersect interval into is isnull join lateral leading least left like limit
localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or order
out outer overlaps overlay placing position precision primary real references returning right row select session_user
setof similar smallint some substring symmetric table tablesample then time timestamp to trailing treat trim true union
unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists
xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
"""
# What some of these majors quote and others do not.
_SOMETIMES = """
json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table
json_value merge_action system_user
"""
VARYING = frozenset(_SOMETIMES.split())
"""Words that some supported majors quote as names and others do not."""
QUOTED = frozenset(_ALWAYS.split()) | VARYING
"""Words that are quoted as names, here on every server: each is more than an unreserved keyword on one of them."""

EVERYTHING_ELSE = "everything else"
"""What reports call all that belongs to no table of the reference."""
NAME = r'(?:"(?:[^"]|"")*"|[^".\s()]+)'
WORD = r'(?:"(?:[^"\0]|"")+"|[^\W\d][\w$]*)'  # the same, and nothing but that: what a statement may be made of
PATH = rf"{NAME}\.{NAME}"  # schema.table as SQL writes it, for regular expressions

_SPAN = r"(?:year|month|day|hour|minute|second)"
TYPE = (  # a type as SQL writes it, for regular expressions
    rf"(?:interval(?: {_SPAN}(?: to {_SPAN})?)?|{WORD}(?:\.{WORD})?(?: varying| precision)?)"
    r"(?:\(-?\d+(?:, ?-?\d+)?\))?(?: with(?:out)? time zone)?(?:\[\])*"
)

_NESTED = r"/\*(?:[^*/]|\*(?!/)|/(?!\*)"  # a comment may hold comments, and those again
_COMMENT = rf"{_NESTED}|{_NESTED}|{_NESTED})*\*/)*\*/)*\*/|--[^\n]*"
_TEXT = r"""[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|(?<![\w$])(?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?P=tag)"""
_TOKEN = re.compile(
    rf"""(?P<other>{_COMMENT}|{_TEXT})|(?P<quoted>[uU]&"(?:[^"]|"")*"|"(?:[^"]|"")*")|(?P<word>[^\W\d][\w$]*)|.""",
    re.DOTALL,
)
_CODE = re.compile(r"\\(?:\+([0-9a-fA-F]{6})|([0-9a-fA-F]{4})|\\)")
_ANY_VARYING = re.compile(rf"\b(?:{'|'.join(sorted(VARYING))})\b")
_NAMES_IN_JSON = {"table", "column", "columns", "references", "referenced_columns", "sequence", "needs", "within"}
_TYPE = "json"  # the one varying word that is a type of PostgreSQL's as well, which is never quoted


_TABLE = re.compile(rf"{PATH}(?=[.\s]|\Z)")


def table_of(identity: str) -> str | None:
    """Return the `schema.table` that a fact's identity begins with; None where it begins with no such path.

    It may as well be a sequence or a view: only the list of tables can say.
    """
    found = _TABLE.match(identity)
    return found.group() if found else None


def schema_of(table: str) -> str:
    """Return the quoted schema of a quoted, qualified name. Raises `Misuse` if there is none."""
    found = re.match(NAME, table)
    if not found or not _TABLE.fullmatch(table):
        raise Misuse(
            f"{table} is not a table's name as SQL writes it: schema.table, in double quotes where it needs them"
        )
    return found.group()


def unquoted(name: str) -> str:
    """Return the raw name behind one name as SQL writes it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def sql_name(raw: str) -> str:
    """Return a raw name as SQL writes it on any supported server: quoted unless it is plain and no keyword that matters."""
    plain = re.fullmatch("[a-z_][a-z0-9_]*", raw) and raw not in QUOTED
    return raw if plain else '"' + raw.replace('"', '""') + '"'


def requoted(path: str, parts: int) -> str:
    """Return a path of so many names, which a file or a person wrote, with each name parsed and quoted again.

    Raises `Misuse` for anything else: nothing but a name may become part of a statement.
    """
    found = re.fullmatch(r"\.".join([f"({WORD})"] * parts), path)
    if found is None:
        wanted = {1: "a name", 2: "a name with its schema"}.get(parts, f"{parts} names")
        raise Misuse(f"{path[:80]!r} is not {wanted} as SQL writes it, in double quotes where it needs them")
    return ".".join(sql_name(unquoted(name)) for name in found.groups())


def is_type(text: str) -> bool:
    """Tell whether a text is one type as PostgreSQL spells types, and nothing else."""
    return re.fullmatch(TYPE, text) is not None


def names(path: str) -> list[str]:
    """Return the names that a path is made of, each as SQL writes it; what follows a blank or a parenthesis counts as well."""
    return re.findall(NAME, path)


def listed(text: str) -> tuple[str, ...]:
    """Return the names in a list that a server printed, `a, "b c"`, each spelled by our rule."""
    return tuple(respelled(name) for name in re.findall(r'"(?:[^"]|"")*"|[^", ]+', text))


def respelled(identity: str) -> str:
    """Return an identity, or a path, that a server or a person spelled, with its names spelled by our rule.

    Only what a major leaves plain needs a change. The type `json` of PostgreSQL's own stays, between the parentheses of an
    argument list and after a transform's FOR: a name there has its schema before it. The schema that majors before 17 tell
    with that type is left out.
    """
    if not _varies(identity):
        return identity
    kinds, texts = zip(*tokens(identity), strict=True)
    own = [kind == "word" and text in VARYING for kind, text in zip(kinds, texts, strict=True)]
    told = [f'"{text}"' if ours else text for ours, text in zip(own, texts, strict=True)]
    for place in (place for place, text in enumerate(texts) if own[place] and text == _TYPE):
        schema = slice(max(place - 2, 0), place)
        if texts[schema] == ("pg_catalog", ".") and _among_arguments(texts, place):
            told[schema] = ["", ""]
            told[place] = _TYPE
        elif "." not in texts[max(place - 1, 0) : place + 2] and _stands_for_a_type(texts, place):
            told[place] = _TYPE
    return "".join(told)


def typed(identity: str) -> str:
    """Return an identity that a person typed, or copied from what we print: the same, with names by our rule.

    A name in `U&"…"`, as we print one with letters that have no shape, is the name itself.
    """
    if 'U&"' in identity.upper():
        identity = "".join(_raw(text) if kind == "quoted" else text for kind, text in tokens(identity))
    return respelled(identity)


def _raw(quoted: str) -> str:
    if quoted[0] == '"':
        return quoted
    return _CODE.sub(lambda found: chr(int(found[1] or found[2], 16)) if found[1] or found[2] else "\\", quoted[2:])


def _stands_for_a_type(texts: Sequence[str], place: int) -> bool:
    before, after = "".join(texts[:place]), "".join(texts[place + 1 :])
    return _among_arguments(texts, place) or (
        before.lower().endswith("for ") and after.lower().startswith((" language ", " on language "))
    )


def _among_arguments(texts: Sequence[str], place: int) -> bool:
    return texts[:place].count("(") > texts[:place].count(")")


def respelled_facts(facet: str, facts: Mapping[str, str]) -> dict[str, str]:
    """Return one facet's facts with names by our rule: in their identities, and in the JSON that is for programs."""
    if traits(facet).json:
        facts = {identity: _respelled_json(description) for identity, description in facts.items()}
    if not _varies("\n".join(facts)):
        return dict(facts)
    return {respelled(identity): description for identity, description in facts.items()}


def _respelled_json(description: str) -> str:
    if not _varies(description):
        return description
    fields = json.loads(description)
    for field in _NAMES_IN_JSON & fields.keys():
        value = fields[field]
        fields[field] = respelled(value) if isinstance(value, str) else [respelled(name) for name in value]
    return json.dumps(fields, ensure_ascii=False)


def canonical(text: str) -> str:
    """Return SQL that a server printed, so that two majors' spellings of one name are equal; for comparing, not for running.

    A word that only some majors quote loses its quotes. Strings, dollar quotes and comments stay as they are.
    """
    if not _varies(text):
        return text
    return "".join(part[1:-1] if kind == "quoted" and part[1:-1] in VARYING else part for kind, part in tokens(text))


def _varies(text: str) -> bool:
    # Nearly no text has one of the words, and hundreds of thousands are asked.
    return ("json" in text or "_user" in text or "merge" in text) and bool(_ANY_VARYING.search(text))


def tokens(sql: str, start: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each token from `start` on; together they are the text.

    Kinds: `word`, `quoted` (a name), `other` (a string or a comment, as a whole), `sign` (one character, blanks too).
    """
    for token in _TOKEN.finditer(sql, start):
        yield token.lastgroup or "sign", token.group()


def mentions(text: str, name: str) -> bool:
    """Tell whether SQL may speak of an object, or of a column of its table: rather too often than too seldom."""
    path, table = name.partition("(")[0], table_of(name)
    if table and table != path:  # a column
        column = path.removeprefix(f"{table}.")
        return is_word(table, text) and is_word(column, text)
    return is_word(path, text)


def is_word(name: str, text: str) -> bool:
    """Tell whether a name as SQL writes it stands in SQL, by itself."""
    at = text.find(name)  # no regular expression: there would be one for each of many names
    while at >= 0 and (_goes_on(text[max(at - 1, 0) : at]) or _goes_on(text[at + len(name) : at + len(name) + 1])):
        at = text.find(name, at + 1)
    return at >= 0


def _goes_on(letter: str) -> bool:
    return letter in {'"', "_"} or letter.isalnum()
