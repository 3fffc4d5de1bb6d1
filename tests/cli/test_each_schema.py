"""`--each-schema`: a schema for each tenant, one baseline of the whole database."""

import json

from fixtures.readers import execute
from rollproof.fleet.schemas import schemas_like
from rollproof.settings.options import Settings

TENANT = (
    "CREATE SCHEMA {0}",
    "CREATE TABLE {0}.orders (id int PRIMARY KEY, total int)",
    "CREATE INDEX orders_total ON {0}.orders (total)",
    "INSERT INTO {0}.orders VALUES (1, 2)",
)
NAMES = ("tenant_a", "tenant_b", "tenant_c")


def test_each_is_a_target_one_that_is_gone_too_and_the_database_itself(database, command, tmp_path):
    execute(database, "CREATE TABLE registry (id int PRIMARY KEY)", "CREATE SCHEMA migration_backup")
    execute(database, *(each.format(name) for name in NAMES for each in TENANT))
    assert schemas_like("*", Settings(database_url=database)) == {"public", *NAMES}, (
        "and not the migration's own copies"
    )
    assert command(tmp_path, "capture", "--database-url", database, "--output", "b.json").returncode == 0
    words = ("verify", "--database-url", database, "--each-schema", "tenant_*", "--reference", "b.json")
    execute(database, "DROP INDEX tenant_a.orders_total", "DROP SCHEMA tenant_b CASCADE", "CREATE SCHEMA tenant_new")

    red = command(tmp_path, *words)
    execute(database, "CREATE INDEX orders_total ON tenant_a.orders (total)", "DROP SCHEMA tenant_new")
    execute(database, *(each.format("tenant_b") for each in TENANT))
    green = command(tmp_path, *words)

    told = json.loads((tmp_path / "rollproof-report" / "fleet.json").read_bytes())
    assert red.returncode == 1, red.output
    for name, word in (("tenant_a", "NOT RESTORED"), ("tenant_b", "NOT RESTORED"), ("tenant_c", "VERIFIED")):
        assert f"{name}: {word}" in red.output
    assert "tenant_new: NOT RESTORED" in red.output
    assert "the database itself: VERIFIED" in red.output
    assert "orders_total" in red.output
    assert green.returncode == 0, green.output
    assert "4 targets" in green.output
    assert told["verdict"] == "VERIFIED"
