"""Rules about our pages: their links lead somewhere, the options that they name exist; as `rules`, from a checkout to offenders."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import click
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rollproof.cli import COMMANDS, main
from rollproof.fleet.capture import capture as fleet_capture
from rollproof.fleet.verify import verify as fleet_verify
from rollproof.settings.option_table import OF_A_RUN, OPTIONS
from tests.house.source_tree import Checkout

_FOLDERS = (".", ".github", "benchmarks", "deploy", "docs", "reports", "rollproof", "scenarios", "tools")
_HISTORY = "CHANGELOG.md"  # names what was
_INDEX = Path("docs/README.md")
_OF_OTHERS = {  # programs that our pages speak of, and those of their options that stand alone there
    "docker": {"--build-arg", "--cap-drop", "--network", "--read-only"},
    "data_migration.py": {"--force", "--json", "--schema", "--while-connected"},
    "pg_dump": {"--create", "--no-subscriptions", "--statistics"},
    "pytest, not in its help": {"--junitxml"},
}
_OF_POSTGRESQL = (  # libpq's words, which we hand on
    "Connection refused",
    "timeout expired",
    'database "…" does not exist',
    'role "…" does not exist',
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "failed to resolve host …",
)
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*[a-z]")
_CALL = re.compile(r"(?<![\w./`-])(rollproof|pytest)((?: +[^\s|;&#)]+)+)")
_NO_LETTER = re.compile(r"[^\w\- ]")


def links(checkout: Checkout) -> list[str]:
    """A link to a file of ours, or to a heading in one, leads there."""
    return [
        f"{page}: {target}"
        for page, tokens in _pages(checkout)
        for target in _targets(tokens)
        if not _leads_somewhere(checkout, page, target)
    ]


def _leads_somewhere(checkout: Checkout, page: Path, target: str) -> bool:
    if target.startswith("https://"):
        return True  # somebody else's
    path, _, heading = unquote(target).partition("#")
    file = (checkout.root / page.parent / path).resolve() if path else checkout.root / page
    if not file.exists() or not file.is_relative_to(checkout.root.resolve()):
        return False
    return not heading or heading in _headings(file.read_text("utf-8"))


def _targets(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        for each in token.children or ():
            if target := each.attrGet("href") or each.attrGet("src"):
                yield str(target)


def _headings(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    tokens = MarkdownIt("commonmark").parse(text)
    titles = [following.content for token, following in pairwise(tokens) if token.type == "heading_open"]
    return {_NO_LETTER.sub("", title.lower()).replace(" ", "-") for title in titles}


def index(checkout: Checkout) -> list[str]:
    """docs/README.md leads to each page of docs."""
    every = {path.name for path in (checkout.root / "docs").glob("*.md")}
    found = {
        target.partition("#")[0] for page, tokens in _pages(checkout) if page == _INDEX for target in _targets(tokens)
    }
    return sorted(f"docs/{name}" for name in every - found - {_INDEX.name})


def options(checkout: Checkout) -> list[str]:
    """Each `rollproof …` and `pytest …` on a page is a command that exists, with options that it has."""
    return [
        f"{page}: {fault}"
        for page, tokens in _pages(checkout)
        if page.name != _HISTORY
        for text in _code(tokens)
        for fault in _faults(text)
    ]


def _faults(text: str) -> Iterator[str]:
    calls = list(_CALL.finditer(text.replace("\\\n", " ")))
    for program, words in (call.groups() for call in calls):
        first = words.split()[0]
        if program == "rollproof" and re.fullmatch("[a-z]+", first) and first not in COMMANDS:
            yield f"rollproof {first}"
        known = _known(first) if program == "rollproof" and first in COMMANDS else _known("verify")
        yield from (f"{program} {first} {option}" for option in _OPTION.findall(words) if option not in known)
    if not calls and _OPTION.match(text):
        every = set().union(*map(_known, COMMANDS), *_OF_OTHERS.values())
        yield from (option for option in _OPTION.findall(text) if option not in every)


def _of_many(command: str) -> list[click.Command]:
    """Return what the command becomes with --targets or --each-schema."""
    return {"capture": [fleet_capture], "verify": [fleet_verify]}.get(command, [])


@cache
def _known(command: str) -> set[str]:
    found = main.get_command(None, command)  # type: ignore[arg-type] # our group looks at the name alone
    assert found
    all_of_it = (found, *getattr(found, "commands", {}).values(), *_of_many(command))
    known = {option for each in all_of_it for param in each.params for option in (*param.opts, *param.secondary_opts)}
    if command == "verify":
        help_of_pytest = subprocess.run(
            [sys.executable, "-m", "pytest", "--help"], capture_output=True, text=True, check=True
        )
        known |= {flag for option in (*OPTIONS, *OF_A_RUN) for flag in (option.flag, option.long)}
        known |= set(_OPTION.findall(help_of_pytest.stdout))
    return known | {"--help", "--version"}


def messages(checkout: Checkout) -> list[str]:
    """Each message that docs/troubleshooting.md names is one of ours, or of PostgreSQL's when it lets nobody in."""
    known = [*_OF_POSTGRESQL, *_literals(checkout)]
    page = checkout.root / "docs" / "troubleshooting.md"
    said = re.findall(r"^\| `([^`]+)` \|", page.read_text("utf-8"), re.MULTILINE) if page.exists() else []
    return [f"{page.name}: {text}" for text in said if not any(_says(each, text) for each in known)]


def _says(literal: str, text: str) -> bool:
    """Tell whether a text with gaps (`…`) is in a literal, whose own gaps are braces."""
    at = 0
    for part in text.split("…"):
        at = literal.find(part.strip(), at)
        if at < 0:
            return False
    return True


def _literals(checkout: Checkout) -> Iterator[str]:
    for module in checkout.within("rollproof"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.JoinedStr):
                yield "".join(each.value if isinstance(each, ast.Constant) else "…" for each in node.values).replace(
                    "`", ""
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.sub(r"\{\w*\}", "…", node.value).replace("`", "")


def _pages(checkout: Checkout) -> Iterator[tuple[Path, list[Token]]]:
    found = {
        path for folder in _FOLDERS for path in (checkout.root / folder).glob("*.md" if folder == "." else "**/*.md")
    }
    for path in sorted(found):
        yield path.relative_to(checkout.root), MarkdownIt("commonmark").enable("table").parse(path.read_text("utf-8"))


def _code(tokens: list[Token]) -> Iterator[str]:
    """Yield each line of a block, and each `span`."""
    for token in tokens:
        if token.type == "fence":
            yield from token.content.replace("\\\n", " ").splitlines()
        yield from (each.content for each in token.children or () if each.type == "code_inline")
