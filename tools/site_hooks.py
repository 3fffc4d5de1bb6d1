"""What MkDocs is told beside mkdocs.yml, so that the pages need not be written twice: once for GitHub and once for the site.

Some pages lie outside docs/ (the changelog, the benchmarks): they become pages of the site. A link to any other file of ours
becomes one to the repository. What stands behind the language of a fenced block is for our tests (fixtures/pages.py), but a
file's name, which becomes its title. A line that is nothing but a link to a text becomes that text.

What was made is looked at, and a warning fails the build: a page must load nothing from another host, and must have the
lists, tables and blocks that it has on GitHub, whose Markdown is not that of MkDocs.
"""

import logging
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from markdown_it import MarkdownIt
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
OUTSIDE = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/RESULTS.md")
COUNTED = ("ul", "ol", "li", "tr", "pre", "h1", "h2", "h3")
_FENCE = re.compile(r"^( *)(```+|~~~+)([\w+-]+)[ \t]+(.*)$", re.MULTILINE)
_LINK = re.compile(r"(\]\()([^)\s:#]+)(#[^)\s]*)?(\))")
_TEXT = re.compile(r"^\[[^\]]+\]\((\S+\.txt)\)$", re.MULTILINE)
_LOADED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc=[\"']?((?:https?:)?//[^\"'\s>]+)", re.IGNORECASE
)
_LINKED = re.compile(
    r"<link\b(?![^>]*\brel=[\"']?canonical)[^>]*\bhref=[\"']?((?:https?:)?//[^\"'\s>]+)", re.IGNORECASE
)
_ASKED = re.compile(r"data-md-component=[\"']?source[\"'\s>]|class=[\"']?mermaid", re.IGNORECASE)
_LOG = logging.getLogger("mkdocs.hooks")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside docs/."""
    for name in OUTSIDE:
        files.append(File.generated(config, name, content=(ROOT / name).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return a page as MkDocs wants it: with links that lead somewhere on the site, and plain languages of its blocks."""
    here = _folder_of(page.file.src_uri)

    def led(link: re.Match[str]) -> str:
        opening, target, heading, closing = link.groups(default="")
        return opening + _target(target, here, page.file.src_uri, config, files) + heading + closing

    return _LINK.sub(led, plain_languages(with_texts(markdown, ROOT / here)))


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 (MkDocs's signature)
    """Warn of what GitHub shows in another way."""
    for fault in unlike(page.markdown or "", html):
        _LOG.warning("%s: %s", page.file.src_uri, fault)
    return html


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001
    """Warn of what a browser would load from another host."""
    for host in loaded(output):
        _LOG.warning("%s loads something from elsewhere: %s", page.file.src_uri, host)
    return output


def with_texts(markdown: str, folder: Path) -> str:
    """Return a page in which the text itself stands where a line is nothing but a link to it."""
    return _TEXT.sub(lambda link: f"```text\n{(folder / link[1]).read_text('utf-8')}```", markdown)


def plain_languages(markdown: str) -> str:
    """Return a page whose blocks begin with a language alone, or with a language and a title."""
    return _FENCE.sub(_fence, markdown)


def unlike(markdown: str, html: str) -> Iterator[str]:
    """Yield which elements are more or fewer than CommonMark, which is GitHub's, makes of the text."""
    wanted, made = _elements(MarkdownIt("commonmark").enable("table").render(markdown)), _elements(html)
    yield from (f"{made[name]} <{name}>, on GitHub {wanted[name]}" for name in COUNTED if wanted[name] != made[name])


def _elements(html: str) -> Counter[str]:
    return Counter(name for name in re.findall(r"<([a-z0-9]+)[\s>]", html) if name in COUNTED)


def loaded(html: str) -> Iterator[str]:
    """Yield what a page would load from another host, or makes Material ask of GitHub or of a CDN."""
    yield from (*_LOADED.findall(html), *_LINKED.findall(html), *_ASKED.findall(html))


def _folder_of(source: str) -> PurePosixPath:
    """Return the folder of the repository in which a page's file lies."""
    return PurePosixPath("" if source in OUTSIDE else "docs", source).parent


def _target(target: str, here: PurePosixPath, source: str, config: MkDocsConfig, files: Files) -> str:
    inside = posixpath.normpath(here / target)
    name = inside.removeprefix("docs/")
    file = files.get_file_from_path(name)
    if file and file.inclusion != InclusionLevel.EXCLUDED and (name != inside or name in OUTSIDE):
        return posixpath.relpath(name, PurePosixPath(source).parent)
    if not (ROOT / inside).exists():
        return target  # for MkDocs to complain of
    return "/".join([config.extra["repository"], "tree" if (ROOT / inside).is_dir() else "blob", "main", inside])


def _fence(line: re.Match[str]) -> str:
    indent, marks, language, words = line.groups()
    file = next((word.removeprefix("file=") for word in words.split() if word.startswith("file=")), "")
    return f'{indent}{marks}{language} title="{file}"' if file else f"{indent}{marks}{language}"
