"""The steps that a tool names itself, when one of its commands is run."""

import re
import shlex
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.process import run
from rollproof.rehearsal.tools.row import Listed

_LIMIT = 300.0  # seconds
_NAMES = re.compile(r"[^\s,()]+")


@dataclass(frozen=True)
class Named:
    """A revision as a tool names it: `id` is what its commands take; `parents` and all that it `needs` are ids, too."""

    revision: str
    id: str
    parents: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    file: str = ""
    title: str = ""


def named(how: Listed, command: str, environment: Mapping[str, str], folder: Path) -> tuple[Named, ...]:
    """Run a tool's command that names revisions, and return them, first to last. Raises `Inconclusive` if it fails."""
    with tempfile.TemporaryDirectory(prefix="rollproof-") as made:
        output = Path(made, "output")
        ran = run(f"{{ {command}\n}} > {shlex.quote(str(output))}", environment, folder, _LIMIT)
        said = output.read_text("utf-8", "replace") if output.exists() else ""
    if how.none and re.search(how.none, f"{said}\n{ran.said}"):
        return ()
    if not ran.is_good:
        failed = ran.trouble or f"ended with exit code {ran.code}"
        raise Inconclusive(f"the tool did not say which migrations there are: {command} {failed}\n{said}\n{ran.said}")
    found = [_named(each) for each in re.finditer(how.step, said, re.MULTILINE)]
    if how.newest_first:
        found.reverse()
    if "parents" not in re.compile(how.step).groupindex:  # a tool whose steps follow each other
        before = [(), *((each.id,) for each in found)]
        found = [replace(each, parents=last, needs=last) for each, last in zip(found, before, strict=False)]
    return tuple(_unlike(each, found) for each in found)


def _unlike(each: Named, found: Iterable[Named]) -> Named:
    """Return a revision under a name that no other has."""
    alike = sum(other.revision == each.revision for other in found)
    return replace(each, revision=f"{each.revision} ({each.id[:7]})") if alike > 1 else each


def _named(found: "re.Match[str]") -> Named:
    told = {name: (text or "").strip() for name, text in found.groupdict().items()}
    parents = _several(told.get("parents", ""))
    needs = (*parents, *_several(told.get("others", "")))
    revision = told.get("revision") or told["id"]
    return Named(revision, told.get("id") or revision, parents, needs, told.get("file", ""), told.get("title", ""))


def _several(told: str) -> tuple[str, ...]:
    return tuple(each for each in _NAMES.findall(told) if each != "<base>")


def with_all_before(last: Iterable[Named], every: Iterable[Named]) -> tuple[Named, ...]:
    """Return these revisions and all that they need, as they are listed."""
    known, wanted, found = {each.id: each for each in every}, [each.id for each in last], set[str]()
    while wanted:
        if (one := wanted.pop()) not in found:
            found.add(one)
            wanted += known[one].needs if one in known else ()
    return tuple(each for each in known.values() if each.id in found)
