"""docs/options.md and docs/configuration.md name every option and every key, with the default that is the program's."""

import datetime
import re
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import FieldInfo, fields

from fixtures.pages import blocks
from rollproof.cli import COMMANDS, main
from rollproof.commands.option_groups import told
from rollproof.settings.configuration import resolve
from rollproof.settings.endpoint import Endpoint
from rollproof.settings.option_table import OF_A_RUN, OPTIONS
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Drill, Rehearsal
from rollproof.settings.sections import Backup, ForeignKey, Log, Migration, Plan, TableRule
from rollproof.settings.waiver import Waiver

DOCS = Path(__file__).parents[2] / "docs"
SECTIONS = {
    "At the top of the file": Settings,
    "`[backup]`": Backup,
    "`[log]`": Log,
    "`[migration]`": Migration,
    '`[tables."schema.table"]`': TableRule,
    "`[[foreign_key]]`": ForeignKey,
    "`[[endpoints]]`": Endpoint,
    "`[[plans]]`": Plan,
    "`[rehearsal]`": Rehearsal,
    "`[drill]`": Drill,
    "`[[waiver]]`": Waiver,
}
OF_THEIR_OWN = {
    "backup",
    "log",
    "migration",
    "tables",
    "foreign_key",
    "endpoints",
    "plans",
    "waiver",
    "rehearsal",
    "drill",
}


def rows(text):
    """Return the cells of each row of a page's tables, as they are."""
    return [
        tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in text.splitlines() if line[:3] == "| `"
    ]


def test_each_option_has_its_line():
    said = rows((DOCS / "options.md").read_text("utf-8"))
    for known in OPTIONS:
        means, default = re.fullmatch(r"(?s)(.*) \[default: (.*); \w+\]", told(known)).groups()
        typed = f"{known.flag} {known.metavar}".rstrip()
        line = (f"`{typed}`", f"`{known.variable}`", default, means)

        assert line in said, "docs/options.md lacks this line:\n| " + " | ".join(line) + " |"
    settings = {line[0] for line in said if line[1].startswith("`ROLLPROOF_")}
    assert len(settings) == len(OPTIONS)


def test_each_option_that_is_no_setting_has_its_line():
    said = {(line[0].strip("`").split()[0], line[1]) for line in rows((DOCS / "options.md").read_text("utf-8"))}
    settings = {known.flag for known in OPTIONS} | {"--help", "--rollproof-config"}
    assert {known.flag for known in OF_A_RUN} <= {flag for flag, _ in said}
    for name in COMMANDS:
        for param in main.get_command(None, name).params:
            for option in {*param.opts} - settings:
                assert not option.startswith("--") or (option, name) in said, (
                    f"docs/options.md lacks {option} of {name}"
                )


@pytest.mark.parametrize("title", SECTIONS)
def test_each_key_has_its_line(title):
    text = (DOCS / "configuration.md").read_text("utf-8")
    (section,) = re.findall(rf"^## {re.escape(title)}(?:: [^\n]*)?\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    elsewhere = {known.field for known in OPTIONS} | OF_THEIR_OWN if SECTIONS[title] is Settings else set()
    keys = {each.encode_name: default(each) for each in fields(SECTIONS[title]) if each.name not in elsewhere}

    assert {line[0].strip("`"): line[1] for line in rows(section)} == keys


def default(field: FieldInfo) -> str:
    """Return a key's default as rollproof.toml writes it."""
    if field.required:
        return "required"
    value = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    if value is None or value == datetime.date.min:
        return "none"
    return f"`{msgspec.json.encode(value).decode().replace(',', ', ')}`"


def test_each_configuration_that_a_page_shows_is_one(tmp_path):
    file = tmp_path / "rollproof.toml"
    (tmp_path / "ops/checks").mkdir(parents=True)  # a page names it, and what is named must be there
    shown = {}
    for page in sorted(DOCS.rglob("*.md")):
        for block in blocks(page.read_text("utf-8")):
            if block.language == "toml" and "plan.toml" not in block.text:  # that is the vibes script's
                file.write_text(block.text, "utf-8")
                shown[f"{page.name}:{block.line}"] = resolve({}, {}, file)

    assert len(shown) > 15
