"""Pieces of GitHub-flavoured Markdown that no text from a database can leave: cells, fenced blocks, folded parts."""

import re

from rollproof.model.printable import harmless, one_line, unbidden

CELL = 500
"""Letters of a cell."""
EVIDENCE = 8_000
"""Letters of one fenced block."""
ALL = "all in result.json"
_CUT = f"\n… cut here, {ALL}\n"
_OPENS = re.compile("(```+)[a-z]*$")


def cell(text: str) -> str:
    """Return text that stays in its cell: no markup, no link, no line end, nothing invisible of its own, not without end.

    Nobody is called by it: in a comment `@all` would write to everybody, so something of no width stands behind the `@`.
    """
    plain = unbidden(one_line(text if len(text) <= CELL else text[:CELL] + "…"))
    marked = re.sub(r"([\\`*_{}\[\]()<>#|!&~$])", r"\\\1", plain)
    marked = re.sub(
        r"(?<!\w)@(?=\w)", "@&#8203;", marked
    )  # a backslash does not help: they look for it when it is gone
    # At a line's start these begin a list or underline a heading; the last two would become links.
    return re.sub(r"^(\s*)([-+=])|^(\s*\d+)(?=[.)])|(?<=[a-z])(?=://)|(?<=www)(?=\.)", r"\1\3\\\2", marked)


def fenced(text: str, language: str = "text", most: int = EVIDENCE) -> str:
    """Return text as a block that nothing in it ends, cut where it is too long."""
    shown = harmless(text if len(text) <= most else f"{text[:most]}\n… cut here, {ALL}")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def folded(title: str, lines: list[str]) -> list[str]:
    """Return lines that are shown when somebody opens them; the `title` is ours, and no markup. Nothing if there are none."""
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>"] if lines else []


def cut(text: str, room: int) -> str:
    """Return as many lines as fit into so many bytes, all if all do; a fence and a folded part that are open there are closed."""
    if len(text.encode("utf-8", "replace")) <= room:
        return text
    kept, fence, folds = list[str](), "", 0
    room -= len(_CUT.encode())
    for line in text.splitlines(keepends=True):
        opened, deeper = (
            _after(line, fence),
            folds + (0 if fence else line.count("<details>") - line.count("</details>")),
        )
        room -= len(line.encode("utf-8", "replace"))
        if room < len(_ends(opened, deeper)):
            break
        kept.append(line)
        fence, folds = opened, deeper
    if kept and _OPENS.match(kept[-1].rstrip("\n")) and fence:  # nothing would stand in it
        kept, fence = kept[:-1], ""
    return "".join([*kept, _ends(fence, folds), _CUT]) if kept else ""


def _after(line: str, fence: str) -> str:
    """Return the fence that is open below a line, "" for none."""
    if fence:
        return "" if line.rstrip("\n") == fence else fence
    found = _OPENS.match(line.rstrip("\n"))
    return found[1] if found else ""


def _ends(fence: str, folds: int) -> str:
    return (f"{fence}\n" if fence else "") + "\n</details>\n" * folds
