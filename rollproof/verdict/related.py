"""How one finding leads to others: to its table, to what it is attached to, to what its definition mentions. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping

from rollproof.model.names import NAME, PATH, names, schema_of, table_of
from rollproof.model.snapshot import Facts
from rollproof.verdict.subjects import LEFTOVERS, Mentions, Subject

Checks = tuple[str, ...]
"""Names of checks; () for any."""

_INHERITED = "(inherited"
_PARENTS = re.compile(rf"PARTITION OF ({PATH})|INHERITS \((.+)\)")
_PARENT_INDEX = re.compile(rf" PARTITION OF ({PATH})")
_SERVER = re.compile(rf"SERVER ({NAME})")
_KEY = re.compile(rf"REFERENCES ({PATH})(\([^)]*\))")
_CASCADE = re.compile(rf"REFERENCES ({PATH})\([^)]*\).* ON DELETE CASCADE")


class Related:
    """The findings of a run. Each method yields those, of the wanted checks, that one finding leads to, in a fixed order.

    `facts` are the reference's, by facet: what is as it was has no finding.
    """

    def __init__(self, subjects: Iterable[Subject], facts: Mapping[str, Facts]) -> None:
        self._facts = facts
        self._cascades = _cascades(facts.get("constraints", {}))
        self._at: dict[str, list[Subject]] = {}
        self._in: dict[str, list[Subject]] = {}
        self._called: dict[str, list[Subject]] = {}
        for subject in subjects:
            for name in (subject.path, *sorted(subject.other_names)):
                self._at.setdefault(name, []).append(subject)
            self._in.setdefault(subject.table, []).append(subject)
            self._called.setdefault(subject.last, []).append(subject)

    def itself(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the same object."""
        return _of(self._at[subject.path], checks)

    def attached_to(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the object that a comment, a grant or an entry of pg_dump is about."""
        told_by = subject.told_by or checks
        if subject.is_nameless:
            found = [each for some in self._in.values() for each in some]
        else:
            found = self._in[subject.table] if subject.has_columns else self._at[subject.path]
        return (each for each in _of(found, told_by) if told_by or each.is_object)

    def table(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the table, view or sequence that it belongs to."""
        return _of(self._at.get(subject.table, ()), checks)

    def in_its_table(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about anything in its table."""
        return _of(self._in[subject.table] if subject.table else (), checks)

    def listed(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about what its description lists of its table; about all of it, where nothing was ever analysed."""
        listed = subject.before.words | subject.after.words
        everything = {"never analysed", "empty"} & set(subject.texts)
        return (each for each in self.in_its_table(subject, checks) if everything or each.last in listed)

    def owning_column(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the column that a sequence belongs to, and about that one's table."""
        for column in sorted(subject.columns_owning):
            for name in (column, table_of(column) or ""):
                yield from _of(self._at.get(name, ()), checks)

    def parents(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the tables that its table is a partition of or inherits from."""
        for parent in self._parents(subject.table):
            yield from _of(self._at.get(parent, ()), checks)

    def inherited(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the same thing of a parent: of a known one, or of any where the description says "inherited"."""
        own = tuple(check for check in checks if check == subject.facet)
        for parent in self._parents(subject.table):
            yield from _of(self._at.get(f"{parent}.{subject.last}", ()), own)
        if any(_INHERITED in text for text in subject.texts):
            yield from (
                each
                for each in _of(self._called[subject.last], own)
                if not any(_INHERITED in text for text in each.texts)
            )

    def foreign_server(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the server that a foreign table lies on."""
        told = [text for each in _of(self._in[subject.table], ("foreign_tables",)) for text in each.texts]
        told.append(self._facts.get("foreign_tables", {}).get(subject.table, ""))
        for name in sorted({name for text in told for name in _SERVER.findall(text)}):
            yield from _of(self._at.get(f"{name} (server)", ()), checks)

    def parent_index(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the partitioned index that an index is a partition of."""
        for path in sorted({path for text in subject.texts for path in _PARENT_INDEX.findall(text)}):
            yield from _of(self._at.get(path, ()), checks)

    def referenced_key(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the primary key or unique constraint that a foreign key refers to."""
        for table, columns in _KEY.findall(subject.finding.expected or ""):
            for each in _of(self._in.get(table, ()), checks):
                text = each.finding.expected or ""
                if text.startswith(("PRIMARY KEY", "UNIQUE")) and columns in text:
                    yield each

    def referenced_table(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the table that a foreign key refers to."""
        for table in sorted(subject.referenced):
            yield from _of(self._at.get(table, ()), checks)

    def cascading_table(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the tables whose rows take rows of this table along when they are deleted."""
        for parent in sorted(self._cascades.get(subject.table, ())):
            yield from _of(self._at.get(parent, ()), checks)

    def lost(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about what its description mentioned and does not mention any more."""
        return self._mentioned(subject, subject.before, subject.after, checks)

    def gained(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about what its description mentions and did not mention before."""
        return self._mentioned(subject, subject.after, subject.before, checks)

    def kept(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about what its description mentions now."""
        return self._mentioned(subject, subject.after, Mentions(), checks)

    def read_by_view(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about what its view reads, by the view's definition in the reference."""
        definition = self._facts.get("views", {}).get(subject.table)
        read = self._mentioned(subject, Mentions.of(definition), Mentions(), checks) if definition else ()
        return (each for each in read if each.table != subject.table)

    def in_plan(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about what only one of two plans uses."""
        for word in sorted(subject.before.words ^ subject.after.words):
            yield from _of(self._called.get(word, ()), checks)

    def extension(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the extension that a member belongs to."""
        return _of(self._at.get(subject.path.partition(": ")[0], ()), checks)

    def roles(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the roles that it names."""
        for role in sorted(subject.roles):
            yield from _of(self._at.get(role, ()), checks)

    def publication(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the publication that publishes a table."""
        return _of(self._at.get(subject.finding.subject.rpartition(" IN PUBLICATION ")[2], ()), checks)

    def schema(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the schema that it lies in."""
        name = schema_of(subject.table) if subject.table else (names(subject.path) or [""])[0]
        return _of(self._at.get(name, ()), checks)

    def _parents(self, table: str) -> list[str]:
        facts = [self._facts.get(facet, {}).get(table, "") for facet in ("partitions", "inheritance")]
        found = [text for each in _of(self._in.get(table, ()), ("partitions", "inheritance")) for text in each.texts]
        return sorted({path for text in (*facts, *found) for path in _parents_in(text)})

    def _mentioned(self, subject: Subject, these: Mentions, but_not: Mentions, checks: Checks) -> Iterator[Subject]:
        """Yield findings about other objects whose names stand in these mentions alone, and about columns of tables in them."""
        words, paths = these.words - but_not.words, these.paths - but_not.paths
        for path in sorted(paths):
            yield from (each for each in _of(self._at.get(path, ()), checks) if each.name != subject.name)
        for table in sorted({*these.paths, subject.table} & self._in.keys()):
            wanted = these.words if table in paths else words
            columns = _of(self._in[table], tuple(check for check in checks if check in ("columns", LEFTOVERS)))
            yield from (each for each in columns if each.path != each.table and each.last in wanted)


def _of(found: Iterable[Subject], checks: Checks) -> Iterator[Subject]:
    """Yield the findings of some checks, in the order of the checks."""
    if not checks:
        yield from found
        return
    known = list(found)
    for check in checks:
        yield from (each for each in known if each.facet == check)


def _parents_in(text: str) -> Iterator[str]:
    """Yield the tables that a table is a partition of or inherits from, as a description has them."""
    for found in _PARENTS.finditer(text):
        yield from [found[1]] if found[1] else re.findall(PATH, found[2])


def _cascades(constraints: Facts) -> dict[str, set[str]]:
    """Return for each table those whose deleted rows take its own along."""
    found: dict[str, set[str]] = {}
    for identity, text in constraints.items():
        if cascade := _CASCADE.search(text):
            found.setdefault(table_of(identity) or "", set()).add(cascade[1])
    return found
