"""Values of answers: kept so that nobody reads them, and what is said of one that is not what it was."""

import json
import re

import pytest

from fixtures.every import every
from rollproof.model.errors import Inconclusive
from rollproof.probes.endpoints.answer import Answer, Heard
from rollproof.probes.endpoints.values import DESCRIPTION, changed, kept, unrecorded
from rollproof.settings.endpoint import Endpoint

UUID = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"
ME = Endpoint("me", "http://localhost/", values=("id",))
SAME_TEXT = "is spelled otherwise: the same text but for upper or lower case, hyphens, braces or blanks"

NOTHING = "was not in the answer when it was recorded, and is not now: nothing is compared"


def heard(text):
    return Heard(Answer(200, 0.1, "application/json", ("id",)), text.encode())


def told(before, after, **how):
    recorded = kept(ME, heard(before))
    return [each.sentence for each in changed(ME, heard(after), recorded, **how)]


def of(value):
    return json.dumps({"id": value})


@every(
    ("before", "after", "sentence"),
    [
        (of(UUID), of(UUID.lower()), f"me: id {SAME_TEXT}"),
        (of(UUID), of(UUID.replace("-", "")), f"me: id {SAME_TEXT}"),
        (of(f"{{{UUID}}}"), of(UUID), f"me: id {SAME_TEXT}"),
        (of(" x"), of("x"), f"me: id {SAME_TEXT}"),
        (of("42"), of(42), "me: id is a number, was a string, and reads the same"),
        (of(42), of("42"), "me: id is a string, was a number, and reads the same"),
        (of("42"), of(43), "me: id is a number, was a string"),
        ('{"id": true}', of("true"), "me: id is a string, was a boolean, and reads the same"),
        ('{"id": true}', of(1), "me: id is a number, was a boolean"),
        (of("x"), of("y"), "me: id has another value"),
        (of(1), of(2), "me: id has another value"),
        ('{"id": 1.50}', '{"id": 1.5}', "me: id is spelled otherwise: the same number but for zeros at the end"),
        ('{"id": 10000000000000000000001}', '{"id": 10000000000000000000002}', "me: id has another value"),
        ('{"id": 0.10000000000000000001}', '{"id": 0.1}', "me: id has another value"),
        ('{"id": 1e2}', '{"id": 100}', "me: id is spelled otherwise: the same number but for zeros at the end"),
        ('{"id": 0}', '{"id": -0.00}', "me: id has another value"),
        (of(10**40), of(10**40 + 1), "me: id has another value"),
        ('{"id": 1e999999}', '{"id": 1e999998}', "me: id has another value"),
        (of([1, 2]), of([2, 1]), "me: id has another value"),
        (of({"a": "X"}), of({"a": "x"}), f"me: id {SAME_TEXT.replace('text', 'content')}"),
        (of("x"), of(None), "me: id is null, was a string"),
        (of(None), of(""), "me: id is a string, was null"),
        (of("x"), "{}", "me: id is absent, was a string"),
        ("{}", of({}), "me: id is an object, was absent"),
        (of("x"), "<html>", "me: id is absent, was a string"),
        ("{}", '{"other": 1}', f"me: id {NOTHING}"),
        ("<html>", '{"id": 1e99999999999999999999}', f"me: id {NOTHING}"),
        (of([-5]), of([5]), "me: id has another value"),
        (of(["-5"]), of(["5"]), "me: id has another value"),
        (of("-5"), of("5"), "me: id has another value"),
        (of([1.0]), of([1]), f"me: id {SAME_TEXT.replace('text', 'content')}"),
        (of({"X": 1}), of({"x": 1}), "me: id has another value"),
        ('{"id": -Infinity}', '{"id": Infinity}', "me: id has another value"),
        (f'{{"id": {"9" * 5_000}}}', f'{{"id": {"9" * 4_999}8}}', "me: id has another value"),
    ],
)  # fmt: skip
def test_each_way_in_which_a_value_changes_has_its_sentence(before, after, sentence):
    assert told(before, after) == [sentence]


@every(
    ("before", "after"),
    [
        (of(UUID), of(UUID)),
        (of(1), ' {"id" : 1 }'),
        ('{"id": {"a": 1, "b": [null]}}', '{"id": {"b": [null], "a": 1}}'),
        (of(None), of(None)),
        (f'{{"id": {"9" * 5_000}}}', f'{{"id": {"9" * 5_000}}}'),
        ('{"id": "\\ud800"}', '{"id": "\\uD800"}'),
        ('{"id": "é"}', '{"id": "\\u00e9"}'),
    ],
)
def test_what_is_as_it_was_is_not_told(before, after):
    assert told(before, after) == []


def test_a_value_that_is_nested_too_deep_is_inconclusive(monkeypatch):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    answer = heard("{}")
    monkeypatch.setattr(answer, "at", lambda _: deep)

    with pytest.raises(Inconclusive, match="nested too deep"):
        kept(ME, answer)


def test_places_lead_through_objects_and_lists():
    answer = heard('{"items": [{"id": 7}, {"0": "x"}]}')

    assert [answer.at(path) for path in ("items.0.id", "items.1.0")] == [7, "x"]
    assert {answer.at(path) for path in ("items.2.id", "items.-1", "items.x", "items.0.id.0", "items.²")} == {
        answer.at("none")
    }


def test_nobody_reads_a_value_from_what_is_kept_nor_sees_that_two_are_equal():
    one, other = ({**kept(ME, heard(of(UUID)))}["me: id"] for _ in range(2))

    assert re.fullmatch(DESCRIPTION, one)
    assert one != other
    assert UUID.lower() not in one.lower()
    assert repr(heard(of(UUID))) == "<Heard 200>"


def test_what_a_value_is_now_is_told_only_to_whoever_asks():
    assert UUID not in str(told(of("x"), of(UUID)))
    assert told(of("x"), of(UUID), show=True) == [
        f'me: id has another value (now "{UUID}"; a baseline keeps no value to show)'
    ]
    assert len(told(of("x"), of("y" * 10_000), show=True)[0]) < 300
    assert "(now nothing;" in told(of("x"), "{}", show=True)[0]


@pytest.mark.parametrize(("after", "heals"), [(UUID.lower(), True), ("other", False), (7, False)])
def test_where_the_migration_spells_ids_otherwise_that_alone_is_a_warning(after, heals):
    (found,) = changed(ME, heard(of(after)), kept(ME, heard(of(UUID))), respelled=True)

    assert found.heals is heals


def test_a_value_that_was_not_recorded_is_not_compared():
    assert list(changed(ME, heard(of(UUID)), {})) == []
    assert unrecorded([ME], {}) == ["me: id"]
    assert unrecorded([ME], kept(ME, heard("{}"))) == []
