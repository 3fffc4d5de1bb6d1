"""Statements for what came with the server, with an extension, or with a table or type: owner and grants as they came. Pure.

Facts list such an object only where it was changed, so they do not say what came: the catalogue does (`pg_init_privs`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from rollproof.repair.clauses.wording import dollar_quoted, literal


class _Catalog(NamedTuple):
    """Where the catalogue has a kind of object: prefix of the columns, letter of its default privileges, how to look one up."""

    name: str
    prefix: str
    letter: str
    lookup: str


_BY_NAME = "pg_catalog.quote_ident(o.{prefix}name) = {name}"
_RELATION = _Catalog("pg_class", "rel", "r", "o.oid = {name}::pg_catalog.regclass")
_CATALOGS: Mapping[str, _Catalog] = {
    **dict.fromkeys(("table", "view", "materialized view", "foreign table"), _RELATION),
    "sequence": _RELATION._replace(letter="s"),
    "function": _Catalog("pg_proc", "pro", "f", "o.oid = {name}::pg_catalog.regprocedure"),
    "type": _Catalog("pg_type", "typ", "T", "o.oid = {name}::pg_catalog.regtype"),
    "schema": _Catalog("pg_namespace", "nsp", "n", _BY_NAME),
    "language": _Catalog("pg_language", "lan", "l", _BY_NAME),
    "foreign-data wrapper": _Catalog("pg_foreign_data_wrapper", "fdw", "F", _BY_NAME),
    "server": _Catalog("pg_foreign_server", "srv", "S", _BY_NAME),
}
_OF_OBJECT = """SELECT o.{prefix}acl AS now, i.initprivs AS came, pg_catalog.acldefault('{letter}', o.{prefix}owner) AS usual
        FROM pg_catalog.{catalog} AS o
        LEFT JOIN pg_catalog.pg_init_privs AS i ON i.classoid = o.tableoid AND i.objoid = o.oid AND i.objsubid = 0
        WHERE {lookup}"""
_OF_COLUMN = """SELECT o.attacl AS now, i.initprivs AS came, pg_catalog.acldefault('c', 10) AS usual
        FROM pg_catalog.pg_attribute AS o
        LEFT JOIN pg_catalog.pg_init_privs AS i
            ON i.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND i.objoid = o.attrelid AND i.objsubid = o.attnum
        WHERE o.attrelid = {relation}::pg_catalog.regclass AND pg_catalog.quote_ident(o.attname) = {column}"""
_BACK = """
DECLARE item record;
BEGIN
    FOR item IN
        WITH object AS (
        {object}
        ),
        now AS (SELECT a.* FROM object, pg_catalog.aclexplode(coalesce(object.now, object.usual)) AS a),
        came AS (SELECT a.* FROM object, pg_catalog.aclexplode(coalesce(object.came, object.usual)) AS a)
        SELECT 'REVOKE' AS does, 'FROM' AS word, added.* FROM (TABLE now EXCEPT TABLE came) AS added
        UNION ALL
        SELECT 'GRANT', 'TO', lost.* FROM (TABLE came EXCEPT TABLE now) AS lost
        ORDER BY does DESC
    LOOP
        EXECUTE pg_catalog.format(
            '%s %s{column} ON %s %s %s%s', item.does, item.privilege_type, {on}, item.word,
            CASE item.grantee WHEN 0 THEN 'PUBLIC' ELSE item.grantee::pg_catalog.regrole::text END,
            CASE WHEN item.is_grantable AND item.does = 'GRANT' THEN ' WITH GRANT OPTION' END
        );
    END LOOP;
END
"""


def back_to_initial(key: tuple[str, str], on: str, column: str = "") -> str:
    """Return the statement that gives an object the privileges with which it came; "" for a kind that comes with none."""
    name, kind = key
    if column:
        relation = name.removesuffix(f".{column}")
        found = _OF_COLUMN.format(relation=literal(relation), column=literal(column))
    elif kind in _CATALOGS:
        catalog = _CATALOGS[kind]
        lookup = catalog.lookup.format(prefix=catalog.prefix, name=literal(name))
        found = _OF_OBJECT.format(catalog=catalog.name, prefix=catalog.prefix, letter=catalog.letter, lookup=lookup)
    else:
        return ""
    told = f" ({column})".replace("%", "%%").replace("'", "''") if column else ""
    return dollar_quoted(_BACK.format(object=found, on=literal(on), column=told))


def to_first_owner(alter: str) -> str:
    """Return the statement that gives an object to the role that initdb made; in `alter`, `%s` stands for the role."""
    return dollar_quoted(f"BEGIN EXECUTE pg_catalog.format({literal(alter.rstrip(';'))}, 10::pg_catalog.regrole); END")
