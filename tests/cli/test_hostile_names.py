"""One database whose names hold whatever can harm a terminal, a CI's log, a page or a script; damaged; and all that leaves.

All of it is run as in GitHub Actions, where some lines are meant to be obeyed.
"""

import html.parser
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest

from fixtures.hostile_names import EVIL, hostile, name
from fixtures.readers import execute
from fixtures.runner_commands import obeyed, shown
from rollproof.model.printable import BLANK

COMMAND = re.compile(r"^\s*::|##\[|##vso\[|##teamcity\[", re.MULTILINE | re.IGNORECASE)
PAINT = re.compile(r"\x1b\[(?:[012]|3[1-6])m")  # pytest's own; among the names is another
FORGED = re.compile(r"^\s{0,3}(?:FORGED|=* ?VERIFIED.* FORGED)", re.MULTILINE)


@pytest.fixture(scope="module")
def there(server):
    """The database, whole and then damaged: the URL, and what damages it."""
    with hostile(server) as made:
        yield made


@pytest.fixture(scope="module")
def outputs(command, there, tmp_path_factory):
    """All that leaves, as a runner shows it: what → text; and what it obeys: "commands" → one for each line."""
    url, damages = there
    folder = tmp_path_factory.mktemp("hostile")
    baseline, typed, told = str(folder / "baseline.json"), ["--database-url", url], {"commands": ""}

    def run(name, *arguments):
        runner = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "step-summary")}
        done = command(folder, name, *arguments, environment=runner)
        told[name] = PAINT.sub("", shown(done.output))
        told["commands"] += "".join(f"{line}\n" for line in re.split("\r|\n", done.output) if obeyed(line))
        return done.returncode

    assert run("capture", *typed, "--output", baseline) == 0, told
    execute(url, *damages)
    loud = ("-vv", "-ra", "--tb=long", "--color=yes")
    assert run("verify", *typed, "--reference", baseline, *loud) == 1, told["verify"][-3000:]
    for path in (*(folder / "rollproof-report").iterdir(), folder / "step-summary"):
        if path.is_file():
            told[path.name] = path.read_text("utf-8")
    run("doctor", *typed, "--reference", baseline)
    assert run("init", *typed, "--output", "-") == 0, told["init"]
    assert run("repair", *typed, "--reference", baseline, "--drop-leftovers") == 0
    execute(url, told["repair"])
    return told | {"repair again": command(folder, "repair", *typed, "--reference", baseline).output}


def shapeless(told):
    """Return the letters that nobody would see, or that a terminal obeys; a line end is ours."""
    return sorted({letter for letter in told if letter != "\n" and (letter in BLANK or not letter.isprintable())})


@pytest.mark.promise
def test_nothing_that_leaves_moves_a_cursor_hides_or_turns(outputs):
    assert {what: found for what, told in outputs.items() if (found := shapeless(told))} == {}
    assert {
        "capture",
        "verify",
        "doctor",
        "init",
        "repair",
        "report.html",
        "junit.xml",
        "summary.md",
        "result.json",
    } <= set(outputs)


@pytest.mark.promise
def test_nothing_that_leaves_commands_a_runner(outputs):
    others = {what: told for what, told in outputs.items() if what != "commands"}

    assert {what: found for what, told in others.items() if (found := COMMAND.findall(told) or obeyed(told))} == {}


@pytest.mark.promise
def test_a_runner_obeys_nothing_but_our_annotations(outputs):
    """Nor is there a command in what they say: the runner writes it into the log that a page reads."""
    found = obeyed(outputs["commands"])

    assert [each for each in found if each.name not in ("error", "warning") or {*each.properties} != {"title"}] == []
    assert [each for each in found if COMMAND.search(each.data + "\n" + each.properties["title"])] == []
    assert len([each for each in found if each.name == "error"]) == 10


@pytest.mark.promise
def test_no_line_is_a_names_own(outputs):
    """A name with a line end would write a verdict of its own; a definition keeps its lines, further in."""
    lines = {what: told for what, told in outputs.items() if what != "report.html"}  # there a box of its own holds them

    assert {what: found for what, told in lines.items() if (found := FORGED.findall(told))} == {}


@pytest.mark.promise
def test_the_printed_statements_are_right_whatever_the_names(outputs):
    """They were run, those of the leftovers and then those of repair: what is left is what no statement mends."""
    left = [line for line in outputs["repair again"].splitlines() if not line.startswith("-- ")]

    assert "ALTER TABLE U&" in outputs["repair"]
    assert left == []
    assert len(re.findall("no statement is certain", outputs["repair again"])) <= 3 * len(EVIL), outputs["repair again"]


def test_the_reports_are_what_their_readers_take(outputs):
    names = [
        finding["subject"] for each in json.loads(outputs["result.json"])["outcomes"] for finding in each["findings"]
    ]
    tags, links = [], []
    parser = html.parser.HTMLParser()
    parser.handle_starttag = lambda tag, attributes: (tags.append(tag), links.append(dict(attributes).get("href", "#")))
    parser.feed(outputs["report.html"])
    junit = ET.fromstring(outputs["junit.xml"])  # noqa: S314 (it is ours)
    outside = re.sub(r"^(`{3,})(?:text|sql|sh)\n.*?\n\1$", "", outputs["summary.md"], flags=re.DOTALL | re.MULTILINE)

    assert [kind for kind, raw in EVIL.items() if not any(name(raw) in identity for identity in names)] == []
    assert set(tags).isdisjoint({"img", "iframe", "object"})
    assert tags.count("script") == 1
    assert [link for link in links if not link.startswith("#")] == []
    assert [kind for kind in junit.iter("property") if "\n" in kind.get("value")] == []
    assert re.search(r"(?<!\\)<img|(?<!\\)\]\(", outside) is None


def test_a_browser_sees_nothing_that_a_name_says(outputs, tmp_path):
    """The policy would stop a script by itself; here it is taken out, so that only the escaping protects."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed, so no browser can say whether a script would run")
    file = tmp_path / "page.html"
    file.write_text(re.sub("<meta http-equiv=[^>]*>", "", outputs["report.html"]), "utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile", "--dump-dom"]
    seen = subprocess.run([program, *flags, file.as_uri()], capture_output=True, check=True, timeout=90).stdout.decode()

    assert "<title>NOT RESTORED" in seen
    assert "<img" not in seen
