"""The statements of a runbook that bring back a key of a partitioned table."""

import psycopg

from fixtures.markdown_shape import blocks
from rollproof.throwaway.servers.server import fresh_name

EVENTS = """
CREATE TABLE events (id bigint, year int, PRIMARY KEY (id, year)) PARTITION BY RANGE (year);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (2025) TO (2026);
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (2026) TO (2027);
"""


def test_a_key_of_a_partitioned_table_that_they_bring_back_is_valid(server, command, tmp_path):
    server.create(name := fresh_name())
    url = server.dsn(name)
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(EVENTS)
        assert command(tmp_path, "capture", "--database-url", url, "--output", "baseline.json").returncode == 0
        assert command(tmp_path, "runbook", "--reference", "baseline.json", "--output", "book").returncode == 0
        text = (tmp_path / "book/runbook.md").read_text()
        session.execute("ALTER TABLE events DROP CONSTRAINT events_pkey")
        session.execute(blocks(text.partition("Constraints are missing")[2], "sql")[0])

        assert session.execute("SELECT indisvalid FROM pg_index WHERE indrelid = 'events'::regclass").fetchone() == (
            True,
        )
