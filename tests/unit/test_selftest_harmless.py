"""Which of many harmless changes is told as a difference: found by halves, without a server."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from rollproof.rehearsal.faults.harmless import Harmless
from rollproof.rehearsal.selftest import harmless as module
from rollproof.rehearsal.selftest.harmless import RESTORED, TOGETHER, harmless

NAMES = tuple("abcdefghijk")


@dataclass
class World:
    """A database in which changes are `made`, of which some are `told` where all of such a set are there."""

    told: Iterable[set[str]] = ()
    refused: frozenset[str] = frozenset()
    made: list[str] = field(default_factory=list)
    looks: int = 0
    unharmed: str = ""

    @property
    def world(self):
        return self

    def renew(self):
        self.made.clear()

    def make(self, _, changes):
        self.made += [each.name for each in changes if each.name not in self.refused]
        return {each.name: "refused" if each.name in self.refused else "" for each in changes}

    def look(self, _):
        self.looks += 1
        return tuple("+".join(sorted(each)) for each in self.told if each <= {*self.made})


@pytest.fixture
def done(monkeypatch):
    """Call it with a world for what was told of each change, and what was said of those that were not made."""

    def run(world, seconds=1.0):
        monkeypatch.setattr(module, "harmless_changes", lambda: tuple(Harmless(name, "") for name in NAMES))
        monkeypatch.setattr(module, "_made", world.make)
        monkeypatch.setattr(module, "_told", world.look)
        monkeypatch.setattr(module, "_restored", lambda _: "no dump")
        tried = list(harmless(world, world, lambda _: None, lambda: seconds))
        return {each.name: each.found for each in tried if each.found}, {
            each.name: each.not_made for each in tried if each.not_made
        }

    return run


def test_where_nothing_is_told_all_are_verified_by_one_look(done):
    world = World()

    assert done(world) == ({}, {RESTORED: "no dump"})
    assert world.looks == 1


@pytest.mark.parametrize("name", NAMES)
def test_one_that_is_told_is_found_by_halves(done, name):
    world = World([{name}])

    assert done(world)[0] == {name: (name,)}
    assert world.looks <= 9


def test_several_are_found(done):
    assert done(World([{"a"}, {"b"}, {"k"}]))[0] == {"a": ("a",), "b": ("b",), "k": ("k",)}


def test_what_is_told_only_of_two_together_is_told_of_all(done):
    assert done(World([{"b", "j"}]))[0] == {TOGETHER: ("b+j",)}


def test_the_same_beside_one_that_is_told_alone(done):
    assert done(World([{"a"}, {"b", "j"}]))[0] == {"a": ("a",), TOGETHER: ("b+j",)}


def test_one_that_could_not_be_made_is_not_looked_for(done):
    assert done(World([{"c"}], frozenset("ab"))) == (
        {"c": ("c",)},
        {"a": "refused", "b": "refused", RESTORED: "no dump"},
    )


def test_without_time_nothing_is_said_of_each(done):
    found, unknown = done(World([{"c"}]), seconds=0.0)

    assert found == {}
    assert unknown.keys() == {*NAMES}
    assert set(unknown.values()) == {
        "made with others, of which something is told (c); time was up before it was made alone"
    }
