"""SQL written of values: strings, types as a path names them, and statements about the database one is connected to. Pure."""

import re

from rollproof.model.names import WORD, names

DATABASE = "\0"
"""Where a statement for `on_this_database` names the database."""
_TYPES = {  # as format_type() prints PostgreSQL's own → as they are called where a path is asked for
    "bigint": "int8",
    "bit": "bit",
    "bit varying": "varbit",
    "boolean": "bool",
    "character": "bpchar",
    "character varying": "varchar",
    "double precision": "float8",
    "integer": "int4",
    "interval": "interval",
    "numeric": "numeric",
    "real": "float4",
    "smallint": "int2",
    "time with time zone": "timetz",
    "time without time zone": "time",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
}


def literal(text: str) -> str:
    """Return a string constant, which is the same whatever `standard_conforming_strings` is."""
    quoted = text.replace("'", "''")
    return "E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in text else f"'{quoted}'"


def type_path(name: str) -> str:
    """Return a type as GRANT and ALTER TYPE take it: by its path, not by the words of the SQL standard."""
    return f"pg_catalog.{_TYPES.get(name, name)}" if name in _TYPES or len(names(name)) == 1 else name


def on_this_database(statement: str, role: str = "") -> str:
    """Return a statement, in which `DATABASE` stands for its name, for the database one is connected to, whatever it is called.

    It is run as a role, if there is one given.
    """
    text = literal(statement.rstrip(";").replace("%", "%%").replace(DATABASE, "%I"))
    return as_role(role, f"EXECUTE pg_catalog.format({text}, pg_catalog.current_database());")


def as_role(role: str, statement: str) -> str:
    """Return a statement that is run as another role, if there is one given: one statement, so that nothing else is run so."""
    around = f"SET LOCAL ROLE {role}; {{}} RESET ROLE;" if role else "{}"
    return dollar_quoted("BEGIN " + around.replace("{}", statement) + " END")


def dollar_quoted(block: str) -> str:
    """Return a DO statement with a block of PL/pgSQL."""
    tag = "rollproof"
    while f"${tag}$" in block:
        tag += "_"
    return f"DO ${tag}$ {block} ${tag}$;"


def is_name(text: str) -> bool:
    """Tell whether a text is one name as SQL writes it, and nothing else."""
    return re.fullmatch(WORD, text) is not None
