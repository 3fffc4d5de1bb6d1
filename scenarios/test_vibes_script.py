"""The procedures of the vibes script, each told to its end. The witness is pg_dump: its text before and after."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

VIBES = Path(__file__).parent / "vibes"
TABLES = ("users", "journal_entries", "tags", "reminders")


@pytest.fixture
def migrated(database_from, script):
    """A small vibes after its migration, and what pg_dump said before."""

    def migrate(url):
        subprocess.run(
            [sys.executable, VIBES / "data.py", "--create", "--scale=0.001", "--database-url", url], check=True
        )
        assert script(url, "migrate", "--batch-size=7").code == 0

    return database_from(migrate)


def key_types(sql, url):
    return {
        kind
        for (kind,) in sql(
            url,
            "SELECT atttypid::regtype::text FROM pg_attribute WHERE attname = 'id' AND attrelid IN"
            " ('users'::regclass, 'journal_entries'::regclass, 'tags'::regclass, 'reminders'::regclass)",
        )
    }


def test_a_full_rollback_restores_everything(vibes, script, picture, sql):
    before = picture(vibes)

    migrated = script(vibes, "migrate", "--batch-size=7")
    types = key_types(sql, vibes)
    restored = script(vibes, "rollback")

    assert (migrated.code, types, restored.code) == (0, {"uuid"}, 0), migrated.text + restored.text
    assert picture(vibes) == before
    assert script(vibes, "validate_rollback").code == 0
    assert script(vibes, "validate_schema").facts["schema"] == "original"
