"""rehearsal.sarif: SARIF 2.1.0, for code scanning, which shows each difference at the statement that it comes from.

GitHub refuses a whole file in which one result has no place, so what comes from we do not know where stands at the place of the
configuration.
"""

from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from rollproof.model.printable import harmless, one_line
from rollproof.rehearsal.reports.told import Told, ToldPlace, ToldRehearsal, ToldRoot

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_UNKNOWN = "rollproof.toml"


def result(told: Told) -> bytes:
    """Return one run, with the differences of all servers; what several servers show is one result."""
    found = [(root, one) for one in told.rehearsals for root in _roots(one)]
    results = {(root.check, root.subject, root.sentence): _result(root, one) for root, one in reversed(found)}
    driver = {
        "name": "rollproof",
        "semanticVersion": told.rollproof,
        "rules": [{"id": check, "name": check} for check in sorted({root.check for root, _ in found})],
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
    file = place.file if place else _UNKNOWN
    return {
        "artifactLocation": {"uri": quote(file.replace("\\", "/"))},
        "region": {"startLine": (place.line if place else None) or 1},
    }


RENDERS = ("rehearsal.sarif", result)
