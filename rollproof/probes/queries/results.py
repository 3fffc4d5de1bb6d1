"""What [[queries]] answer: counted and digested inside PostgreSQL, so that no value leaves it, however long the answer is.

Values count as they are stored, as those of tables do (`row_hash`): 1.0 and 1.00 are two values.
"""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from rollproof.model.errors import Inconclusive
from rollproof.model.query_result import QueryResult
from rollproof.model.snapshot import Facts
from rollproof.probes.queries.plans import mark_of, vouched
from rollproof.rows.row_hash import ALGORITHM, Column, Type, combined, row_hash, seed, value_hash
from rollproof.rows.tables import types_named
from rollproof.server.reader import Connection, SnapshotReader
from rollproof.settings.sections import Query

RESULTS = "query_results"
_PLACE = Type("pg_catalog.int8", builtin="int8")


def results(view: SnapshotReader, wanted: Iterable[Query], *, twice: bool = False) -> dict[str, QueryResult]:
    """Return the answer of each query by its name; asked `twice`, it tells whether it varies.

    Raises `Inconclusive` if one cannot be asked.
    """
    found = {}
    for query in wanted:
        answer = _answer(view, query)
        found[query.name] = replace(answer, varies=twice and _answer(view, query) != answer)
    return found


def _answer(view: SnapshotReader, query: Query) -> QueryResult:
    try:
        return view.ask(lambda connection: _asked(connection, query))
    except Inconclusive as error:
        raise Inconclusive(
            f"query {query.name}: {error}\nit is one SELECT, or whatever can stand in FROM (…), that writes nothing; "
            "write tables with their schema: the session's search_path is empty"
        ) from error


def _asked(connection: Connection, query: Query) -> QueryResult:
    vouched(connection)
    text = query.sql.strip().rstrip(";")
    columns, types = _described(connection, text)
    named = [(f"c{place}", type_) for place, type_ in enumerate(types)]
    row = connection.execute(_digests(text, named, connection.info.server_version).encode()).fetchone() or ()
    rows, digest, in_order, *digests = map(str, row)
    return QueryResult(
        mark_of(query.sql),
        columns,
        int(rows),
        f"{ALGORITHM}:{digest}",
        tuple(digests),
        in_order if query.ordered else "",
    )


def _described(connection: Connection, text: str) -> tuple[tuple[tuple[str, str], ...], list[Type]]:
    """Return the names and the types of a query's columns, and the types as values of theirs are digested."""
    told = connection.execute(f"SELECT * FROM ({text}\n) AS q LIMIT 0".encode()).pgresult
    if told is None:
        raise Inconclusive("the server did not tell its columns")
    places = range(told.nfields)
    numbers = [told.ftype(place) for place in places], [told.fmod(place) for place in places]
    spelled = (
        "SELECT format_type(u.type, u.modifier), format_type(u.type, NULL) "
        "FROM unnest($1::oid[], $2::int4[]) WITH ORDINALITY AS u (type, modifier, place) ORDER BY u.place"
    )
    types = [(str(full), str(plain)) for full, plain in connection.execute(spelled.encode(), numbers).fetchall()]
    names = [(told.fname(place) or b"").decode(errors="replace") for place in places]
    known = types_named(connection, [plain for _, plain in types])
    return tuple((name, full) for name, (full, _) in zip(names, types, strict=True)), [
        each or Type(plain) for each, (_, plain) in zip(known, types, strict=True)
    ]


def _digests(text: str, columns: Sequence[Column], version: int) -> str:
    """Return the query that counts the rows, and adds up the hashes of whole rows, of rows in their places, and of each column."""
    names = ", ".join(name for name, _ in columns)
    each = [
        f"COALESCE({value_hash(f'q.{name}', type_, seed('value'), version)}, {seed('null')}) AS h{place}"
        for place, (name, type_) in enumerate(columns)
    ]
    place = value_hash("r.place", _PLACE, seed("place"), version)
    sums = ["r.hash", combined(["r.hash", place]), *(f"r.h{place}" for place in range(len(columns)))]
    told = ", ".join(f"COALESCE(sum({one}), 0)::text" for one in sums)
    whole = ", ".join([f"{row_hash('q', columns, version)} AS hash", "row_number() OVER () AS place", *each])
    # OFFSET 0 keeps the query apart, so that each of its values is made once, and in its order.
    answer = f"SELECT * FROM ({text}\n) AS a{f' ({names})' if names else ''} OFFSET 0"
    return f"SELECT count(*), {told} FROM (SELECT {whole} FROM ({answer}) AS q) AS r"


def recorded(found: dict[str, QueryResult]) -> dict[str, str]:
    """Return the answers as a baseline keeps them."""
    return {name: msgspec.json.encode(each).decode() for name, each in found.items()}


def result_of(text: str) -> QueryResult:
    """Return a fact's answer. Raises `msgspec.DecodeError` if it is no such text."""
    return msgspec.json.decode(text, type=QueryResult)


def kept(facts: Facts) -> dict[str, QueryResult]:
    """Return the answers that a baseline keeps."""
    return {name: result_of(fact) for name, fact in facts.items()}
