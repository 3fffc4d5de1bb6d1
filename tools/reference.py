"""Write the parts of docs/ that are the program's own: options, keys, checks, facets, verdicts, exit codes.

    uv run python tools/reference.py             # write them
    uv run python tools/reference.py --check     # fail if one is not what the program says

A page keeps its prose. What stands between `<!-- generated: NAME -->` and `<!-- end -->` is written here. Of a key of
rollproof.toml the name and the default are the program's, and what it means is the page's: a new key is refused until
somebody says that there.
"""

import datetime
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

import click
import msgspec
from msgspec.structs import FieldInfo, fields

from rollproof.cli import COMMANDS, main
from rollproof.commands.option_groups import TITLES, group_of, place_of, told, told_of_many
from rollproof.model.facets import Traits, facets
from rollproof.model.markers import MARKERS
from rollproof.model.phase import PHASES
from rollproof.settings.option_table import OF_A_RUN, OF_MANY, OPTIONS, Option
from rollproof.settings.options import Settings, sections
from rollproof.system.bundle import Explanation, check_files
from rollproof.system.bundle import told as explained
from rollproof.verdict.outcome import SEVERITIES
from rollproof.verdict.vocabulary import EXIT_CODES, VerdictWord, verdict_words

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SECTIONS: Mapping[str, type[msgspec.Struct]] = {"top": Settings, **sections()}
_BLOCK = re.compile(r"^(<!-- generated: (.+?) -->\n).*?^(<!-- end -->$)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`[^`]*`)")
_OPTION = re.compile(r"(?<![\w`-])(--[a-z][a-z-]*[a-z](?:=\w+)?)")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a table; cells are Markdown."""
    titles = list(head)
    for cells in (titles, ["---"] * len(titles)):
        yield f"| {' | '.join(cells)} |".replace("| --- ", "|---").replace("|--- |", "|---|")
    yield from (f"| {' | '.join(row)} |" for row in rows)


def plain(text: str) -> str:
    """Return a sentence of the program's as Markdown: nothing in it is markup, but for `code` and its options."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(part if place % 2 else _escaped(part) for place, part in enumerate(parts))


def _escaped(text: str) -> str:
    return _OPTION.sub(r"`\1`", re.sub(r"([*<|\\])", r"\\\1", text))


def options() -> Iterator[str]:
    """Yield a table of the settings for each group in which help shows them."""
    placed = sorted(OPTIONS, key=lambda each: (TITLES.index(_title(each)), place_of(each.field)))
    for title, group in groupby(placed, key=_title):
        yield from (f"## {title}", "", *table(("option", "variable", "default", "means"), map(_setting, group)), "")


def _title(known: Option) -> str:
    return group_of(known.field) or TITLES[-1]


def _setting(known: Option) -> tuple[str, ...]:
    said = re.fullmatch(r"(?s)(.*) \[default: (.*); \w+\]", told(known))
    assert said
    return f"`{_typed(known.flag, known.metavar)}`", f"`{known.variable}`", plain(said[2]), plain(said[1])


def _typed(flag: str, metavar: str | None) -> str:
    return f"{flag} {metavar or ''}".rstrip()


def options_of_runs() -> Iterator[str]:
    """Yield the options that are no setting, of all commands but rehearse."""
    of_a_run = (
        (f"`{_typed(each.long if each.field == 'config' else each.flag, each.metavar)}`", of, plain(each.help))
        for each, of in ((each, "all" if each.field == "config" else "verify, pytest") for each in OF_A_RUN)
    )
    of_many = (
        (f"`{_typed(each.flag, each.metavar)}`", "capture, verify", plain(told_of_many(each))) for each in OF_MANY
    )
    others = (row for name in COMMANDS if name != "rehearse" for row in _own_options(name))
    yield from table(("option", "of", "means"), (*of_a_run, *of_many, *others))


def options_of_rehearse() -> Iterator[str]:
    """Yield the options that only a rehearsal has."""
    yield from table(("option", "of", "means"), _own_options("rehearse"))


def _own_options(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield a command's options that are no setting; a group's are those of its commands."""
    command = main.get_command(click.Context(main), name)
    assert command
    inside = getattr(command, "commands", {})
    for whole, each in {name: command, **{f"{name} {inner}": found for inner, found in inside.items()}}.items():
        yield from ((typed, whole, help_) for typed, help_ in _own(each))


def _own(command: click.Command) -> Iterator[tuple[str, str]]:
    settings = (
        {known.flag for known in (*OPTIONS, *OF_MANY)}
        | {known.long for known in OF_A_RUN}
        | {known.flag for known in OF_A_RUN}
    )
    for param in command.params:
        if isinstance(param, click.Option) and not settings & {*param.opts} and not param.hidden:
            metavar = None if param.is_flag else param.make_metavar(click.Context(command))
            yield f"`{_typed(max(param.opts, key=len), metavar)}`", plain(param.help or "")


def keys(section: str, before: str) -> Iterator[str]:
    """Yield the keys of a section; what each means is taken from `before`, the block as it was."""
    known = {each.encode_name: each for each in fields(SECTIONS[section]) if not _elsewhere(section, each.name)}
    meanings = dict(re.findall(r"^\| `(.+?)` \| .*? \| (.*) \|$", before, re.MULTILINE))
    if untold := known.keys() - meanings.keys():
        sys.exit(f"docs/configuration.md: say what it means: | `{min(untold)}` | | … | (in the table of {section})")
    yield from table(("key", "default", "means"), ((f"`{key}`", default(known[key]), meanings[key]) for key in known))


def _elsewhere(section: str, name: str) -> bool:
    """Tell whether a key of the top is an option, or a section of its own."""
    return section == "top" and (name in SECTIONS or name in {known.field for known in OPTIONS})


def default(field: FieldInfo) -> str:
    """Return a key's default as rollproof.toml writes it."""
    if field.required:
        return "required"
    value = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    if value is None or value == datetime.date.min:
        return "none"
    return f"`{msgspec.json.encode(value).decode().replace(',', ', ')}`"


def verdicts() -> Iterator[str]:
    """Yield every word of a verdict."""
    rows = (
        (
            f"**{each.word}**",
            _code(each),
            "all"
            if len(each.phases) == len(PHASES)
            else ", ".join(f"`{name}`" for name in each.phases) or f"`rollproof {each.command}`",
            plain(each.meaning),
            plain(each.do),
        )
        for each in verdict_words()
    )
    yield from table(("verdict", "exit code", "phases", "means", "do"), rows)


def _code(word: VerdictWord) -> str:
    """Return the exit codes of a word: most have one, some with `--strict` another, and one any of the signals."""
    if word.exit_code is None:
        return "0 or 1" if word.command else "128 and more"
    return str(word.exit_code)


def exit_codes() -> Iterator[str]:
    """Yield every exit code."""
    yield from table(("code", "means"), ((str(code), plain(means)) for code, means in EXIT_CODES.items()))


def essentials() -> Iterator[str]:
    """Yield what each phase cannot do without."""
    rows = (
        (
            f"`{phase}`",
            plain(each.what),
            " or ".join(f"[{name}](checks.md#{name})" for name in each.checks),
            plain(each.way),
        )
        for phase in PHASES.values()
        for each in phase.essentials
    )
    yield from table(("phase", "without an answer nobody can say", "check", "how an answer is had"), rows)


def checks() -> Iterator[str]:
    """Yield every check by family, the most severe first."""
    every = [explained(name) for name in check_files()]
    for family, _, means in (*(each.partition(": ") for each in MARKERS), ("", "", "these look after the others")):
        of_it = [each for each in every if each.family == family]
        if of_it:
            yield from (
                f"## {f'Family {family}' if family else 'Of no family'}",
                "",
                f"{plain(means).capitalize()}.",
                "",
            )
        for each in sorted(of_it, key=lambda each: (SEVERITIES.index(each.severity), each.check)):
            yield from (*_check(each), "")


def _check(each: Explanation) -> Iterator[str]:
    yield from (f"### {each.check}", "")
    yield f"*{each.severity}, in {', '.join(f'`{phase}`' for phase in each.phases)}.* {plain(each.promises)}"
    yield ""
    for title, text in (("When it fails", each.fails), ("How to mend", each.mend), ("What it cannot see", each.blind)):
        yield f"- **{title}:** {plain(text)}"


def facet_table() -> Iterator[str]:
    """Yield every facet that a check compares, with what a fact of it is called and what is compared of it."""
    rows = (_facet(name, traits) for name, traits in sorted(facets().items()) if traits.holds != "input")
    yield from table(("facet", "a fact is", "compared of it", "pg_dump sees it too"), rows)


def _facet(name: str, traits: Traits) -> tuple[str, ...]:
    identity, description = _OF_NO_CATALOGUE.get(name) or _head(ROOT / "rollproof" / "catalog" / "sql" / f"{name}.sql")
    link = f"[`{name}`](checks.md#{name})" if name in check_files() else f"`{name}`"
    seen = "yes" if traits.pg_dump and traits.holds == "definitions" else "no"
    return link, plain(identity), plain(description), seen


def _head(file: Path) -> tuple[str, str]:
    """Return what a facet's SQL says first: identity and description. A sentence goes on in lines that are indented further."""
    head = re.sub(r"\n--  +", " ", file.read_text("utf-8"))
    found = re.match(r"-- identity: +(.+?)(?:\n--|  ) *description: +(.+)", head)
    if not found:
        sys.exit(f"{file.name} does not begin with `-- identity: …` and `-- description: …`")
    return found[1], found[2]


_OF_NO_CATALOGUE: Mapping[str, tuple[str, str]] = {
    "rows": ("schema.table", "the number of its rows"),
    "content": ("schema.table", "a fingerprint of all its rows"),
    "pg_dump": ("an entry of a dump", "its text"),
    "plans": ("a query under [[plans]]", "the shape of its plan, and the indexes in it"),
    "lookups": ("table (columns of a key)", "the plan of a look-up by it, and its cost"),
    "query_results": ("a query under [[queries]]", "the columns, the number of rows and digests of its answer"),
    "endpoint_answers": ("an endpoint under [[endpoints]]", "status and keys of its answer"),
    "endpoint_values": (
        "endpoint: place in its JSON",
        "type of a value under `values`, and digests of it as it is spelled and without what spelling alone makes",
    ),
}


BLOCKS: Mapping[str, Callable[[], Iterator[str]]] = {
    "options": options,
    "options of runs": options_of_runs,
    "options of rehearse": options_of_rehearse,
    "verdicts": verdicts,
    "exit codes": exit_codes,
    "essentials": essentials,
    "checks": checks,
    "facets": facet_table,
}


def renewed(page: str) -> str:
    """Return a page with its generated blocks as they should be."""
    return _BLOCK.sub(lambda block: "\n".join([block[1], *_trimmed(_lines(block[2], block[0])), "", block[3]]), page)


def _trimmed(lines: Iterable[str]) -> list[str]:
    return "\n".join(lines).strip("\n").split("\n")


def _lines(name: str, before: str) -> Iterator[str]:
    kind, _, which = name.partition(" ")
    return keys(which, before) if kind == "keys" else BLOCKS[name]()


def stale() -> dict[Path, str]:
    """Return each page that is not what it should be, with the text that it should have."""
    pages = {path: path.read_text("utf-8") for path in sorted(DOCS.glob("*.md"))}
    return {path: new for path, text in pages.items() if (new := renewed(text)) != text}


def write() -> None:
    """Write the pages, or say which is out of date."""
    for path, text in stale().items():
        if "--check" in sys.argv[1:]:
            sys.exit(f"{path.name} is not what the program says; run: uv run python tools/reference.py")
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
