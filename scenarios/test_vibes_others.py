"""vibes with whatever others can make around its tables goes to uuid and back, and rollproof finds nothing wrong."""

import re
from pathlib import Path

import psycopg
import pytest

VIBES = Path(__file__).parent / "vibes"


@pytest.fixture
def enriched(vibes):
    """The URL of a small vibes with everything in others.sql."""
    with psycopg.connect(vibes, autocommit=True) as connection:
        if connection.info.server_version < 150000:
            pytest.skip("column lists of publications and security_invoker came with PostgreSQL 15")
        for statement in statements((VIBES / "others.sql").read_text("utf-8")):
            connection.execute(statement)
    return vibes


def statements(script):
    return re.findall(r"""(?:\$\$.*?\$\$|'[^']*'|"[^"]*"|[^;$'"])+;""", re.sub(r"(?m)^ *--.*$", "", script), re.DOTALL)


def test_what_others_made_comes_back(enriched, script, picture, baseline_of):
    before = sorted(picture(enriched).splitlines())

    verify = baseline_of(enriched)
    migrated = script(enriched, "migrate", "--batch-size=7")
    restored = script(enriched, "rollback")
    verified = verify()

    assert (migrated.code, restored.code) == (0, 0), migrated.text + restored.text
    assert sorted(picture(enriched).splitlines()) == before
    assert verified.returncode == 0, verified.stdout
