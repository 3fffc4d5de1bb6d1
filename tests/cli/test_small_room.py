"""A machine with little room for us: nobody reads, a disk is full, a folder is closed. The exit code stays the verdict's."""

import os
import resource
import shutil
import subprocess
import sys

import psycopg
import pytest

NOBODY = 65534
REPORT = "rollproof-report/result.json"


@pytest.fixture(scope="module")
def ground(server, tmp_path_factory):
    """A folder with a baseline, and the URL of its database."""
    folder, name = tmp_path_factory.mktemp("disk_space"), "rollproof_small_room"
    server.create(name)
    url = server.dsn(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS i")
    captured = run(folder, f"capture --database-url '{url}'")
    assert captured.returncode == 0, captured.stderr
    yield folder, url
    server.drop(name)


def run(folder, words, **options):
    """Run the command line by a shell, which closes and leads streams elsewhere."""
    command = f"exec {sys.executable} -m rollproof {words}"
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False, timeout=300, **options
    )


def verify(ground, words="", **options):
    folder, url = ground
    shutil.rmtree(folder / "rollproof-report", ignore_errors=True)
    return run(folder, f"verify --database-url '{url}' -k test_tables {words}", **options)


@pytest.mark.promise
@pytest.mark.parametrize("streams", [">&- 2>&-", "> /dev/full"], ids=["closed", "full"])
def test_what_cannot_be_printed_changes_no_exit_code(ground, streams):
    verified = verify(ground, streams)

    assert verified.returncode == 0, verified.stderr
    assert (ground[0] / REPORT).exists()
    assert "Traceback" not in verified.stderr
    assert verified.stderr.count("not all could be printed: No space left on device") == (streams == "> /dev/full")


def test_a_baseline_of_which_nothing_could_be_said_is_no_success(ground):
    folder, url = ground
    told = run(folder, f"repair --database-url '{url}' > /dev/full")

    assert told.returncode == 3, told.stderr


@pytest.mark.promise
@pytest.mark.parametrize("limit", ["files", "file size"])
def test_a_report_that_cannot_be_written_changes_no_exit_code(ground, limit):
    which = {"files": (resource.RLIMIT_NOFILE, 20), "file size": (resource.RLIMIT_FSIZE, 1000)}[limit]
    verified = verify(ground, preexec_fn=lambda: resource.setrlimit(which[0], (which[1], which[1])))

    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "Traceback" not in verified.stdout + verified.stderr
    assert (ground[0] / REPORT).exists() == (limit == "files")
    assert ("File too large" in verified.stdout) == (limit == "file size")


@pytest.mark.promise
def test_a_folder_in_which_we_may_not_write_is_told_and_changes_no_exit_code(ground, open_folder):
    folder, url = ground
    shutil.copy(folder / "baseline.json", open_folder)
    open_folder.chmod(0o555)
    limited = []
    if os.geteuid() == 0:  # without this power root obeys the mode of what belongs to others, as everybody does
        limited = [shutil.which("setpriv") or pytest.skip("setpriv is not installed"), "--bounding-set=-dac_override"]
        os.chown(open_folder, NOBODY, NOBODY)
    command = [*limited, sys.executable, "-m", "rollproof", "verify", "--database-url", url, "-k", "test_tables"]
    verified = subprocess.run(command, cwd=open_folder, capture_output=True, text=True, check=False, timeout=300)

    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "no report will be written" in verified.stdout
    assert "Permission denied" in verified.stdout
    assert not (open_folder / "rollproof-report").exists()


@pytest.mark.promise
def test_two_runs_at_once_come_to_the_same_verdict(ground, tmp_path):
    folder, url = ground
    command = [sys.executable, "-m", "rollproof", "verify", "--database-url", url, "-k", "test_tables or test_content"]
    both = [
        subprocess.Popen([*command, "--report-dir", str(tmp_path / each)], cwd=folder, stdout=subprocess.DEVNULL)
        for each in ("one", "two")
    ]

    assert [each.wait(300) for each in both] == [0, 0]
    verdicts = {
        (tmp_path / each / "result.json").read_text("utf-8").count("PARTLY VERIFIED") > 0 for each in ("one", "two")
    }
    assert verdicts == {True}
