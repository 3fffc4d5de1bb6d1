"""A finding in a few words, for who reads it at a glance: `column status: text, was varchar(20)`. Pure."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from rollproof.model.facets import facets_where, traits
from rollproof.model.finding import Finding, RowReport
from rollproof.model.printable import one_line
from rollproof.verdict.changes import LETTERS, changes, fitting, shortened
from rollproof.verdict.clauses import KINDS
from rollproof.verdict.special_words import SPECIAL
from rollproof.verdict.subjects import LEFTOVERS, MISSING, NEW, Subject, subject_of
from rollproof.verdict.words import Wording

NO_ROWS: Mapping[str, RowReport] = MappingProxyType({})
_OF_TABLES = facets_where(lambda each: each.part_of == "table" or each.about == "table") | {
    *("migrated_edges", "orphans", "publications", "sequence_values", "subscriptions")
}
_TABLE_KINDS = ("table", "partitioned table", "foreign table")
_IN_TABLES = ("column", "constraint", "policy", "rule", "trigger")
_OTHER_NOUNS = {  # of what no kind of object is told
    "collation_versions": "collation",
    "commands": "command",
    "endpoint_answers": "endpoint",
    "endpoint_latency": "endpoint",
    "endpoint_values": "endpoint",
    "endpoints": "endpoint",
    "extension_members": "member",
    "foreign_tables": "foreign table",
    "foreign_key_triggers": "constraint",
    "migrated_edges": "foreign key",
    "orphans": "foreign key",
    "planner_statistics": "planner statistics",
    "lookups": "look-up",
    "plans": "plan",
    "query_results": "query",
    "sequence_positions": "sequence",
    "sequence_values": "column",
    "services": "service",
    "settings": "setting",
}


def worded(finding: Finding, tables: Collection[str], rows: Mapping[str, RowReport] = NO_ROWS) -> Wording:
    """Return a finding in a few words.

    `tables` are the tables of both sides, as SQL writes their names; `rows` tells of some of them which rows differ.
    """
    subject = subject_of(finding)
    in_table = _is_in_table(subject, tables)
    place = subject.table if in_table else subject.path
    name = subject.path.removeprefix(place).removeprefix(".") if in_table else ""
    is_table = place in tables or (in_table and not tables) or (subject.facet == "tables" and place == subject.path)
    noun = _noun(subject, is_table=is_table and not name)
    if (noun, place) == ("database", "this"):
        noun, place = "", "database"
    place = place.removesuffix(f" ({noun})")
    said = Wording(place, noun, name, _change(subject, LETTERS - len(f"{noun} {name}: ")), is_table)
    special = SPECIAL.get(subject.facet)
    return special(said, subject, rows) if special else said


def _is_in_table(subject: Subject, tables: Collection[str]) -> bool:
    """Tell whether the finding is about a table or view, or something in one, by whose name it can be found."""
    if not subject.table:
        return False
    attached = subject.kind in _TABLE_KINDS or subject.kind.endswith(_IN_TABLES)
    return subject.table in tables or subject.facet in _OF_TABLES or attached


def _noun(subject: Subject, *, is_table: bool) -> str:
    """Return what kind of thing the words are about; "" where that is the place, and the place is a table."""
    kinds = traits(subject.facet).kinds
    text = (subject.texts or ("",))[0]
    if subject.facet == "constraints":
        return next((noun for kind, noun in KINDS.items() if text.startswith(kind)), "constraint")
    told = next((each.kind for each in kinds if each.fits(subject.finding.subject, text)), "")
    kind = next((kind for kind in _IN_TABLES if subject.kind.endswith(f" {kind}")), subject.kind.lower())
    noun = kind or told or _OTHER_NOUNS.get(subject.facet, "")
    if noun in _TABLE_KINDS and (is_table or subject.kind):
        return "table" if subject.facet in ("tables", LEFTOVERS) else ""
    return noun


def _change(subject: Subject, room: int) -> str:
    finding = subject.finding
    if not finding.compared:
        return _sentence(subject)
    if subject.way == MISSING:
        return "missing"
    if subject.way == NEW:
        return "left behind"
    return fitting(changes(subject.facet, *subject.texts), max(room, LETTERS // 2))


def _sentence(subject: Subject) -> str:
    """Return the sentence of a finding without its subject, and without what there is no room for."""
    sentence = one_line(subject.finding.sentence)
    for known in filter(None, (subject.finding.subject, subject.path, subject.table)):
        sentence = sentence.removeprefix(one_line(known)).lstrip(" :,")
        sentence = sentence.replace(f" in {one_line(known)}", "").replace(f" of {one_line(known)}", "")
    if len(sentence) > LETTERS and ": " in sentence:
        sentence = sentence[: sentence.rindex(": ", 0, LETTERS + 2)] if ": " in sentence[: LETTERS + 2] else sentence
    return shortened(sentence or "found")
