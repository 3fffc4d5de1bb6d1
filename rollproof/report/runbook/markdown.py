"""runbook.md: for a repository, an editor, or a wiki."""

import re
from collections.abc import Iterator

from rollproof.report.markdown_text import cell, fenced
from rollproof.report.runbook.contents import contents, title, written
from rollproof.report.runbook.document import Code, Part, Points, Prose, Section, Table
from rollproof.report.runbook.known import Known

NAME = "runbook.md"
_MOST = 1_000_000  # letters of a block: no statement may be cut


def markdown(known: Known) -> str:
    """Return the runbook as GitHub-flavoured Markdown."""
    lines = [f"# {cell(title(known))}", "", text(written(known)), ""]
    for section in contents(known):
        lines += _section(section)
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(section: Section) -> Iterator[str]:
    yield from (f"{'#' * section.level} {text(section.title)}", "")
    for part in section.parts:
        yield from (*_part(part), "")


def _part(part: Part) -> Iterator[str]:
    match part:
        case Prose():
            yield text(part.text)
        case Points():
            yield from (f"- {'[ ] ' if part.boxes else ''}{text(each)}" for each in part.items)
        case Code():
            yield fenced(part.text, part.language, _MOST)
        case Table():
            yield f"| {' | '.join(part.head)} |"
            yield f"|{'---|' * len(part.head)}"
            yield from (f"| {' | '.join(text(each, in_table=True) for each in row)} |" for row in part.rows)


def text(said: str, *, in_table: bool = False) -> str:
    """Return a text of ours with what stands between backticks as code; nothing else in it is markup."""
    parts = said.split("`")
    made = "".join(_code(each, in_table=in_table) if place % 2 else _plain(each) for place, each in enumerate(parts))
    return re.sub(r"^(\d+)\\(?=[.])", r"\1", made) if in_table else made  # no list begins in a cell


def _code(word: str, *, in_table: bool) -> str:
    return f"`{word.replace('|', chr(92) + '|') if in_table else word}`"


def _plain(word: str) -> str:
    """Return words without markup; parentheses alone are none."""
    ends = word[len(word.rstrip(" ")) :] if word.strip(" ") else ""
    return (cell(word.rstrip(" ")) + ends if word.strip(" ") else word).replace("\\(", "(").replace("\\)", ")")
