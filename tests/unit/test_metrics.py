"""Metrics of a run, as both parsers of prometheus-client read them: what they say, and what no label can do."""

import re
from pathlib import Path

import pytest
from prometheus_client import parser as classic
from prometheus_client.openmetrics import parser as openmetrics

from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from rollproof.commands.metrics_file import put_metrics, require_metrics
from rollproof.model.errors import Misuse
from rollproof.probes.sequence_headroom import headroom
from rollproof.report.metric_text import GAUGES, PREFIX, Sample, text
from rollproof.report.metrics import MOST, MOST_NAMED, Beside, ended, samples, so_far, verdicts
from rollproof.verdict.measured import AnswerTime
from rollproof.verdict.selected import Selected

COMMON = {"command": "verify", "phase": "post_rollback", "database": "app@db.example/shop"}
GOOD = report(outcome(), verdict="VERIFIED", exit_code=0, selection=Selected(1, 1), families={"columns": "types"})


def read(exposed, parser=classic):
    """Return the values by name and by the labels that are not common to all."""
    families = parser.text_string_to_metric_families(exposed.decode())
    every = [sample for family in families for sample in family.samples]
    return {
        (each.name.removeprefix(PREFIX), *(v for k, v in sorted(each.labels.items()) if k not in COMMON)): each.value
        for each in every
    }


def of(told, beside=Beside(ended=2000.0, last_good=1000.0)):  # noqa: B008 (a frozen value)
    return text(samples(told, beside), COMMON)


def test_a_good_run_is_the_last_good_one():
    values = read(of(GOOD))

    assert (values["run_good",], values["exit_code",], values["verdict", "VERIFIED"]) == (1, 0, 1)
    assert values["last_run_timestamp_seconds",] == values["last_good_run_timestamp_seconds",] == 2000
    assert (values["cases", "types", "verified"], values["cases", "types", "not restored"]) == (1, 0)


def test_a_bad_run_is_newer_than_the_last_good_one():
    values = read(of(report(outcome("not restored", severity="critical"))))

    assert (values["run_good",], values["exit_code",]) == (0, 1)
    assert (values["verdict", "NOT RESTORED"], values["verdict", "VERIFIED"]) == (1, 0)
    assert (values["last_run_timestamp_seconds",], values["last_good_run_timestamp_seconds",]) == (2000, 1000)
    assert (values["findings", "critical"], values["findings", "low"]) == (1, 0)


def test_a_run_of_a_part_is_not_good():
    told = report(outcome(), verdict="PARTLY VERIFIED", exit_code=0)

    assert read(of(told))["run_good",] == 0


def test_a_run_that_never_began_says_so():
    values = read(text(ended("MISUSE", 4, Beside(ended=2000.0), verdicts("post_rollback")), COMMON))

    assert (values["run_good",], values["exit_code",], values["verdict", "MISUSE"]) == (0, 4, 1)
    assert values["last_run_timestamp_seconds",] == 2000


def test_an_endpoint_that_failed_is_down_and_one_that_was_not_asked_is_not_told():
    told = report(
        outcome("not restored", check="endpoints", parameter="login"),
        outcome(check="endpoints", parameter="health"),
        outcome("not checked", check="endpoints", parameter="later"),
        answers=(AnswerTime("health", 0.1, 0.25), AnswerTime("login", 0.1, None)),
    )
    values = read(of(told))

    assert {name[1]: up for name, up in values.items() if name[0] == "endpoint_up"} == {"health": 1, "login": 0}
    assert {name: s for name, s in values.items() if name[0] == "endpoint_answer_seconds"} == {
        ("endpoint_answer_seconds", "health"): 0.25
    }


def test_of_many_endpoints_those_that_are_down_are_told():
    up = [outcome(check="endpoints", parameter=f"up {number}") for number in range(60)]
    down = outcome("not restored", check="endpoints", parameter="down")

    told = [name for name in read(of(report(*up, down))) if name[0] == "endpoint_up"]

    assert len(told) == MOST_NAMED
    assert told[0] == ("endpoint_up", "down")


def test_only_the_sequences_with_the_least_room_are_told():
    values = read(of(GOOD, Beside(1.0, headroom={f"public.s{number}": number / 100 for number in range(90)})))
    told = sorted(name[1] for name in values if name[0] == "sequence_headroom_ratio")

    assert told == [f"public.s{number}" for number in range(MOST)]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_name_leaves_its_label(hostile):
    told = all_over(hostile)
    exposed = text(samples(told, Beside(1.0, headroom={hostile: 0.5})), {**COMMON, "database": hostile})

    assert read(exposed).keys() == read(exposed, openmetrics).keys()
    assert {name.split("{")[0].removeprefix(PREFIX) for name in exposed.decode().splitlines() if name[0] != "#"} <= set(
        GAUGES
    )
    assert all(line.count(" ") or line == "# EOF" for line in exposed.decode().splitlines())


def test_two_names_that_end_up_alike_are_told_once():
    """A second sample of the same labels would make node_exporter refuse the whole file."""
    names = ["x" * 300 + "1", "x" * 300 + "2"]
    exposed = text([Sample("endpoint_up", place, {"endpoint": name}) for place, name in enumerate(names)], COMMON)

    assert [*read(exposed, openmetrics).values()] == [0]


def test_both_parsers_read_the_same_and_nothing_has_a_time_of_its_own():
    exposed = of(GOOD)

    assert read(exposed) == read(exposed, openmetrics)
    assert exposed.endswith(b"# EOF\n")
    assert not re.search(rb"} \S+ \S", exposed)
    assert exposed.count(b"# TYPE ") == exposed.count(b"# HELP ") == exposed.count(b" gauge\n")


def test_a_sequence_ends_where_its_column_does():
    sequences = {"s.wide": "bigint OWNED BY s.t.id", "s.down": "integer INCREMENT BY -1", "s.round": "smallint CYCLE"}
    positions = {
        "s.wide": "1932735283",
        "s.down": "-1 descending",
        "s.round": "9 cycles",
        "s.hidden": "unknown: needs GRANT",
    }
    draws = {"s.t.id": '{"table": "s.t", "column": "id", "type": "integer", "sequence": "s.wide"}'}
    left = headroom(sequences, positions, draws)

    assert left == pytest.approx({"s.wide": 0.1, "s.down": 1.0}, abs=0.001)


def test_a_sequence_at_its_end_has_nothing_left():
    left = headroom({"a": "smallint MAXVALUE 10", "b": "integer MINVALUE 5 MAXVALUE 8"}, {"a": "11", "b": "7"}, {})

    assert left == {"a": 0.0, "b": 0.5}


def test_a_file_that_node_exporter_would_not_read_is_refused(tmp_path):
    with pytest.raises(Misuse, match=r"reads only files whose names end in \.prom; name it shop\.prom"):
        require_metrics(str(tmp_path / "shop.txt"))
    with pytest.raises(Misuse, match=r"there is no folder .*nowhere"):
        require_metrics(str(tmp_path / "nowhere" / "shop.prom"))
    require_metrics(str(tmp_path / "shop.prom"))


def test_without_the_library_the_line_to_type_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(Misuse, match=r"--metrics-file needs prometheus-client(?s:.*)rollproof\[metrics\]"):
        require_metrics(str(tmp_path / "shop.prom"))


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    said = []
    put_metrics(str(tmp_path / "gone" / "a.prom"), [Sample("run_good", 1)], COMMON, said.append)

    assert said == [
        f"NOT written: {tmp_path}/gone/a.prom: No such file or directory; what is read there is of an earlier run"
    ]


def test_what_a_run_says_before_its_end_stands_beside_what_the_last_one_came_to(tmp_path):
    file = tmp_path / "shop.prom"
    put_metrics(str(file), so_far(5), COMMON, pytest.fail, kept=True)
    assert read(file.read_bytes()) == {("run_bad_so_far",): 1, ("run_bad_so_far_timestamp_seconds",): 5}
    put_metrics(str(file), [Sample("run_good", 1), *so_far(7)], COMMON, pytest.fail)
    put_metrics(str(file), so_far(9), COMMON, pytest.fail, kept=True)

    told, text = read(file.read_bytes(), openmetrics), file.read_text("utf-8")
    assert told == {("run_good",): 1, ("run_bad_so_far",): 1, ("run_bad_so_far_timestamp_seconds",): 9}
    assert [text.count(line) for line in ("# EOF\n", "# TYPE rollproof_run_bad_so_far gauge", "} 7.0")] == [1, 1, 0]


def test_the_page_tells_every_metric():
    page = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text("utf-8")
    rows = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| `rollproof_")]

    assert [name for row in rows for name in re.findall(r"`rollproof_(\w+)`", row)] == [*GAUGES]
