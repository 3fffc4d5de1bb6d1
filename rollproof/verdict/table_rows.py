"""How one table's rows are put back from those that they are compared with: which columns, by which keys, what is in the way."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rollproof.model.amounts import counted
from rollproof.model.compare import Difference
from rollproof.model.descriptions import is_type
from rollproof.model.errors import Inconclusive
from rollproof.model.names import listed, respelled
from rollproof.model.row_words import CHANGED, RESPELLED
from rollproof.repair.rows.columns import KEPT, LIVE, OTHER, Column, Described, differs, names, same, spelled_alike
from rollproof.repair.rows.steps import Told
from rollproof.repair.rows.table import RowRepair
from rollproof.rows.row_diff import EXTRA, MISSING, REPEATED
from rollproof.rows.row_hash import Type
from rollproof.rows.tables import ScannableTable
from rollproof.verdict.row_evidence import MORE
from rollproof.verdict.row_moment import Then
from rollproof.verdict.row_values import Fetched

_SHOWN = 5  # keys named in a sentence
_KINDS = {
    MISSING: "missing",
    CHANGED: "changed",
    RESPELLED: "with a key that is spelled otherwise",
    REPEATED: "repeated",
}

# Keys of a table; those of expressions, of some of the rows only, or of something else than equality are not `plain`.
_UNIQUE = """
SELECT i.indimmediate,
       i.indisunique AND i.indexprs IS NULL AND i.indpred IS NULL,
       array_agg(quote_ident(a.attname) ORDER BY k.place) FILTER (WHERE a.attname IS NOT NULL)
FROM pg_catalog.pg_index AS i
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
WHERE i.indrelid = $1::regclass AND (i.indisunique OR i.indisexclusion) AND k.place <= i.indnkeyatts
GROUP BY i.indexrelid, i.indimmediate, 2
"""


@dataclass(frozen=True)
class Held:
    """A table's rows against those that they are compared with, which are called `against`.

    `live` is None for a table that is made again; `types` are the types of the other rows' columns, where they may be others;
    `fetched` are those rows, or what differs of them, if they are in another database.
    """

    table: str
    source: ScannableTable
    live: ScannableTable | None
    key: tuple[str, ...]
    against: str
    types: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    fetched: Fetched | None = None

    @property
    def present(self) -> frozenset[str]:
        """The columns that the table has now."""
        return frozenset(name for name, _ in self.live.relation.columns) if self.live else frozenset()

    def ask(self, query: str, *parameters: object) -> list[tuple[object, ...]]:
        """Ask the subject, of what it has of both tables. Raises `Inconclusive` if the server refuses."""
        here = [held for held in (None if self.fetched else self.source, self.live) if held]
        sources = [held.relation.source for held in here]
        return here[0].view.ask(lambda it: it.execute(query.encode(), parameters or None).fetchall(), reads=sources)


def columns_of(held: Held, then: Then) -> tuple[Column, ...]:
    """Return the columns that rows are written with: those of the source that the table will have, and that are not generated."""
    return tuple(_columns(held, then.columns(held.table)))


def repair_of(held: Held, then: Then) -> RowRepair:
    """Return how the rows are put back. Raises `Inconclusive` where no statement would put back whole rows."""
    columns = {column.name: column for column in columns_of(held, then)}
    key = tuple(columns[name] for name in held.key if name in columns)
    if len(key) < len(held.key):
        key = ()
    counts = held.counts
    repair = RowRepair(
        held.table,
        held.source.relation.source,
        tuple(columns.values()),
        key,
        lost=tuple(column for name, column in columns.items() if held.live and name not in held.present),
        missing=counts[MISSING] + (0 if key else counts[REPEATED]),
        respelled=counts[RESPELLED] if key else 0,
        added=counts[EXTRA] + counts[REPEATED if key else MORE],
        by_number=bool(counts[REPEATED]),
        fresh=held.live is None,
    )
    if repair.missing:
        _require_whole(held, then.columns(held.table), columns)
    return _with_unique(held, _loaded(held, replace(repair, changed=_changed(held, repair))), columns, then)


def _loaded(held: Held, repair: RowRepair) -> RowRepair:
    """Return the repair by rows that are loaded from files, where they were fetched."""
    if (fetched := held.fetched) is None:
        return repair
    load = fetched.kept.load(held.table, names(repair.columns), fetched.encoding)
    repair = replace(repair, source=fetched.kept.source, load=load)
    if not (fetched.added and repair.added):
        return repair
    own = fetched.added.load(held.table, names(repair.columns), "UTF8")
    return replace(repair, extra=fetched.added.source, load_added=own)


def _columns(held: Held, described: dict[str, Described]) -> Iterator[Column]:
    """Yield the columns that a row is written with."""
    for name, type_ in held.source.relation.columns:
        then = described.get(name)
        if then and not then.generated:
            cast = then.plain if held.types.get(name, then.plain) != then.plain else ""
            if cast and not is_type(cast):
                raise Inconclusive(f"the type of its column {name} is not understood")
            if "." in cast:  # PostgreSQL's own have no schema before them
                raise Inconclusive(f"to cast its column {name} to {cast} would run what users made")
            yield Column(name, cast, then.exact, then.identity, _text_for(type_))


def _text_for(type_: Type) -> str:
    """Return into which text a value is turned that has no binary form; "" for one that has it."""
    if _is_sent(type_):
        return ""
    return "text[]" if type_.kind == "array" and type_.parts[0][1].is_text else "text"


def _is_sent(type_: Type) -> bool:
    return bool(type_.send) and all(_is_sent(part) for _, part in type_.parts)


def _require_whole(held: Held, described: dict[str, Described], columns: dict[str, Column]) -> None:
    """Raise `Inconclusive` if a row that is inserted would lack a value."""
    lacking = sorted(name for name, each in described.items() if name not in columns and not each.generated)
    if needed := [name for name in lacking if described[name].required]:
        raise Inconclusive(f"{held.against} has no {', '.join(needed)}, without which there is no row")


def _changed(held: Held, repair: RowRepair) -> tuple[Column, ...]:
    """Return the columns whose values are put back: those that were lost, and those in which rows with the same key differ."""
    if not repair.key or not held.live:
        return repair.lost
    others = [column for column in repair.columns if column not in (*repair.key, *repair.lost)]
    turned = [column for column in others if _is_turned(held, column)]
    certain = [column for column in others if column not in turned]
    if not held.counts[CHANGED] and not held.counts[RESPELLED]:
        return repair.lost
    found = _differing(held, repair, certain) if certain else ()
    chosen = {*repair.lost, *turned, *found}
    return tuple(column for column in repair.columns if column in chosen)


def _is_turned(held: Held, column: Column) -> bool:
    """Tell whether a column has not yet the type that it will have."""
    was, now = (dict(each.relation.columns).get(column.name) for each in (held.source, held.live) if each)
    return bool(column.cast) or was != now


def _differing(held: Held, repair: RowRepair, columns: Sequence[Column]) -> tuple[Column, ...]:
    if held.fetched:
        return tuple(column for column in columns if held.fetched.added is None or column.name in held.fetched.changed)
    told = ", ".join(f"pg_catalog.bool_or({differs([column], LIVE, KEPT)})" for column in columns)
    alike = same(repair.key, LIVE, KEPT)
    if held.counts[RESPELLED]:  # a row whose key is respelled may have changed as well
        alike = f"{spelled_alike(repair.key, LIVE)} = {spelled_alike(repair.key, KEPT)}"
    query = f"SELECT {told} FROM {repair.live} AS t JOIN {repair.source} AS b ON {alike}"
    return tuple(column for column, differ in zip(columns, held.ask(query)[0], strict=True) if differ)


def _with_unique(held: Held, repair: RowRepair, columns: Mapping[str, Column], then: Then) -> RowRepair:
    found = _unique(held) if held.live else []
    keys = {each.columns for each in found if each.plain} | set(_to_be_made(held.table, then))
    own = {column.name for column in repair.key}
    known = [tuple(columns[name] for name in key) for key in sorted(keys) if {*key} != own and {*key} <= columns.keys()]
    plain = tuple(key for key in known if all(column.exact for column in key))
    others = len(plain) < len(known) or any(not each.plain for each in found)
    return replace(repair, unique=plain, unplain=others and all(each.immediate for each in found))


@dataclass(frozen=True)
class _Unique:
    """A key of a table as `_UNIQUE` tells it."""

    immediate: bool
    plain: bool
    columns: tuple[str, ...]


def _unique(held: Held) -> list[_Unique]:
    return [
        _Unique(bool(now), bool(plain), tuple(map(respelled, columns or ())))  # type: ignore[call-overload] # an array of text
        for now, plain, columns in held.ask(_UNIQUE, held.table)
    ]


def _to_be_made(table: str, then: Then) -> Iterator[tuple[str, ...]]:
    """Yield the columns of keys that are made when the rows are back."""
    for text in then.sides.before.parts(table, "constraints").values():
        for kind in ("UNIQUE (", "PRIMARY KEY ("):
            if text.startswith(kind):
                yield listed(_inner(text.removeprefix(kind)))


def _inner(text: str) -> str:
    """Return what stands before the closing parenthesis, which a quoted name may hold as well."""
    quoted = False
    for place, letter in enumerate(text):
        quoted ^= letter == '"'
        if letter == ")" and not quoted:
            return text[:place]
    return text


def in_the_way(held: Held, repair: RowRepair) -> str:
    """Return which rows cannot come back, or not as they were, because others have their keys by now; "" if none."""
    if held.fetched or not (repair.key and held.live and held.counts[EXTRA] + held.counts[CHANGED]):
        return ""
    told = []
    for unique in repair.unique:
        if any(column.cast for column in (*unique, *repair.key)):
            continue
        taken = f"EXISTS (SELECT FROM {repair.live} AS o WHERE {same(unique, OTHER, KEPT)}"
        here = f"SELECT FROM {repair.live} AS t WHERE {same(repair.key, LIVE, KEPT)}"
        if repair.missing:
            told.append(_conflicts(held, repair, unique, f"NOT EXISTS ({here}) AND {taken})", "come back"))
        if {*unique} & {*repair.changed}:
            changed = f"EXISTS ({here} AND {differs(repair.changed, LIVE, KEPT)})"
            theirs = f"{taken} AND NOT ({same(repair.key, OTHER, KEPT)}))"
            told.append(_conflicts(held, repair, unique, f"{changed} AND {theirs}", "be changed back"))
    return ", and ".join(filter(None, told))


def _conflicts(held: Held, repair: RowRepair, unique: Sequence[Column], condition: str, what: str) -> str:
    key = ", ".join(f"b.{column.name}" for column in repair.key)
    query = (
        f"SELECT pg_catalog.count(*), (pg_catalog.array_agg(pg_catalog.concat_ws(', ', {key})))[1:{_SHOWN}]"
        f" FROM {repair.source} AS b WHERE {condition}"
    )
    count, keys = held.ask(query)[0]
    if not count:
        return ""
    shown = list(keys or ())  # type: ignore[call-overload] # an array of text
    return (
        f"{counted(int(str(count)), 'row')} cannot {what}, for others have their {names(unique)} by now: "
        f"{names(repair.key)} = {'; '.join(shown)}{'; …' if int(str(count)) > len(shown) else ''}"
    )


def told_of(held: Held, repair: RowRepair, difference: Difference) -> Told:
    """Return in words what is done, and which rows were added."""
    done = [f"{counted(held.counts[kind], 'row')} {text}" for kind, text in _KINDS.items() if held.counts[kind]]
    done += [f"the values of {names(repair.lost)}"] if repair.lost else []
    if not held.live:
        done = ["all rows"]
    if held.fetched and repair.missing and repair.unique:
        done[-1] += f" (but those whose {' or '.join(map(names, repair.unique))} another row has by now)"
    return Told(f"{', '.join(done)}: copied from {held.against}" if done else "", _added(held, repair), difference)


def _added(held: Held, repair: RowRepair) -> str:
    if not repair.added:
        return ""
    keys = _keys_added(held, repair) if repair.key and held.counts[EXTRA] else []
    more = "; …" if keys and repair.added > len(keys) else ""
    named = f": {names(repair.key)} = {'; '.join(keys)}{more}" if keys else ""
    return f"{counted(repair.added, 'row')} of {held.table} that {'was' if repair.added == 1 else 'were'} not there before{named}"


def _keys_added(held: Held, repair: RowRepair) -> list[str]:
    if held.fetched:
        return held.fetched.keys_added
    key = ", ".join(f"t.{column.name}" for column in repair.key)
    alike = f" OR {spelled_alike(repair.key, LIVE)} = {spelled_alike(repair.key, KEPT)}" if repair.respelled else ""
    kept = f"SELECT FROM {repair.source} AS b WHERE {same(repair.key, LIVE, KEPT)}{alike}"
    query = (
        f"SELECT pg_catalog.concat_ws(', ', {key}) FROM {repair.live} AS t"
        f" WHERE NOT EXISTS ({kept}) ORDER BY 1 LIMIT {_SHOWN}"
    )
    return [str(text) for (text,) in held.ask(query)]
