"""What is known of each migration tool: the rows of `tools.toml`."""

from functools import cache
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("tools.toml")


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file by which a tool is recognised, and what a line of it must match."""

    file: str
    holds: str = ""


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command whose output names steps, as `step` finds them."""

    command: str
    step: str
    newest_first: bool = False
    are_last: bool = False
    none: str = ""


class Files(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Files that are steps: one for each way, or with marks where each way begins in one file."""

    up: str
    down: str = ""
    up_begins: str = ""
    down_begins: str = ""
    no_transaction: str = ""
    options: str = ""
    refused: str = ""


class Single(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The only step."""

    revision: str


class Books(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tool's table in `model/bookkeeping.toml`: the column that names what is applied, and one that must be true."""

    tool: str
    column: str
    is_last: bool = False
    only: str = ""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tool; the comment of `tools.toml` says what each key means."""

    name: str
    title: str
    signs: tuple[Sign, ...]
    program: str = ""
    instead_of: tuple[str, ...] = ()
    up: str = ""
    down: str = ""
    first_down: str = ""
    root: str = ""
    to_head: str = ""
    takes_later: bool = False
    within_app: bool = False
    in_file: str = ""
    irreversible: str = r"(?i)(error|exception)\b.*irreversible"
    no_way: str = ""
    listed: Listed | None = None
    files: Files | None = None
    single: Single | None = None
    applied: Listed | None = None
    books: tuple[Books, ...] = ()


@cache
def known() -> tuple[Row, ...]:
    """Return every tool that is known, in the order of the file."""
    found = {each["name"]: each for each in msgspec.toml.decode(FILE.read_bytes())["tool"]}
    whole = [{**found.get(each.pop("like", ""), {}), **each} for each in found.values()]
    return msgspec.convert(whole, tuple[Row, ...])
