"""Which findings are causes and which are consequences: a column of a missing table, a grant on a missing view. Pure.

A finding follows from at most one other. The rules are tried from top to bottom, and the first that leads to a cause decides;
what no rule explains is a root. Two mistakes of which neither brought the other stay two roots, whatever they are about.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rollproof.model.facets import Traits, facets_where
from rollproof.model.finding import Finding
from rollproof.model.names import TYPE
from rollproof.model.snapshot import Facts
from rollproof.verdict.related import Checks, Related
from rollproof.verdict.subjects import ATTACHED, CHANGED, LEFTOVERS, MISSING, NEW, Subject, subject_of

NO_FACTS: Mapping[str, Facts] = MappingProxyType({})


@dataclass(frozen=True)
class Consequence:
    """A finding, and the finding that it directly follows from."""

    finding: Finding
    follows_from: Finding


@dataclass(frozen=True)
class Root:
    """A finding that follows from no other, and all that follows from it, by check and subject."""

    finding: Finding
    consequences: tuple[Consequence, ...] = ()


def causes(findings: Iterable[Finding], facts: Mapping[str, Facts] = NO_FACTS) -> tuple[Root, ...]:
    """Return findings as roots with their consequences, each finding once; first the root with most consequences.

    `facts` are the reference's, by facet: what a view reads, which table a partition belongs to, which rows go with others.
    Without them fewer findings are recognised as consequences.
    """
    subjects = [subject_of(finding) for finding in sorted(set(findings), key=_place)]
    cause_of = _cause_of(subjects, facts)
    hanging: dict[Subject, list[Consequence]] = {subject: [] for subject in subjects if subject not in cause_of}
    for subject, cause in cause_of.items():
        hanging[_root(cause, cause_of)].append(Consequence(subject.finding, cause.finding))
    roots = [Root(subject.finding, tuple(consequences)) for subject, consequences in hanging.items()]
    return tuple(sorted(roots, key=lambda root: -len(root.consequences)))


def _place(finding: Finding) -> tuple[str, ...]:
    """Return what findings are sorted by."""
    return (
        finding.check,
        finding.subject,
        finding.sentence,
        repr(finding.expected),
        repr(finding.actual),
        repr(finding),
    )


def _cause_of(subjects: list[Subject], facts: Mapping[str, Facts]) -> dict[Subject, Subject]:
    """Return what each consequence directly follows from. A cause that follows from its own consequence is passed over."""
    related = Related(subjects, facts)
    rules = {
        facet: [rule for rule in RULES if not rule.checks or facet in rule.checks]
        for facet in {s.facet for s in subjects}
    }
    found: dict[Subject, Subject] = {}
    for subject in subjects:
        candidates = _candidates(subject, rules[subject.facet], related)
        cause = next((each for each in candidates if _root(each, found) is not subject), None)
        if cause:
            found[subject] = cause
    return found


def _candidates(subject: Subject, rules: "Iterable[Rule]", related: Related) -> Iterator[Subject]:
    """Yield what a finding may follow from, by these rules."""
    for rule in rules:
        yield from (cause for cause in rule.link(related, subject, rule.causes) if rule.when(subject, cause))


def _root(subject: Subject, cause_of: Mapping[Subject, Subject]) -> Subject:
    while cause := cause_of.get(subject):
        subject = cause
    return subject


def _always(_subject: Subject, _cause: Subject) -> bool:
    return True


def _both_missing_or_new(subject: Subject, cause: Subject) -> bool:
    return subject.way == cause.way != CHANGED


def _alike(subject: Subject, cause: Subject) -> bool:
    return subject.way == cause.way


def _both_changed(subject: Subject, cause: Subject) -> bool:
    return subject.way == cause.way == CHANGED


def _is_missing(_subject: Subject, cause: Subject) -> bool:
    return cause.way == MISSING


def _is_new(_subject: Subject, cause: Subject) -> bool:
    return cause.way == NEW


def _comes_or_goes(_subject: Subject, cause: Subject) -> bool:
    return cause.way != CHANGED


def _is_handed_down(subject: Subject, _cause: Subject) -> bool:
    """Whether the description tells, or told, of a parent that it comes from."""
    return any(mark in text for text in subject.texts for mark in ("(inherited", " PARTITION OF "))


def _of_another_kind(subject: Subject, cause: Subject) -> bool:
    """Whether an object became one of another kind, and this is attached to the object of the one kind alone."""
    return cause.way == CHANGED and [text.startswith(subject.kind) for text in cause.texts] == (
        [False, True] if subject.way == NEW else [True, False]
    )


def _added_again(subject: Subject, cause: Subject) -> bool:
    """Whether a column stands last in the order of columns, and did not before."""
    return [text.endswith(f", {cause.last}") for text in subject.texts] == [False, True]


def _comes_with_its_column(subject: Subject, cause: Subject) -> bool:
    """Whether both are missing or new, or a column lost or got its sequence."""
    return subject.way != CHANGED and (subject.way == cause.way or (cause.way, cause.facet) == (CHANGED, "columns"))


def _in_primary_key(subject: Subject, cause: Subject) -> bool:
    """Whether a column became NOT NULL by a primary key that was left behind."""
    key = (cause.finding.actual or "").startswith("PRIMARY KEY")
    return cause.way == NEW and key and subject.last in cause.after.words and subject.texts[-1].endswith(" NOT NULL")


def _joins_extension(subject: Subject, cause: Subject) -> bool:
    return subject.way == MISSING and cause.way == NEW


def _default_of_missing(subject: Subject, cause: Subject) -> bool:
    return subject.way == CHANGED and cause.way == MISSING


def _other_casts(subject: Subject, cause: Subject) -> bool:
    """Whether a definition changed in nothing but casts, and what it mentions changed too."""
    plain = {re.sub(r"[()\s]+", " ", re.sub(f"::{TYPE}", "", text)).strip() for text in subject.texts}
    return _both_changed(subject, cause) and len(plain) == 1


def _lost_rows(finding: Finding) -> bool:
    was, now = finding.expected or "", finding.actual or "0"
    return was.isdecimal() and now.isdecimal() and int(now) < int(was)


def _cause_lost_rows(_subject: Subject, cause: Subject) -> bool:
    return _lost_rows(cause.finding)


def _both_lost_rows(subject: Subject, cause: Subject) -> bool:
    return _lost_rows(subject.finding) and _lost_rows(cause.finding)


Link = Callable[[Related, Subject, Checks], Iterable[Subject]]
When = Callable[[Subject, Subject], bool]


@dataclass(frozen=True)
class Rule:
    """Findings of some `checks` follow from those of the checks in `causes` that a `link` leads to, `when` that is so.

    No `checks`: findings of any; no `causes`: those that tell of an object itself.
    """

    checks: frozenset[str]
    link: Link
    causes: Checks
    when: When


def _named(wanted: Callable[[Traits], object], *others: str) -> str:
    return " ".join(sorted(facets_where(wanted) | {*others}))


_OBJECTS = _named(lambda each: each.kinds)
# PostgreSQL drops what has a definition with what it mentions.
_DEFINED = _named(lambda each: each.kinds and not each.shared, "inheritance", "partitions", LEFTOVERS)
_MENTIONED = "tables views functions aggregates types collations columns extension_members leftovers"
_IN_TABLES = _named(lambda each: "table" in (each.part_of, each.about), "publications")
_ATTACHED = " ".join(sorted(ATTACHED))
_INHERITED = "columns constraints triggers foreign_key_triggers"
_ABOUT_TABLES = "table_states backup_agreement orphans migrated_counts migrated_edges migrated_rows"

# Findings of these checks - follow from what this leads to - among findings of these checks - when.
_TABLE: tuple[tuple[str, Link, str, When], ...] = (
    # What is attached to an object, and the second witness of it.
    (_ATTACHED, Related.attached_to, "", _both_missing_or_new),
    ("pg_dump", Related.attached_to, "", _always),
    (_ATTACHED, Related.attached_to, "tables views", _of_another_kind),
    ("indexes foreign_key_triggers", Related.itself, "constraints", _always),
    ("pg_dump", Related.itself, "owners", _always),
    ("pg_dump", Related.owning_column, "columns", _always),
    ("rows content", Related.itself, "views", _always),  # a materialized view holds what its definition says
    ("sequence_positions", Related.itself, "sequences", _always),
    ("sequence_values", Related.lost, "sequence_positions sequences", _always),
    (_OBJECTS, Related.itself, "extension_members", _joins_extension),
    # What lies in a table or a view that is missing, or was left behind.
    (_IN_TABLES, Related.table, "tables views", _both_missing_or_new),
    (f"pg_dump {_ATTACHED}", Related.table, "tables views sequences leftovers", _both_missing_or_new),
    (_ABOUT_TABLES, Related.table, "tables", _comes_or_goes),
    ("tables", Related.foreign_server, "foreign_servers", _both_missing_or_new),
    ("sequences", Related.owning_column, "columns tables", _comes_with_its_column),
    ("tables inheritance partitions", Related.parents, "tables", _both_missing_or_new),
    (_INHERITED, Related.inherited, _INHERITED, _alike),
    ("indexes", Related.parent_index, "indexes", _alike),
    (f"{_INHERITED} indexes", Related.in_its_table, "partitions inheritance", _is_handed_down),
    # What a definition mentions.
    ("constraints", Related.referenced_key, "constraints", _is_missing),
    (_DEFINED, Related.lost, _MENTIONED, _is_missing),
    (_DEFINED, Related.gained, _MENTIONED, _is_new),
    (_DEFINED, Related.kept, "columns types", _other_casts),
    ("columns", Related.lost, "sequences", _default_of_missing),
    ("columns", Related.in_its_table, "constraints", _in_primary_key),
    ("columns", Related.read_by_view, "columns", _both_changed),
    # What is said of a whole table, and a column explains.
    ("column_order", Related.in_its_table, "columns", _comes_or_goes),
    ("column_order", Related.in_its_table, "columns", _added_again),
    ("planner_statistics", Related.listed, "columns", _always),
    ("table_states", Related.in_its_table, "columns", _always),
    # Rows.
    ("content", Related.itself, "rows", _always),
    ("content", Related.in_its_table, "columns", _always),
    ("content rows", Related.read_by_view, "rows content", _always),
    ("rows", Related.cascading_table, "rows", _both_lost_rows),
    ("orphans", Related.referenced_table, "rows", _cause_lost_rows),
    ("orphans", Related.referenced_table, "tables", _is_missing),
    ("orphans", Related.referenced_table, "content", _always),
    ("orphans", Related.table, "content", _always),
    ("backup_columns backup_content", Related.itself, "backup_age", _always),
    ("backup_content", Related.itself, "backup_columns", _always),
    ("backup_agreement", Related.itself, "backup_content rows content", _always),
    ("migrated_counts", Related.itself, "migrated_rows", _always),
    ("migrated_edges", Related.table, "migrated_rows", _always),
    ("migrated_edges", Related.referenced_table, "migrated_rows", _always),
    ("plans lookups", Related.in_plan, "indexes constraints", _always),
    ("lookups", Related.table, "planner_statistics", _always),
    ("endpoints", Related.login, "endpoints", _always),
    ("endpoint_answers endpoint_latency endpoint_values", Related.itself, "endpoints", _always),
    # What belongs to an extension, a role, a publication or a schema.
    ("extension_members", Related.extension, "extensions", _always),
    ("default_privileges privileges roles settings", Related.roles, "roles", _both_missing_or_new),
    ("owners", Related.roles, "roles", _comes_or_goes),
    ("settings", Related.same_setting, "settings", _always),
    ("publications", Related.publication, "publications", _both_missing_or_new),
    ("", Related.schema, "schemas all_schemas", _both_missing_or_new),
)  # fmt: skip
RULES = tuple(Rule(frozenset(checks.split()), link, tuple(of.split()), when) for checks, link, of, when in _TABLE)
"""All rules, in the order in which they are tried."""
