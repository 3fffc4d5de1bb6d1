"""A canary for a password, typed in every spelling to every command with every mistake: it sings in no output and no file."""

import html
import json
import os
import re
import subprocess
import sys
from urllib.parse import unquote

import pytest

CANARY = "c4n4ry"
NOWHERE = "postgresql://u@127.0.0.1:1/d"
ELSEWHERE = "postgresql://u@127.0.0.1:2/d"
SPELLINGS = (
    f"postgresql://u:{CANARY}@127.0.0.1:1/d",
    f"postgresql://u:a@{CANARY}@127.0.0.1:1/d",
    "postgresql://u:%634n4r%79@127.0.0.1:1/d",
    f"postgresql://127.0.0.1:1/d?user=u&password={CANARY}",
    f"host=127.0.0.1 port=1 dbname=d user=u password={CANARY}",
    f"host=127.0.0.1 password='{CANARY} x",
    f"postgresql+psycopg://u:{CANARY}/{CANARY}?#@127.0.0.1:1/d",
    f"postgresql://u:(x)*[{CANARY}$\\{CANARY}ä@127.0.0.1:1/d",
    f"postgresql://u:{CANARY} {CANARY}@127.0.0.1:1/d",
)
QUICK = (
    ["capture", "URL"],
    ["capture", "--database-url", "URL"],
    ["capture", "--databaseurl=URL"],
    ["capture", "--output", "URL", "--database-url", NOWHERE],
    ["capture", "--jobs", "URL", "--database-url", NOWHERE],
    ["capture", "--rollproof-config", "URL"],
    ["doctor", "--database-url", "URL"],
    ["doctor", "--database-url", NOWHERE, "--reference", "URL"],
    ["repair", "--database-url", NOWHERE, "--reference", "URL"],
    ["explain", "URL"],
    ["completion", "URL"],
    ["init", "--database-url", "URL"],
    ["init", "--database-url", NOWHERE, "--output", "URL"],
    ["incident", "open", "URL", "--issue", "URL", "--stakeholder", "URL", "--by", "URL", "--decided", "Ann: URL"],
    ["incident", "note", "URL", "--by", "URL"],
    ["incident", "note", "--done", "URL"],
    ["incident", "note", "--at", "URL", "x"],
    ["incident", "close", "URL"],
    ["incident", "verify", "--head", "URL"],
    ["URL"],
    ["--databaseurl=URL", "capture"],
)
BY_PYTEST = (
    ["--databaseurl=URL"],
    ["URL"],
    ["--database-url", NOWHERE, "--reference", "URL"],
    ["--database-url", "URL", "--junit-prefix", "URL"],
    ["--database-url", "URL", "--debug", "--trace-config", "-vv", "--showlocals"],
    ["--database-url", NOWHERE, "-k", "URL"],
    ["--database-url", NOWHERE, "--reference", ELSEWHERE, "--report-dir", "URL"],
    ["--database-url", NOWHERE, "--reference", ELSEWHERE, "--junit-xml", "URL"],
    ["--database-url", NOWHERE, "--reference", ELSEWHERE, "-vv", "--showlocals"],
    ["--database-url", NOWHERE, "--jobs", "URL"],
    ["--database-url", NOWHERE, "--evidence-file", "URL"],
    ["--database-url", NOWHERE, "--backup-file", "x", "--server", "URL"],
    ["-m", "URL"],
    ["--log-level", "URL"],
)
EARLY = (
    ["-o", "URL"],
    ["-p", "URL"],
    ["-c", "URL"],
    ["--rootdir", "URL"],
    ["--import-mode=URL"],
)  # before pytest knows us
CONFIGURATIONS = ('database_url = "URL\n', "databse_url = '''URL'''\n", "database_url = '''URL'''\njobs = '''URL'''\n")
# Each run ends in this one process; what it prints is told apart by the marks.
DRIVER = """
import json, os, sys
import pytest
import rollproof.plugin
from rollproof.cli import main
from rollproof.system.bundle import pytest_arguments

for number, (arguments, variables, configuration) in enumerate(json.load(sys.stdin)):
    print(f"\\n<<{number}>>", flush=True)
    print(f"\\n<<{number}>>", file=sys.stderr, flush=True)
    os.environ |= variables
    if configuration:
        open("rollproof.toml", "w").write(configuration)
    try:
        if arguments[0] == "pytest":
            sys.argv[1:] = pytest_arguments(arguments[1:])
            sys.exit(pytest.main(plugins=[rollproof.plugin]))
        main(arguments)
    except SystemExit as ended:
        print("ended:", ended.code, flush=True)
    for name in variables:
        del os.environ[name]
    if configuration:
        os.unlink("rollproof.toml")
"""


def runs():
    """Return what is typed, which variables are set, and what is in rollproof.toml, each time."""

    def typed(words, url):
        return [word.replace("URL", url) for word in words]

    for place, words in enumerate(EARLY):
        yield ["verify", *typed(words, SPELLINGS[place])], {}, ""
    for place, words in enumerate(BY_PYTEST):
        phase = [] if "-m" in words else ["-m", "post_rollback"]
        yield ["pytest", *phase, *typed(words, SPELLINGS[place % len(SPELLINGS)])], {}, ""
    for url in SPELLINGS:
        yield from ((typed(words, url), {}, "") for words in QUICK)
        yield ["capture"], {"ROLLPROOF_DATABASE_URL": url}, ""
        yield from ((["capture"], {}, words.replace("URL", url)) for words in CONFIGURATIONS)
    for place, words in enumerate(BY_PYTEST[:2]):
        yield ["verify", *typed(words, SPELLINGS[place])], {}, ""
    yield ["verify", "--password", CANARY], {}, ""
    yield ["verify"], {"PYTEST_ADDOPTS": f"--databaseurl={SPELLINGS[0]}"}, ""
    yield ["verify"], {}, CONFIGURATIONS[1].replace("URL", SPELLINGS[1])


def sung(told):
    """Return where the canary is in a text, or in what a browser or a decoder makes of it."""
    plain = unquote(html.unescape(told))
    return [plain[max(0, found.start() - 60) : found.end() + 40] for found in re.finditer(CANARY[1:-1], plain)]


@pytest.mark.promise
def test_no_command_however_mistyped_shows_a_password(tmp_path):
    typed = list(runs())
    done = subprocess.run(
        [sys.executable, "-c", DRIVER],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        input=json.dumps(typed),
        capture_output=True,
        check=True,
        text=True,
    )
    told = re.split(r"\n<<(\d+)>>\n", done.stdout + done.stderr)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    assert done.stdout.count("ended:") == len(typed)
    assert set(re.findall("ended: (.*)", done.stdout)) == {
        "0",
        "4",
        "7",
    }  # of an incident all is taken that somebody types
    assert [
        (typed[int(number)], found)
        for number, text in zip(told[1::2], told[2::2], strict=True)
        if (found := sung(text))
    ] == []
    assert [path for path, data in files.items() if sung(str(path)) or sung(data.decode("utf-8", "replace"))] == []
    assert len(files) > 4
