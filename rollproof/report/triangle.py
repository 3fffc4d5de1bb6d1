"""Reference, backup and live table as a triangle: which two hold the same rows, and what that means. Pure."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from rollproof.model.amounts import counted
from rollproof.report.bars import MOST, more, shown
from rollproof.verdict.measured import Agreement

Pattern = tuple[bool | None, bool | None, bool | None]
"""Whether the rows are the same in reference and backup, in backup and live table, in reference and live table."""

_MEANS: Mapping[Pattern, tuple[str, str]] = {
    (False, False, False): (
        "reference, backup and live table are three different things",
        "The restore is damaged, and so is the backup: the rows can be had from none of these alone.",
    ),
    (True, False, False): (
        "the live table differs",
        "The restore is damaged: reference and backup agree, so the rows can be had from the backup.",
    ),
    (False, True, False): (
        "the reference differs",
        "The damage was done before or during the backup: restoring from the backup again would bring it back.",
    ),
    (False, False, True): (
        "the backup differs",
        "The live table is as in the reference. The backup is damaged: do not restore from it.",
    ),
    (True, True, True): ("all three agree", "Reference, backup and live table hold the same rows."),
}
"""The worst first: what each pattern is called, and what it means."""
_UNKNOWN = ("not all could be compared", "Where the sign is ?, nobody could tell.")
_ODD: Mapping[Pattern, str] = {
    (True, False, False): "live",
    (False, True, False): "reference",
    (False, False, True): "backup",
}
_CORNERS = (("reference", 130, 18), ("backup", 50, 122), ("live", 210, 122))
_SIDES = ((130, 18, 50, 122), (50, 122, 210, 122), (130, 18, 210, 122))
_PAIRS = ("reference and backup", "backup and live table", "reference and live table")
_SIGN = {True: ("same", "="), False: ("differs", "≠"), None: ("unknown", "?")}
_SAID = {True: "the same rows", False: "different rows", None: "nobody could tell"}


def drawn(agreement: Sequence[Agreement]) -> Markup:
    """Return a picture for each way in which the three agree or do not, the worst first, with the tables of which that is so."""
    tables: dict[Pattern, list[str]] = {}
    for each in agreement:
        tables.setdefault((each.reference_backup, each.backup_live, each.reference_live), []).append(each.table)
    found = sorted(tables, key=_badness)
    return Markup("\n").join(_figure(place, pattern, sorted(tables[pattern])) for place, pattern in enumerate(found))


def _badness(pattern: Pattern) -> tuple[float, str]:
    """Return where a pattern stands: what could not be compared is worse than what agrees, and not as bad as what differs."""
    known = list(_MEANS)
    return (known.index(pattern) if pattern in known else len(known) - 1.5), str(pattern)


def _figure(place: int, pattern: Pattern, tables: Sequence[str]) -> Markup:
    title, meaning = _MEANS.get(pattern, _UNKNOWN)
    pairs = "; ".join(f"{pair}: {_SAID[same]}" for pair, same in zip(_PAIRS, pattern, strict=True))
    names = Markup(", ").join(shown(table) for table in tables[:MOST])
    return Markup(
        '<figure class="chart triangle" id="chart-agreement-{}">\n{}\n'
        "<figcaption><strong>{}: {}</strong> {}<p>{}</p>{}</figcaption>\n</figure>"
    ).format(
        place,
        _svg(f"agreement-{place}", pattern, title, pairs),
        counted(len(tables), "table"),
        title,
        meaning,
        names,
        more(len(tables), "table"),
    )


def _svg(name: str, pattern: Pattern, title: str, pairs: str) -> Markup:
    sides = Markup("").join(_side(*points, _SIGN[same]) for points, same in zip(_SIDES, pattern, strict=True))
    odd = _ODD.get(pattern, "")
    corners = Markup("").join(_corner(word, x, y, is_odd=word == odd) for word, x, y in _CORNERS)
    return Markup(
        '<svg role="img" aria-labelledby="{0}-title {0}-desc" viewBox="0 0 260 140" width="260" height="140">'
        '<title id="{0}-title">{1}</title><desc id="{0}-desc">{2}</desc>{3}{4}</svg>'
    ).format(name, title, pairs, sides, corners)


def _side(x1: int, y1: int, x2: int, y2: int, drawn_as: tuple[str, str]) -> Markup:
    kind, sign = drawn_as
    x, y = (x1 + x2) // 2, (y1 + y2) // 2
    return Markup(
        '<line class="{0}" x1="{1}" y1="{2}" x2="{3}" y2="{4}"/><circle class="{0}" cx="{5}" cy="{6}" r="12"/>'
        '<text class="{0} sign" x="{5}" y="{7}">{8}</text>'
    ).format(kind, x1, y1, x2, y2, x, y, y + 5, sign)


def _corner(word: str, x: int, y: int, *, is_odd: bool) -> Markup:
    return Markup(
        '<rect class="corner{}" x="{}" y="{}" width="92" height="30" rx="5"/><text x="{}" y="{}">{}{}</text>'
    ).format(" odd" if is_odd else "", x - 46, y - 15, x, y + 5, "✗ " if is_odd else "", word)
