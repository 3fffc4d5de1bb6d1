"""rehearsal.sarif: SARIF 2.1.0, for code scanning, which shows each difference at the statement that it comes from.

GitHub refuses a whole file in which one result has no place, so what comes from we do not know where stands at the place of the
configuration.
"""

from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from rollproof.model.printable import harmless, one_line
from rollproof.rehearsal.reports.told import Told, ToldPlace, ToldRehearsal, ToldRoot
from rollproof.rehearsal.reports.told_doors import ToldRemark

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_UNKNOWN = "rollproof.toml"
_DOORS = "doors"
_ALWAYS = "old/new"
"""The pair that a migration is about: the application that runs already, on the schema that is coming."""


def result(told: Told) -> bytes:
    """Return one run, with the differences of all servers; what several servers show is one result."""
    found = [(root, one) for one in told.rehearsals for root in _roots(one)]
    closed = [(each, one) for one in told.rehearsals for each in _closed(one)]
    results: dict[object, dict[str, object]] = {each: _of_door(each, one) for each, one in reversed(closed)}
    results |= {(root.check, root.subject, root.sentence): _result(root, one) for root, one in reversed(found)}
    rules = {root.check for root, _ in found} | ({_DOORS} if closed else set())
    driver = {
        "name": "rollproof",
        "semanticVersion": told.rollproof,
        "rules": [{"id": check, "name": check} for check in sorted(rules)],
    }
    invocation = {"executionSuccessful": told.exit_code in (0, 1), "exitCode": told.exit_code}
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": list(reversed(results.values())),
    }
    return msgspec.json.format(msgspec.json.encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}), indent=1)


def _roots(one: ToldRehearsal) -> Iterator[ToldRoot]:
    yield from (root for stage in one.failed for root in stage.roots)
    yield from (root for crash in one.crashes if not crash.is_good for root in crash.roots)


def _closed(one: ToldRehearsal) -> Iterator[tuple[str, ToldRemark]]:
    """Yield, with its level, what is said of statements on the pair that counts always, and on those that must work."""
    for doors in (stage.doors for stage in one.stages if stage.doors):
        closed, always = {*doors.closed}, {_ALWAYS, *doors.required}
        for each in doors.remarks:
            if each.word in ("refused", "in doubt") and always & {*each.pairs}:
                yield "error" if each in closed else "warning" if each.word == "refused" else "note", each


def _of_door(found: tuple[str, ToldRemark], one: ToldRehearsal) -> dict[str, object]:
    level, remark = found
    told = f"{remark.where} {remark.word}: {remark.sentence}"
    text = "\n".join([told, f"in: {remark.door.text}", f"verified on {one.where}"])
    file, line = remark.door.place
    return {
        "ruleId": _DOORS,
        "level": level,
        "message": {"text": harmless(text)},
        "locations": [{"physicalLocation": _at(file or _UNKNOWN, line)}],
        "partialFingerprints": {"door/v1": one_line(f"{remark.where} {remark.door.text}")},
    }


def _result(root: ToldRoot, one: ToldRehearsal) -> dict[str, object]:
    places = [place for place in (root.undone, root.made) if place and place.file]
    more = f"{len(root.following):,} more follow from it" if root.following else ""
    mends = "to mend it: " + " ".join(root.mends) if root.mends else ""
    text = "\n".join(filter(None, [root.sentence, root.origin, more, mends, f"verified on {one.where}"]))
    told: dict[str, object] = {
        "ruleId": root.check,
        "level": "error",
        "message": {"text": harmless(text)},
        "locations": [_location(root, places[0] if places else None)],
        "partialFingerprints": {"difference/v1": one_line(f"{root.check} {root.subject}")},
    }
    others = [_related(place) for place in places[1:]]
    return told | ({"relatedLocations": others} if others else {})


def _location(root: ToldRoot, place: ToldPlace | None) -> dict[str, object]:
    named = {"fullyQualifiedName": one_line(root.subject), "kind": "object"}
    return {"physicalLocation": _physical(place), "logicalLocations": [named]}


def _related(place: ToldPlace) -> dict[str, object]:
    said = f"statement {place.number} of the {place.stage}"
    return {"physicalLocation": _physical(place), "message": {"text": said}}


def _physical(place: ToldPlace | None) -> dict[str, object]:
    return _at(place.file, place.line) if place else _at(_UNKNOWN, None)


def _at(file: str, line: int | None) -> dict[str, object]:
    return {"artifactLocation": {"uri": quote(file.replace("\\", "/"))}, "region": {"startLine": line or 1}}


RENDERS = ("rehearsal.sarif", result)
