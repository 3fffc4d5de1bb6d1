"""A finding in a few words, for who reads it at a glance: `column status: text, was varchar(20)`. Pure."""

from dataclasses import dataclass

from rollproof.model.facets import traits
from rollproof.model.finding import Finding
from rollproof.model.printable import one_line
from rollproof.verdict.subjects import Subject, subject_of


@dataclass(frozen=True)
class Wording:
    """A finding in a few words: the `place` (a table, or an object of no table), and there what kind of thing, which, what of it.

    `noun` and `name` are empty where the place itself is meant, as of its rows.
    """

    place: str
    noun: str
    name: str
    change: str

    def __str__(self) -> str:
        """What stands beside the place: `index orders_status_idx missing`."""
        return " ".join(filter(None, [self.noun, self.name, self.change]))


def worded(finding: Finding, tables: frozenset[str]) -> Wording:
    """Return a finding in a few words; `tables` are the tables of both sides, as SQL writes their names."""
    subject = subject_of(finding)
    place = subject.table if subject.table in tables else subject.path
    name = subject.path.removeprefix(place).removeprefix(".")
    return Wording(place, _noun(subject), name, _change(finding))


def _noun(subject: Subject) -> str:
    kinds = traits(subject.facet).kinds
    return subject.kind or (kinds[0].kind if kinds else "")


def _change(finding: Finding) -> str:
    if not finding.compared:
        return one_line(finding.sentence)
    if None in (finding.expected, finding.actual):
        return finding.change.removeprefix("is ").removeprefix("was ")
    return f": {one_line(finding.actual or '')}, was {one_line(finding.expected or '')}"
