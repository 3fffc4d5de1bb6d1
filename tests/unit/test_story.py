"""A rehearsal's own commands: read from a file, run one after the other, served until all of it is stopped."""

import signal
import sys
import time

import psutil
import pytest

from rollproof.commands import bundled_story as story
from rollproof.commands.bundled_story import Service, Story, free_port, run
from rollproof.model.errors import Inconclusive, Misuse

WHOLE = 'setup = ["a"]\nmigrate = ["b", "c"]\nrollback = ["d"]\n'
SERVER = f"{sys.executable} -m http.server --bind 127.0.0.1 $PORT"


def read(folder, text):
    (folder / "rehearsal.toml").write_text(text)
    return Story.read(folder / "rehearsal.toml")


def test_a_story_is_read_as_it_was_written(tmp_path):
    assert read(tmp_path, WHOLE) == Story(("a",), ("b", "c"), ("d",))
    assert read(tmp_path, f'{WHOLE}serve = "s"\nready = "http://h/"') == Story(
        ("a",), ("b", "c"), ("d",), "s", "http://h/"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('setup = ["a"]\nmigrate = []\n', "rollback"),
        (f'{WHOLE}rolback = ["d"]', "rolback"),
        ('setup = "a"', "array"),
        ("setup = [", "cannot be read"),
        (None, "No such file"),
    ],
)
def test_what_is_no_story_is_refused_with_its_name(text, says, tmp_path):
    with pytest.raises(Misuse, match=rf"rehearsal\.toml cannot be read: .*{says}|{says}"):
        read(tmp_path, text) if text is not None else Story.read(tmp_path / "rehearsal.toml")


def test_commands_run_in_their_folder_and_know_their_environment(tmp_path):
    run(["echo $WHO > told", "cat told told > twice"], tmp_path, {"WHO": "the shop"})

    assert (tmp_path / "twice").read_text() == "the shop\nthe shop\n"


def test_after_a_command_that_fails_none_runs_and_its_last_lines_are_told(tmp_path):
    failing = "seq 50; echo why >&2; exit 3"

    with pytest.raises(Inconclusive) as stopped:
        run([failing, "touch after"], tmp_path, {})

    first, *lines = str(stopped.value).splitlines()
    assert first == f"the rehearsal stopped: {failing} ended with 3"
    assert lines == [*map(str, range(12, 51)), "why"]
    assert not (tmp_path / "after").exists()


def test_a_service_answers_when_it_is_there_and_nothing_of_it_is_left(tmp_path):
    port = free_port()
    service = Service(f"{SERVER} & wait", f"http://127.0.0.1:{port}/", tmp_path, {"PORT": str(port)})
    children = psutil.Process(service._process.pid).children(recursive=True)  # noqa: SLF001 (whose end is the point)

    service.stop()
    service.stop()

    _, alive = psutil.wait_procs(children, 5)
    assert children
    assert alive == []


def test_a_service_that_ends_before_it_answers_is_told(tmp_path):
    with pytest.raises(Inconclusive, match="exit 5 ended with 5 before it answered"):
        Service("exit 5", f"http://127.0.0.1:{free_port()}/", tmp_path, {})


def test_a_service_that_does_not_answer_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(story, "READY_SECONDS", 0.1)
    port = free_port()

    with pytest.raises(Inconclusive, match=r"did not answer within 0\.1 s"):
        Service("echo $$ > pid; sleep 60", "http://127.0.0.1:${PORT}/", tmp_path, {"PORT": str(port)})

    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_a_service_that_does_not_listen_to_sigterm_is_killed(tmp_path, monkeypatch):
    service = Service("trap '' TERM; touch deaf; while :; do sleep 0.05; done", None, tmp_path, {})
    while not (tmp_path / "deaf").exists():
        time.sleep(0.01)
    wait = service._process.wait  # noqa: SLF001 (five seconds are long)
    monkeypatch.setattr(service._process, "wait", lambda seconds: wait(seconds / 20))  # noqa: SLF001

    service.stop()

    assert service._process.returncode == -signal.SIGKILL  # noqa: SLF001
