"""The page of what is not compared: `python -m rollproof.catalog.coverage > docs/not-compared.md`."""

import sys
from collections.abc import Iterable, Iterator

from rollproof.catalog.queries import not_compared

_HEAD = """\
# What is not compared

Written by `python -m rollproof.catalog.coverage > docs/not-compared.md` from `rollproof/catalog/coverage.toml`; do not edit
it here. A test walks every column of every table of PostgreSQL's catalogue, on each major from 14 to 18, and demands that a
query of ours reads it or that it stands below.

## What you could miss

Printed with every verdict as "not checked".

| what | why |
|---|---|
"""
_RENDERED = """
## Seen through PostgreSQL's own eyes

These columns of the catalogue no query reads; a built-in function or view that a query calls prints what they hold.

| by | columns |
|---|---|
"""
_BOOKKEEPING = """
## Nothing to restore

| why | columns |
|---|---|
"""


def page() -> str:
    """Return the page as Markdown."""
    file = not_compared()
    return "".join(
        (
            _HEAD,
            *_rows((entry.what, entry.reason) for entry in file.not_checked),
            _RENDERED,
            *_rows((group.by, _columns(group.columns)) for group in file.rendered),
            _BOOKKEEPING,
            *_rows((group.reason, _columns(group.columns)) for group in file.bookkeeping),
        )
    )


def _rows(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"| {left} | {right} |\n" for left, right in rows)


def _columns(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.stdout.write(page())
