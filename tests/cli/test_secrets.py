"""A password shows in no output, and one that is also a name in the database spoils no name and no statement."""

import json
import re
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

SHOP = Path(__file__).parents[2] / "scenarios" / "cases" / "shop.sql"
CANARY = "c4n4ry-W0rd"


def everything(folder, *ran):
    """Return all that was printed and written."""
    files = [path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()]
    return "\n".join([*(each.stdout + each.stderr for each in ran), *files])


@pytest.fixture
def role(server):
    """Call it for a role of that password and those rights, and the URL of a database as that role."""
    made = []
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:

        def make(url, password, rights):
            name = f"rollproof_keeper_{len(made)}"
            admin.execute(f"CREATE ROLE {name} LOGIN {rights} PASSWORD '{password}'")
            made.append(name)
            return make_conninfo(url, user=name, password=password)

        yield make
        for name in made:
            admin.execute(f"DROP ROLE {name}")


def test_a_password_that_is_a_name_spoils_no_statement(command, database_from, role, tmp_path):
    """In the terminal, in each report, and in the repair script; what may not be read names its table and its GRANT."""
    shop = database_from(SHOP)
    url = role(shop, "orders", "SUPERUSER")
    command(tmp_path, "capture", "--database-url", url)
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute("ALTER TABLE orders ALTER note SET DEFAULT 'x', DROP CONSTRAINT orders_customer_id_fkey")
    verified = command(tmp_path, "verify", "--database-url", url)
    repair = command(tmp_path, "repair", "--database-url", url)
    limited = role(shop, "public", "")
    untold = command(tmp_path, "capture", "--database-url", limited, "--output", "other.json")
    result = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())
    findings = [finding["subject"] for outcome in result["outcomes"] for finding in outcome["findings"]]
    statements = [statement["sql"] for cause in result["causes"] for statement in cause["statements"]]

    assert verified.returncode == 1
    assert "public.orders foreign key orders_customer_id_fkey missing" in verified.said
    assert "ALTER TABLE ONLY public.orders ALTER COLUMN note DROP DEFAULT;" in statements
    assert "public.orders.note" in findings
    assert "ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY" in repair.stdout
    assert untold.returncode == 7
    assert "public.customers" in untold.stderr
    assert "***" not in everything(tmp_path, verified, repair, untold)


def test_a_canary_shows_on_no_path_that_ends_badly(command, database_from, role, tmp_path):
    """Whatever is wrong: the server, the password, the rights, the reference, the baseline, the option."""
    shop = database_from(SHOP)
    good = role(shop, CANARY, "")
    parts = conninfo_to_dict(good)
    url = f"postgresql://{parts['user']}:{CANARY}@{parts['host']}:{parts['port']}/{parts['dbname']}"
    (tmp_path / "baseline.json").write_text(f"no baseline, but {CANARY[:4]}")
    (tmp_path / "bad.toml").write_text(f'database_url = "{url}"\njobs = "{CANARY}"\n')
    ran = [
        command(tmp_path, "capture", "--database-url", url),
        command(tmp_path, "capture", "--database-url", url.replace(parts["user"], "nobody_knows")),
        command(tmp_path, "capture", "--database-url", url.replace(f":{parts['port']}/", ":1/")),
        command(tmp_path, "doctor", "--database-url", url),
        command(tmp_path, "repair", "--database-url", url, "--reference", f"postgresql://me:{CANARY}@127.0.0.1:1/d"),
        command(tmp_path, "capture", "--rollproof-config", "bad.toml"),
        command(tmp_path, "verify", "--database-url", url, "--reference", f"me:{CANARY}@host/db"),
        command(tmp_path, "verify", "--database-url", shop, "--reference", url),
    ]
    (tmp_path / "bad.toml").unlink()

    assert {each.returncode for each in ran} <= {1, 4, 7}, [each.stderr for each in ran]
    shown = everything(tmp_path, *ran)
    assert [shown[max(0, found.start() - 80) : found.end() + 80] for found in re.finditer(CANARY, shown)] == []
