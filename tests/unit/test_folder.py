"""The report folder: every run is kept whole, and runs at once do not meet."""

import itertools
import json
import os
import random
import re
import signal
import time
from contextlib import suppress
from functools import partial

import pytest

from rollproof.report import folder as module
from rollproof.report.folder import Runs, file_names
from rollproof.system import file_lock
from rollproof.verdict.row_file import append, emptied

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")  # the children touch no thread

WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z-")


def run(folder, word="VERIFIED", text="new", keep=100):
    """Publish one run of one process and leave."""
    one = Runs(folder, keep)
    written = list(one.publish(word, dict.fromkeys(file_names(), text.encode())))
    notes = one.met()
    one.leave()
    return written, notes


def kept(folder):
    """Return the names of the runs, the oldest first."""
    return sorted(each.name for each in (folder / "runs").iterdir() if not each.name.startswith("."))


def forked(work):
    """Do it in a process of its own, and return its exit code."""
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.promise
def test_every_run_is_kept_whole_and_the_folder_shows_the_newest(tmp_path):
    words = ["VERIFIED", "NOT RESTORED", "PARTLY VERIFIED", "INTERRUPTED", "VERIFIED"]
    for number, word in enumerate(words):
        run(tmp_path, word, f"run {number}")
    names = kept(tmp_path)

    assert all(map(WHEN.match, names))
    assert [WHEN.sub("", name) for name in names] == [word.lower().replace(" ", "-") for word in words]
    for number, name in enumerate(names):
        assert {path.name: path.read_text() for path in (tmp_path / "runs" / name).iterdir()} == dict.fromkeys(
            file_names(), f"run {number}"
        )
    assert {(tmp_path / name).read_text() for name in file_names()} == {"run 4"}


def test_the_oldest_runs_go_and_nothing_that_is_not_ours(tmp_path):
    for _ in range(4):
        run(tmp_path)
    oldest, second, third, fourth = kept(tmp_path)
    (tmp_path / "runs" / second / "why.txt").write_text("mine")
    for name in ("0000-notes", "2020-01-01T000000.000Z-verified.bak"):
        (tmp_path / "runs" / name).mkdir()
    (tmp_path / "runs" / "2020-01-01T000000.000Z-verified").symlink_to(tmp_path / "runs" / fourth)
    run(tmp_path, keep=2)

    left = kept(tmp_path)
    assert oldest not in left
    assert third not in left
    assert [path.name for path in (tmp_path / "runs" / second).iterdir()] == ["why.txt"]
    assert {"0000-notes", "2020-01-01T000000.000Z-verified.bak", "2020-01-01T000000.000Z-verified", fourth} < {*left}
    (tmp_path / "runs" / "2020-01-01T000000.000Z-verified").unlink()
    run(tmp_path, keep=1)
    run(tmp_path, keep=0)
    assert len(list((tmp_path / "runs").glob("*/result.json"))) == 2


def test_a_file_that_a_run_has_not_is_not_left_from_an_older_one(tmp_path):
    run(tmp_path)
    one = Runs(tmp_path, 100)
    list(one.publish("VERIFIED", {"result.json": b"newer"}))
    one.leave()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["result.json", "runs"]


def test_what_became_another_verdict_is_one_run(tmp_path):
    one = Runs(tmp_path, 100)
    list(one.publish("VERIFIED", dict.fromkeys(file_names(), b"first")))
    list(one.publish("INTERRUPTED", dict.fromkeys(file_names(), b"second")))
    one.leave()

    (name,) = kept(tmp_path)
    assert name.endswith("Z-interrupted")
    assert (tmp_path / "runs" / name / "junit.xml").read_text() == (tmp_path / "junit.xml").read_text() == "second"


def slowly(replace, *given):
    time.sleep(random.random() / 50)  # noqa: S311 (so that they would overtake each other)
    replace(*given)


def at_once(folder, count):
    """Publish runs in so many processes, all of which are in the folder before the first has written."""
    ready, go = os.pipe(), os.pipe()
    children = [entering(folder, number, ready[1], go[0]) for number in range(count)]
    waited = count
    while waited:
        waited -= len(os.read(ready[0], 100))
    os.write(go[1], b"x" * count)
    ended = [os.waitpid(child, 0)[1] for child in children]
    for descriptor in (*ready, *go):
        os.close(descriptor)
    assert ended == [0] * count


def entering(folder, number, ready, go):
    """Return a process that is in the folder, and writes what it was told there as soon as it may."""
    if child := os.fork():
        return child
    module.replace_file = partial(slowly, module.replace_file)
    one = Runs(folder, 100)
    one.enter()
    os.write(ready, b"x")
    os.read(go, 1)
    text = json.dumps([number, str(one.own("baseline.json")), str(one.own("at-risk")), *one.met()])
    list(one.publish("VERIFIED", dict.fromkeys(file_names(), text.encode())))
    one.leave()
    os._exit(0)


@pytest.mark.promise
def test_runs_at_once_do_not_meet_and_each_says_that_there_were_others(tmp_path):
    """The last to write owns the folder's files."""
    at_once(tmp_path, 10)

    told = [json.loads((tmp_path / "runs" / name / "result.json").read_bytes()) for name in kept(tmp_path)]
    assert sorted(number for number, *_ in told) == list(range(10))
    assert len({path for each in told for path in each[1:3]}) == 20
    (first,) = (each for each in told if each[1] == str(tmp_path / "baseline.json"))
    assert first[2] == str(tmp_path / "at-risk")
    for number, _, _, *notes in told:
        assert len(notes) == 9, number
        assert all(re.match(r"another run \(process \d+, since [\dT:-]+Z\) wrote to ", note) for note in notes)
    assert len({(tmp_path / name).read_bytes() for name in file_names()}) == 1
    assert json.loads((tmp_path / "junit.xml").read_bytes()) == told[-1]


@pytest.mark.promise
def test_a_killed_run_leaves_whole_files_and_is_in_nobodys_way(tmp_path):
    """Killed at each of its steps: what stands in the folder is the old file or the new one, and the next run is alone."""
    run(tmp_path, text="old")
    step = 1
    while forked(partial(dying, tmp_path, step)) == -signal.SIGKILL:
        assert {(tmp_path / name).read_text() for name in file_names()} <= {"old", "new"}
        _, notes = run(tmp_path, text="old")
        assert notes == ()
        assert list((tmp_path / "runs").glob(".running-*")) == []
        step += 1
    assert step > 15


def dying(folder, step):
    """Publish a run, and die before the step-th call that the next power cut would notice."""
    left = itertools.count(1)

    def before(real):
        def met(*given, **how):
            if next(left) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **how)

        return met

    os.fsync, os.rename, os.replace = map(before, (os.fsync, os.rename, os.replace))
    run(folder, text="new")


def test_a_run_of_the_version_before_is_in_nobodys_way_and_keeps_its_folder(tmp_path):
    place = tmp_path / "runs" / ".running-4711-2026-01-01T000000.000001Z"
    place.mkdir(parents=True)
    held = file_lock.hold(place / ".lock")

    assert run(tmp_path)[1] != ()
    assert place.exists()
    os.close(held)
    assert run(tmp_path)[1] == ()
    assert not place.exists()


OBSTACLES = {
    "a file": lambda path: path.write_text(""),
    "below a file": lambda path: path.parent.write_text(""),
    "a link to nowhere": lambda path: path.symlink_to(path.parent / "nowhere"),
    "a name too long": str,
    "runs is a file": lambda path: (path.mkdir(), (path / "runs").write_text("")),
}


@pytest.mark.parametrize("what", OBSTACLES)
def test_a_folder_that_cannot_be_is_said_and_never_raises(what, tmp_path):
    folder = (
        tmp_path / "some" / ("r" * 300 if what == "a name too long" else "reports")
    )  # pathlib raises where it looks
    if what != "below a file":
        folder.parent.mkdir()
    OBSTACLES[what](folder)
    one = Runs(folder, 100)
    known = one.obstacle()
    written, notes = run(folder)

    assert (known is None) == (what == "runs is a file")
    assert notes == ()
    assert [each.path.name for each in written if not each.problem] == (
        [*file_names()] if what == "runs is a file" else []
    )


def test_a_folder_that_vanishes_is_made_again_and_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "reports").symlink_to(tmp_path / "real")
    one = Runs(tmp_path / "reports", 100)
    one.enter()
    for path in sorted((tmp_path / "real").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    written = list(one.publish("VERIFIED", dict.fromkeys(file_names(), b"x")))
    one.leave()

    assert sorted(path.name for path in (tmp_path / "real").iterdir())[: len(file_names())] == sorted(file_names())
    assert [each.path.name for each in written if each.problem == ""][: len(file_names())] == [*file_names()]


def test_without_locks_every_run_is_written_all_the_same(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(file_lock.fcntl, "flock", refused)
    first = Runs(tmp_path, 100)
    first.enter()
    written, notes = run(tmp_path)

    assert ([each for each in written if each.problem], notes) == ([], ())
    list(first.publish("VERIFIED", dict.fromkeys(file_names(), b"x")))
    assert len(kept(tmp_path)) == 2


def test_the_file_of_rows_is_of_one_run(tmp_path):
    """The second run at once gets a file of its own; what a look would have emptied stays."""
    file, ready = tmp_path / "rows.jsonl", os.pipe()
    file.write_text("of last night\n")
    other = os.fork()
    if not other:
        emptied(file)
        append(file, [{"number": 1}])
        os.write(ready[1], b"x")
        signal.pause()
    os.read(ready[0], 1)
    ours = emptied(file)
    append(ours, [{"number": 2}])
    os.kill(other, signal.SIGKILL)
    os.waitpid(other, 0)

    assert (ours.name, ours.read_text()) == (f"rows-{os.getpid()}.jsonl", '{"number": 2}\n')
    assert file.read_text() == '{"number": 1}\n'
    assert emptied(file) == file == emptied(file)
    for descriptor in ready:
        os.close(descriptor)
