"""What MkDocs is told beside mkdocs.yml, so that the pages need not be written twice: once for GitHub and once for the site.

Some pages lie outside docs/ (the changelog, the benchmarks): they become pages of the site. A link to any other file of ours
becomes one to the repository. What stands behind the language of a fenced block is for our tests (fixtures/pages.py), but a
file's name, which becomes its title.
"""

import posixpath
import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
OUTSIDE = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/RESULTS.md")
_FENCE = re.compile(r"^( *)(```+|~~~+)([\w+-]+)[ \t]+(.*)$", re.MULTILINE)
_LINK = re.compile(r"(\]\()([^)\s:#]+)(#[^)\s]*)?(\))")


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

    return _LINK.sub(led, _FENCE.sub(_fence, markdown))


def _folder_of(source: str) -> PurePosixPath:
    """Return the folder of the repository in which a page's file lies."""
    return PurePosixPath("" if source in OUTSIDE else "docs", source).parent


def _target(target: str, here: PurePosixPath, source: str, config: MkDocsConfig, files: Files) -> str:
    inside = posixpath.normpath(here / target)
    name = inside.removeprefix("docs/")
    if files.get_file_from_path(name) and (name != inside or name in OUTSIDE):
        return posixpath.relpath(name, PurePosixPath(source).parent)
    kind = "tree" if (ROOT / inside).is_dir() else "blob"
    return f"{config.extra['repository']}/{kind}/main/{inside}" if (ROOT / inside).exists() else target


def _fence(line: re.Match[str]) -> str:
    indent, marks, language, words = line.groups()
    file = next((word.removeprefix("file=") for word in words.split() if word.startswith("file=")), "")
    return f'{indent}{marks}{language} title="{file}"' if file else f"{indent}{marks}{language}"
