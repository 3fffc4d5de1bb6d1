"""Where facts come from, as reports tell it."""

import hashlib

from rollproof.commands.provenance import of_baseline
from rollproof.model.provenance import Source
from rollproof.sources.baseline import unsealed


def test_several_instants_are_all_told():
    source = Source(instants=("2026-11-28 19:00:00.5+00", "2026-11-28 19:10:00+00", "2026-11-28 19:20:00+00"))

    assert str(source) == "as of 2026-11-28T19:00:00Z and 2 later"
    assert dict(source.facts())["instant"] == "2026-11-28T19:00:00Z 2026-11-28T19:10:00Z 2026-11-28T19:20:00Z"


def test_a_baseline_of_an_older_rollproof_says_less(tmp_path):
    """Its file knows nothing of hosts, roles and who took it; what is not known is left out, and nothing is made up."""
    body = (
        b'{"origin":{"database":"shop","system":"7","server_version":150018,"taken":"2026-11-24 10:00:00+00",'
        b'"schemas":null,"tool":"0.2.0"},"facets":{"tables":{"public.a":"table"}}}'
    )
    digest = hashlib.sha256(body).hexdigest()
    file = tmp_path / "old.json"
    file.write_bytes(b'{"format":1,"sha256":"%s","snapshot":%s}' % (digest.encode(), body))
    snapshot, seal = unsealed(file)
    told = of_baseline(str(file), snapshot.origin, seal, Source(instants=("2026-11-24 12:00:00+00",)))

    assert (
        str(told)
        == f"{file}: taken 2026-11-24T10:00:00Z, about 2 hours earlier, of PostgreSQL 15.18, not signed, SHA-256 {digest[:12]}…"
    )
    assert {name for name, value in told.facts() if not value} >= {"host", "role", "by", "port"}
