"""runbook.html: the same as one page to read or print, without a script or anything from outside."""

from rollproof.report.html import environment
from rollproof.report.runbook.contents import contents, title, written
from rollproof.report.runbook.document import Code, Points, Prose, Table
from rollproof.report.runbook.known import Known

NAME = "runbook.html"
_KINDS = {Prose: "prose", Points: "points", Code: "code", Table: "table"}


def html(known: Known) -> str:
    """Return the runbook as a page; its Content-Security-Policy allows nothing but its own style, by hash."""
    sections = [(each, [(_KINDS[type(part)], part) for part in each.parts]) for each in contents(known)]
    template = environment().get_template("runbook.html.j2")
    return template.render(title=title(known), written=written(known), sections=sections)
