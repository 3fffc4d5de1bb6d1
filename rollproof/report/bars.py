"""A table whose numbers are also drawn as bars, in inline SVG. Pure.

The numbers are the text, for a screen reader, for print and for a search; the bars beside them are left out of what is read aloud.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rollproof.model.amounts import counted
from rollproof.model.printable import one_line, unbidden

MOST = 12
"""How many lines a picture has at most."""
_THINNEST = 0.5  # per cent, so that what is not nothing is seen
_THICK = 9  # of a bar, in pixels; with the gap below it 11


@dataclass(frozen=True)
class Line:
    """A line: whose numbers these are, one for each bar (None: nobody knows it), and the words that stand in its columns."""

    label: str
    values: tuple[float | None, ...]
    words: tuple[str, ...]


def bars(name: str, caption: str, headings: Sequence[str], kinds: Sequence[str], lines: Sequence[Line]) -> Markup:
    """Return the figure `chart-NAME`; "" without lines.

    `headings` are those of the labels and of the words; `kinds` are the classes of the bars of a line, in order, which a legend
    explains where there are several.
    """
    if not lines:
        return Markup("")
    whole = max((value for line in lines for value in line.values if value), default=0.0) or 1.0
    head = Markup('<th scope="col">{}</th><td></td>{}').format(headings[0], _headings(headings[1:]))
    body = Markup("\n").join(_row(line, kinds, whole) for line in lines[:MOST])
    return Markup(
        '<figure class="chart" id="chart-{}">\n<figcaption>{}{}</figcaption>\n<table>\n<thead><tr>{}</tr></thead>\n'
        "<tbody>\n{}\n</tbody>\n</table>{}\n</figure>"
    ).format(name, caption, _legend(kinds), head, body, more(len(lines), "line"))


def more(number: int, noun: str) -> Markup:
    """Return how many of so many things are not shown; "" if all are."""
    rest = counted(number - MOST, f"more {noun}")
    return Markup('\n<p class="more">and {}, in result.json</p>').format(rest) if number > MOST else Markup("")


def shown(text: str) -> Markup:
    """Return a name from the database, safe to show and read in its own direction."""
    return Markup("<bdi>{}</bdi>").format(unbidden(one_line(text)))


def _headings(texts: Sequence[str]) -> Markup:
    return Markup("").join(Markup('<th scope="col" class="number">{}</th>').format(text) for text in texts)


def _legend(kinds: Sequence[str]) -> Markup:
    if len(kinds) == 1:
        return Markup("")
    key = Markup('<span class="key"><svg class="bars" width="26" height="9" aria-hidden="true">{}</svg> {}</span>')
    return Markup(" ") + Markup(" ").join(key.format(_bar(kind, 100.0, 0), kind) for kind in kinds)


def _row(line: Line, kinds: Sequence[str], whole: float) -> Markup:
    drawn = Markup("").join(
        _bar(kind, max(_THINNEST, 100 * value / whole), place)
        for place, (kind, value) in enumerate(zip(kinds, line.values, strict=True))
        if value
    )
    high = len(kinds) * (_THICK + 2)
    words = Markup("").join(Markup('<td class="number">{}</td>').format(word) for word in line.words)
    return Markup(
        '<tr><th scope="row">{}</th><td class="drawn"><svg class="bars" width="100%" height="{}" aria-hidden="true">{}</svg></td>'
        "{}</tr>"
    ).format(shown(line.label), high, drawn, words)


def _bar(kind: str, width: float, place: int) -> Markup:
    return Markup('<rect class="{}" x="0" y="{}" width="{:.2f}%" height="{}"/>').format(
        kind, place * (_THICK + 2) + 1, width, _THICK - 2
    )
