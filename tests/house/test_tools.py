"""Habits that run by themselves: pins, skeletons, the night's run and what calls them."""

import importlib.util
import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NIGHT = (ROOT / ".ci" / "night").read_text("utf-8")
PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")


def tool(name):
    """Import a program of tools/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_uv_run_takes_the_versions_of_the_lock():
    """`uv.lock` cannot be committed, so `uv run` is told by constraints."""
    locked = tool("pin").pinned((ROOT / "requirements.lock").read_text("utf-8"))
    known = tomllib.loads(PYPROJECT)["tool"]["uv"]["constraint-dependencies"]

    assert known == locked
    assert "pytest" in {pin.partition("==")[0] for pin in locked}


@pytest.mark.parametrize("name", ["core", "build"])
def test_what_the_image_installs_is_of_the_lock(name):
    """The same packages by the same hashes; `just lock` writes all of them."""
    smaller, whole = (_locked(path) for path in (ROOT / ".ci" / f"{name}.lock", ROOT / "requirements.lock"))

    assert smaller
    assert {each: whole.get(each) for each in smaller} == smaller


def test_the_image_installs_what_a_production_host_needs():
    wanted = tomllib.loads(PYPROJECT)["project"]["dependencies"]
    locked = {re.split(r"[\[=]", each)[0] for each in _locked(ROOT / ".ci" / "core.lock")}

    assert {re.split(r"[\[<>=]", each)[0] for each in wanted} <= locked
    assert not locked & {"psutil", "pytest-postgresql", "starlette", "hatchling"}


def _locked(path):
    """Return each package with its hashes."""
    blocks = re.findall(r"^([\w.-]+\S*==[^\\]+)((?:\\\n +--hash=\S+ ?)+)", path.read_text("utf-8"), re.MULTILINE)
    return {name.partition(";")[0].strip(): set(re.findall(r"--hash=(\S+)", hashes)) for name, hashes in blocks}


def test_other_versions_are_noticed_and_written():
    pin = tool("pin")
    lock = "# comment\na==1.0 \\\n    --hash=sha256:00\nb[extra]==2.0 ; sys_platform == 'win32' \\\n    # via a\n"

    assert pin.pinned(lock) == ["a==1.0", "b[extra]==2.0"]
    for before in (PYPROJECT, PYPROJECT.replace("pytest==", "pytest==0.")):
        after = pin.with_pins(before, pin.pinned(lock))
        assert tomllib.loads(after)["tool"]["uv"]["constraint-dependencies"] == ["a==1.0", "b[extra]==2.0"]
        assert after != before
    with pytest.raises(SystemExit, match="constraint-dependencies"):
        pin.with_pins("[project]\n", ["a==1"])


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("middle", ["z", "a", "middle", "x"]),
        ("y", ["z", "a", "x", "y"]),
        ("_first", ["z", "_first", "a", "x"]),
    ],
)
def test_a_new_facet_has_its_row_where_the_alphabet_has_it(name, order):
    """Those above that part stand in the order in which they can be dropped."""
    text = tool("new").with_row("# head\n\n[z]\nnames = 1\n\n[a]\n\n[x]\nnames = 2\n", name)

    assert re.findall(r"^\[(\w+)\]$", text, re.MULTILINE) == order
    assert tomllib.loads(text) == {"z": {"names": 1}, "a": {}, name: {}, "x": {"names": 2}}


@pytest.mark.parametrize(
    "words", [[], ["check"], ["facet", "Sizes"], ["facet", "../x"], ["phase", "x"], ["check", "a", "b"]]
)
def test_a_skeleton_needs_a_kind_and_a_plain_name(words, monkeypatch):
    monkeypatch.setattr("sys.argv", ["new.py", *words])

    with pytest.raises(SystemExit, match="small letters and underscores"):
        tool("new").main()


def test_a_skeleton_overwrites_nothing(monkeypatch, tmp_path):
    new = tool("new")
    monkeypatch.setattr(new, "ROOT", tmp_path)
    kept = tmp_path / "scenarios" / "cases" / "sizes" / "change.sql"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")

    with pytest.raises(SystemExit, match=r"there is a scenarios/cases/sizes/change\.sql already"):
        new.write("check", "sizes")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]


@pytest.mark.parametrize(
    "case",
    [
        ([1, 3, 36, 0], "75", None),
        ([1, 3, 36, 0], "76", r"75\.0 % of the planted mistakes were noticed, fewer than 76 %"),
        ([1, 33], "51", r"50\.0 %"),
        ([1, None], "0", "1 mutants were not tried"),
        ([], "0", "0 mutants were not tried"),
    ],
)
def test_what_no_test_notices_fails_the_night(case, monkeypatch, tmp_path, capsys):
    codes, least, says = case
    mutants = tool("mutants")
    folder = tmp_path / "mutants" / "rollproof"
    folder.mkdir(parents=True)
    (folder / "x.py.meta").write_text(json.dumps({"exit_code_by_key": dict(enumerate(codes))}))
    monkeypatch.setattr("sys.argv", ["mutants.py", str(tmp_path), least])

    if says is None:
        mutants.main()
        assert "| rollproof/x.py | 4 | 3 | 1 | 0 | 75 % |" in capsys.readouterr().out
    else:
        with pytest.raises(SystemExit, match=says):
            mutants.main()


SET_BY_PEOPLE = {
    "ROLLPROOF_KEEP_PICTURES",
    "ROLLPROOF_SERVER",
    "ROLLPROOF_DATABASE_URL",
    "ROLLPROOF_JOBS",
    "ROLLPROOF_LOCK_TIMEOUT",
    "ROLLPROOF_POSTGRES_IMAGE",
}


def test_each_sampled_test_is_exhaustive_at_night():
    widened = set(re.findall(r"^ +(ROLLPROOF_\w+)=\w+", NIGHT, re.MULTILINE))
    sources = [path.read_text("utf-8") for folder in ("tests", "scenarios") for path in (ROOT / folder).rglob("*.py")]
    read = {name for text in sources for name in re.findall(r'environ(?:\.get\(|\[)"(ROLLPROOF_\w+)"', text)}

    assert widened == read - SET_BY_PEOPLE


def test_the_workflow_runs_what_we_run():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")

    assert re.findall(r"run: (.+)", workflow) == ["bash .ci/run", "bash .ci/night"]
    assert f"LEAST_KILLED={85}" in NIGHT


def test_each_command_that_the_manual_names_is_in_the_justfile():
    recipes = set(re.findall(r"^([a-z-]+)[^:\n]*:(?!=)", (ROOT / "justfile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bjust ([a-z][a-z-]+)", (ROOT / "CONTRIBUTING.md").read_text("utf-8")))

    assert named - recipes == set()
    assert {"fast", "test", "lint", "new-check", "new-facet", "bench"} <= recipes
