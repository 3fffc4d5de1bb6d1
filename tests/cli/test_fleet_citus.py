"""The nodes of a Citus cluster as targets, on two servers whose catalogue is that of Citus (`fixtures/citus.py`)."""

import os

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fixtures.citus import make_node
from fixtures.every import every
from fixtures.fleet import outcomes
from rollproof.fleet.target_list import targets
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.settings.options import Settings
from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import fresh_name

CANARY = "c4nary-pa55"
TABLES = """
CREATE TABLE orders_102008 (id integer PRIMARY KEY, total numeric);
CREATE INDEX orders_total_102008 ON orders_102008 (total);
INSERT INTO orders_102008 SELECT i, i FROM generate_series(1, 10) AS i;
"""


class Cluster:
    """A coordinator and one worker: a database of one name on two servers."""

    def __init__(self, coordinator, worker, folder):
        self.name = fresh_name()
        self.servers = (coordinator, worker)
        self.port = int(conninfo_to_dict(worker.url)["port"])
        known = [conninfo_to_dict(each.url) for each in self.servers]
        lines = [f"*:{each['port']}:*:{each['user']}:{each.get('password', '')}\n" for each in known]
        self.passwords = folder / "pgpass"
        self.passwords.write_text("".join(lines))
        self.passwords.chmod(0o600)
        self.url = make_conninfo(coordinator.dsn(self.name), password="")

    @property
    def environment(self):
        return {"PGPASSFILE": str(self.passwords)}

    def run(self, number, statements):
        with psycopg.connect(self.servers[number].dsn(self.name), autocommit=True) as connection:
            connection.execute(statements)


@pytest.fixture(scope="module")
def worker():
    running = provide("embedded")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def cluster(server, worker, tmp_path_factory):
    """A coordinator that knows a worker, itself, a standby of the worker, and a worker that is disabled and away."""
    made = Cluster(server, worker, tmp_path_factory.mktemp("cluster"))
    for each in made.servers:
        each.create(made.name)
    nodes = [
        (0, "localhost", 5432, "primary", True),
        (1, "127.0.0.1", made.port, "primary", True),
        (1, "127.0.0.1", 2, "secondary", True),
        (2, "127.0.0.1", 1, "primary", False),
    ]
    make_node(server.dsn(made.name), 0, nodes)
    make_node(worker.dsn(made.name), 1)
    made.run(0, TABLES)
    made.run(1, TABLES)
    yield made
    for each in made.servers:
        each.drop(made.name)


def listed(url, **environment):
    return targets(f"citus:{url}", Settings(), environment)


def test_each_node_has_its_verdict(cluster, command, tmp_path):
    named = ("--targets", f"citus:{cluster.url}", "--retries", "0")
    taken = command(tmp_path, "capture", *named, "--output", "kept", environment=cluster.environment)
    names = ("coordinator", f"127.0.0.1_{cluster.port}", "127.0.0.1_1")
    coordinator, worker, away = (f"{cluster.name}@{which}" for which in names)
    assert sorted(each.stem for each in (tmp_path / "kept").glob("*.json")) == sorted([coordinator, worker]), (
        taken.output
    )
    (tmp_path / "kept" / f"{away}.json").write_bytes((tmp_path / "kept" / f"{worker}.json").read_bytes())
    cluster.run(1, "DROP INDEX orders_total_102008")

    words = (*named, "--reference", "kept", "-k", "indexes")
    done = command(tmp_path, "verify", *words, environment=cluster.environment)

    found = outcomes(tmp_path / "rollproof-report")
    assert {name: each["verdict"] for name, each in found.items()} == {
        coordinator: "PARTLY VERIFIED",
        worker: "NOT RESTORED",
        away: "INCONCLUSIVE",
    }, done.output
    assert [*(tmp_path / "rollproof-report").rglob("*.sql")] == []  # whose statement it would be nobody knows
    cluster.run(1, "CREATE INDEX orders_total_102008 ON orders_102008 (total)")


DISTRIBUTED = """
CREATE TABLE orders (id integer PRIMARY KEY, customer integer);
INSERT INTO pg_dist_partition VALUES ('orders', 'h', '{VAR :varno 1 :varattno 1 :vartype 23 :location -1}', 7, 's');
INSERT INTO pg_dist_shard VALUES ('orders', 102008, 't', '-2147483648', '-1'), ('orders', 102009, 't', '0', '2147483647');
INSERT INTO pg_dist_placement (shardid, groupid) VALUES (102008, 1), (102009, 2);
"""
LIE = "where shards of the Citus cluster lie"
STAND = "how tables of the Citus cluster are distributed"


def test_how_tables_are_distributed_and_where_shards_lie_is_compared_once(cluster, command, tmp_path):
    cluster.run(0, DISTRIBUTED)
    named = ("--targets", f"citus:{cluster.url}", "--retries", "0")
    command(tmp_path, "capture", *named, "--output", "kept", environment=cluster.environment)
    (tmp_path / "kept" / f"{cluster.name}@127.0.0.1_1.json").write_bytes(
        (tmp_path / "kept" / f"{cluster.name}@127.0.0.1_{cluster.port}.json").read_bytes()
    )

    def found(change):
        cluster.run(0, change)
        words = (*named, "--reference", "kept", "-k", "query_results or tables")
        command(tmp_path, "verify", *words, environment=cluster.environment)
        told = outcomes(tmp_path / "rollproof-report")
        assert told[f"{cluster.name}@127.0.0.1_{cluster.port}"]["verdict"] == "PARTLY VERIFIED"
        coordinator = told[f"{cluster.name}@coordinator"]
        return coordinator["verdict"], {root["subject"] for root in coordinator["roots"]}

    assert found(
        "UPDATE pg_dist_shard SET shardid = shardid + 8; UPDATE pg_dist_placement SET shardid = shardid + 8"
    ) == (
        "PARTLY VERIFIED",
        set(),
    )
    assert found("UPDATE pg_dist_placement SET groupid = 1") == ("NOT RESTORED", {LIE})
    assert found("UPDATE pg_dist_partition SET partkey = replace(partkey, 'varattno 1', 'varattno 2')") == (
        "NOT RESTORED",
        {LIE, STAND},
    )


def test_a_node_is_reached_as_the_coordinator_is_and_shows_its_shards(cluster, monkeypatch):
    monkeypatch.setenv("PGPASSFILE", str(cluster.passwords))
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    found = listed(make_conninfo(cluster.url, options="-c work_mem=5MB", application_name="mine"), **os.environ)

    first, *_, second = sorted(found, key=lambda each: each.server == f"localhost:{cluster.port}")

    assert first.server != second.server
    assert second.address.parameters["hostaddr"] == ""
    for each in (first, second):
        with psycopg.connect(each.url) as connection:
            row = connection.execute(
                "SELECT current_setting('citus.override_table_visibility'), current_setting('work_mem'), "
                "current_setting('application_name'), current_database()"
            ).fetchone()
            assert row == ("off", "5MB", "mine", cluster.name)
            assert connection.info.port == int(each.address.parameters["port"])


def test_a_worker_is_no_coordinator_and_another_database_no_cluster(cluster, worker, server):
    with pytest.raises(Misuse, match="is a worker of the cluster: name its coordinator"):
        listed(worker.dsn(cluster.name))
    with pytest.raises(Misuse, match="has no extension citus"):
        listed(server.url)


def test_a_role_that_may_not_read_the_nodes_is_told_so(cluster, server):
    role = fresh_name()
    cluster.run(0, f"REVOKE SELECT ON pg_dist_node FROM public; CREATE ROLE {role} LOGIN PASSWORD '{CANARY}'")
    try:
        with pytest.raises(
            Misuse, match=r"does not tell its nodes: permission denied .*; the role needs to read"
        ) as refused:
            listed(make_conninfo(server.dsn(cluster.name), user=role, password=CANARY))
        assert CANARY not in str(refused.value)
    finally:
        cluster.run(0, f"GRANT SELECT ON pg_dist_node TO public; DROP ROLE {role}")


@every(
    ("url", "told"),
    [
        ("", "names no database; write"),
        (f"postgresql://u:{CANARY}@h@h/d", "cannot be read"),
        (f"postgresql://u:{CANARY}@127.0.0.1:1/d", "cannot connect to u@127.0.0.1:1/d"),
    ],
)
def test_what_is_no_cluster_is_told_without_a_secret(url, told):
    with pytest.raises((Misuse, Inconclusive), match=told) as refused:
        listed(url)

    assert CANARY not in str(refused.value)


def test_a_worker_called_localhost_by_a_coordinator_elsewhere_is_not_taken_for_one_here(cluster, monkeypatch):
    monkeypatch.setenv("PGPASSFILE", str(cluster.passwords))

    with pytest.raises(Misuse, match=r"calls a worker 127\.0\.0\.1:1, which from this machine is another server"):
        listed(make_conninfo(cluster.url, host="db.example", hostaddr="127.0.0.1"))
