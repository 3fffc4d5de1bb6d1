"""How one finding leads to others: to its table, to what it is attached to, to what its definition mentions. Pure."""

import re
from collections import defaultdict
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
        self._at: defaultdict[str, list[Subject]] = defaultdict(list)  # by check and name, each `check name`
        self._in: defaultdict[str, list[Subject]] = defaultdict(list)  # by check and table
        self._last: defaultdict[str, list[Subject]] = defaultdict(list)  # by check, table and last name
        self._of: defaultdict[str, list[Subject]] = defaultdict(list)  # by check
        self._objects: defaultdict[str, list[Subject]] = defaultdict(list)  # by name, whatever check
        for subject in subjects:
            self._add(subject)

    def _add(self, subject: Subject) -> None:
        check = subject.facet
        for name in (subject.path, *sorted(subject.other_names)):
            self._at[f"{check} {name}"].append(subject)
            if subject.is_object:
                self._objects[name].append(subject)
        for column in sorted(subject.columns_owning) if check == "sequences" else ():
            self._at[f"{check} {column}"].append(subject)
            self._in[f"{check} {table_of(column)}"].append(subject)
        if subject.table:
            self._in[f"{check} {subject.table}"].append(subject)
        self._last[f"{check} {subject.table} {subject.last}"].append(subject)
        self._last[f"{check}  {subject.last}"].append(subject)
        self._of[check].append(subject)

    def itself(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the same object."""
        return _under(self._at, checks, subject.path)

    def attached_to(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the object that a comment, a grant or an entry of pg_dump is about."""
        told_by = subject.told_by or checks
        if subject.is_nameless:
            return (each for check in told_by for each in self._of.get(check, ()))
        if subject.has_columns:
            return _under(self._in, told_by, subject.table)
        return _under(self._at, told_by, subject.path) if told_by else iter(self._objects.get(subject.path, ()))

    def login(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the endpoint whose token an endpoint could not be asked without."""
        expected, login, name = (subject.finding.expected or "").partition("login ")
        return _under(self._at, checks, name) if login and not expected else iter(())

    def table(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the table, view or sequence that it belongs to."""
        return _under(self._at, checks, subject.table)

    def in_its_table(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about anything in its table."""
        return _under(self._in, checks, subject.table)

    def listed(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about what its description lists of its table; about all of it, where nothing was ever analysed."""
        if {"never analysed", "empty"} & set(subject.texts):
            yield from self.in_its_table(subject, checks)
        for word in sorted(subject.before.words | subject.after.words):
            yield from _under(self._last, checks, f"{subject.table} {word}")

    def owning_column(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the column that a sequence belongs to, and about that one's table."""
        for column in sorted(subject.columns_owning):
            for name in (column, table_of(column) or ""):
                yield from _under(self._at, checks, name)

    def parents(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the tables that its table is a partition of or inherits from."""
        for parent in self._parents(subject.table):
            yield from _under(self._at, checks, parent)

    def inherited(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the same thing of a parent.

        Where nobody knows the parents, and the description says "inherited", it is that of the only other table that has a thing
        of this name of its own among the findings: of several tables nobody can tell which is the parent.
        """
        own = tuple(check for check in checks if check == subject.facet)
        parents = self._parents(subject.table)
        for parent in parents:
            yield from _under(self._last, own, f"{parent} {subject.last}")
        if not parents and any(_INHERITED in text for text in subject.texts):
            found = _under(self._last, own, f" {subject.last}")
            others = [each for each in found if not any(_INHERITED in text for text in each.texts)]
            yield from others if len({each.table for each in others}) == 1 else ()

    def parent_index(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the partitioned index that an index is a partition of."""
        for path in sorted({path for text in subject.texts for path in _PARENT_INDEX.findall(text)}):
            yield from _under(self._at, checks, path)

    def foreign_server(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the server that a foreign table lies on."""
        told = [text for each in _under(self._in, ("foreign_tables",), subject.table) for text in each.texts]
        told.append(self._facts.get("foreign_tables", {}).get(subject.table, ""))
        for name in sorted({name for text in told for name in _SERVER.findall(text)}):
            yield from _under(self._at, checks, f"{name} (server)")

    def referenced_key(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the primary key or unique constraint that a foreign key refers to."""
        for table, columns in _KEY.findall(subject.finding.expected or ""):
            for each in _under(self._in, checks, table):
                text = each.finding.expected or ""
                if text.startswith(("PRIMARY KEY", "UNIQUE")) and columns in text:
                    yield each

    def referenced_table(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the table that a foreign key refers to."""
        for table in sorted(subject.referenced):
            yield from _under(self._at, checks, table)

    def cascading_table(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the tables whose rows take rows of this table along when they are deleted."""
        for parent in sorted(self._cascades.get(subject.table, ())):
            yield from _under(self._at, checks, parent)

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
            yield from _under(self._last, checks, f" {word}")

    def extension(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the extension that a member belongs to."""
        return _under(self._at, checks, subject.path.partition(": ")[0])

    def same_setting(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about a setting of the database or of a role, for one that is in effect."""
        name = subject.path.partition(" (in effect)")[0]
        return (each for check in checks for each in self._of.get(check, ()) if each.path.startswith(f"{name} FOR "))

    def roles(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the roles that it names."""
        for role in sorted(subject.roles):
            yield from _under(self._at, checks, role)

    def publication(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the publication that publishes a table."""
        return _under(self._at, checks, subject.finding.subject.rpartition(" IN PUBLICATION ")[2])

    def schema(self, subject: Subject, checks: Checks) -> Iterator[Subject]:
        """Yield findings about the schema that it lies in."""
        name = schema_of(subject.table) if subject.table else (names(subject.path) or [""])[0]
        return _under(self._at, checks, name)

    def _parents(self, table: str) -> list[str]:
        facets = ("partitions", "inheritance")
        known = [self._facts.get(facet, {}).get(table, "") for facet in facets]
        found = [text for each in _under(self._in, facets, table) for text in each.texts]
        return sorted({path for text in (*known, *found) for path in _parents_in(text)})

    def _mentioned(self, subject: Subject, these: Mentions, but_not: Mentions, checks: Checks) -> Iterator[Subject]:
        """Yield findings about other objects whose names stand in these mentions alone, and about columns of tables in them."""
        words, paths = these.words - but_not.words, these.paths - but_not.paths
        for path in sorted(paths):
            yield from (each for each in _under(self._at, checks, path) if each.name != subject.name)
        of_columns = tuple(check for check in checks if check in ("columns", LEFTOVERS))
        for table in sorted({*these.paths, subject.table}) if of_columns else ():
            if any(f"{check} {table}" in self._in for check in of_columns):
                for word in sorted(these.words if table in paths else words):
                    found = _under(self._last, of_columns, f"{table} {word}")
                    yield from (each for each in found if each.path not in (each.table, subject.path))


def _under(findings: Mapping[str, list[Subject]], checks: Checks, name: str) -> Iterator[Subject]:
    """Yield the findings of some checks that are kept under a name, in the order of the checks."""
    for check in checks:
        yield from findings.get(f"{check} {name}", ())


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
