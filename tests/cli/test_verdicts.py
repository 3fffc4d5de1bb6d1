"""What a run ends with when the surroundings are at fault: never with 0, always with the reason, once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from fixtures.waiting import within

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "scenarios" / "cases" / "shop.sql"
VERIFY = (sys.executable, "-m", "rollproof", "verify", "post_rollback")


@pytest.fixture
def verify(command, tmp_path):
    """Call it with a URL and options to verify that database after the rollback."""
    return lambda url, *options: command(tmp_path, "verify", "post_rollback", "--database-url", url, *options)


def result(folder, reports="rollproof-report"):
    return json.loads((folder / reports / "result.json").read_bytes())


@pytest.fixture
def shop(command, database_from, tmp_path):
    """The URL of a shop whose baseline lies in the folder."""
    url = database_from(SHOP)
    assert command(tmp_path, "capture", "--database-url", url).returncode == 0
    return url


@pytest.fixture
def role(command, database_from, tmp_path):
    """A role that may log in and nothing else, and its URL for a shop whose baseline lies in the folder."""
    shop, name = database_from(SHOP), f"rollproof_{os.getpid()}_newcomer"
    with psycopg.connect(shop, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'newcomer-word'")
        assert command(tmp_path, "capture", "--database-url", shop).returncode == 0
        yield admin, name, make_conninfo(shop, user=name, password="newcomer-word")  # noqa: S106 (of a throw-away role)
        admin.execute(f"DROP OWNED BY {name}")
        admin.execute(f"DROP ROLE {name}")


def test_a_role_sees_as_much_as_it_is_granted_and_never_less_in_silence(command, verify, role, tmp_path):
    admin, name, url = role

    blind = verify(url, "-m", "post_rollback and (rows or structure)")
    examined = command(tmp_path, "doctor", "--database-url", url)
    admin.execute(f"GRANT pg_read_all_data TO {name}")
    seeing = verify(url, "-m", "post_rollback and not structure")
    admin.execute("ALTER TABLE customers ENABLE ROW LEVEL SECURITY")
    filtered = verify(url, "-m", "post_rollback and rows")

    assert (blind.returncode, examined.returncode) == (7, 7), blind.stdout + examined.stdout
    assert blind.said.count("may not read all that is to be compared") == 1, "one sentence for all of them"
    assert f"next: GRANT pg_read_all_data TO {name};" in blind.stdout
    assert "GRANT SELECT" not in blind.stdout
    assert '7 tables cannot be read (public."order", ' in examined.stderr
    assert examined.stderr.count(f"GRANT pg_read_all_data TO {name}") == examined.stderr.count("GRANT") == 1
    assert seeing.returncode == 0, seeing.stdout
    assert filtered.returncode == 7, filtered.stdout
    assert "BYPASSRLS" in filtered.stdout
    assert "1 inconclusive" in filtered.stdout
    assert "not restored" not in filtered.stdout


def test_what_a_provider_closes_is_said_and_hides_nothing_else(command, verify, role, tmp_path):
    """pg_control_system() is closed by some, pg_subscription by Azure; a subject that lost a right is no quieter for it."""
    admin, name, url = role
    for objects in ("TABLES", "SEQUENCES"):  # pg_read_all_data would open the catalogue as well
        admin.execute(f"GRANT SELECT ON ALL {objects} IN SCHEMA public TO {name}")
    open_before = tmp_path / "open.json"
    shutil.copy(tmp_path / "baseline.json", open_before)
    admin.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
    admin.execute("REVOKE SELECT (oid, subname) ON pg_subscription FROM PUBLIC")

    taken = command(tmp_path, "capture", "--database-url", url)
    examined = command(tmp_path, "doctor", "--database-url", url)
    verified = verify(url, "-m", "post_rollback and structure")
    told = json.dumps(result(tmp_path))
    less = verify(url, "--reference=open.json", "--report-dir", "less")
    repaired = command(tmp_path, "repair", "--database-url", url)
    itself = verify(url, f"--reference=postgresql://?{urlencode(conninfo_to_dict(url))}")
    admin.execute("REVOKE SELECT ON pg_namespace FROM PUBLIC")
    refused = command(tmp_path, "capture", "--database-url", url)

    grant = f"GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO {name}"
    closed = f"GRANT SELECT ON pg_catalog.pg_subscription TO {name}"
    assert taken.returncode == 0, taken.stderr
    assert [text for text in (grant, closed) if text not in taken.stdout or text not in examined.stdout] == []
    assert examined.returncode == 0, examined.stderr
    # The grants that were changed are in the catalogue, and are the only difference.
    assert verified.returncode == 0, verified.stdout
    assert [text for text in (grant, closed) if text not in told] == []
    untold = [each["check"] for each in result(tmp_path, "less")["outcomes"] if each["kind"] == "inconclusive"]
    assert untold == ["leftovers", "subscriptions"], less.stdout
    assert "subscriptions" in repaired.stdout
    assert (itself.returncode, "the reference is the database itself" in itself.stderr) == (4, True), itself.stdout
    assert (refused.returncode, "Traceback" in refused.stderr) == (7, False), refused.stderr
    admin.execute("GRANT SELECT ON pg_namespace TO PUBLIC")


def test_nothing_checked_is_never_a_pass(verify, shop, tmp_path):
    nobody = make_conninfo("postgresql://nobody@127.0.0.1:9/nowhere")

    dry = verify(nobody, "--dry-run")
    deselected = verify(shop, "-m", "post_rollback and pre_migration and rows")
    skipped = verify(shop, "-m", "post_rollback and endpoints")
    unreachable = verify(nobody)

    assert dry.returncode == 5
    assert "would check content[public.customers]" in dry.stdout
    assert deselected.returncode == 4, "two phases are refused"
    assert skipped.returncode == 5, skipped.stdout
    assert result(tmp_path)["verdict"] == "INCONCLUSIVE"
    assert unreachable.returncode == 7
    assert unreachable.output.count("Connection refused") == 1


def test_a_baseline_of_another_database_needs_a_word(verify, shop, database_from):
    copy = database_from(SHOP)

    refused = verify(copy)
    accepted = verify(copy, "--other-database", "-m", "post_rollback and content")
    itself = verify(copy, "--reference", copy)
    other = verify(copy, "--reference", shop, "-m", "post_rollback and content")

    assert refused.returncode == 4
    assert "--other-database" in refused.stderr
    assert accepted.returncode == 0, accepted.stdout
    assert itself.returncode == 4
    assert "the reference is the database itself" in itself.stderr
    assert other.returncode == 0, other.stdout


def test_a_report_folder_that_cannot_be_written_changes_no_verdict(verify, shop, tmp_path):
    (tmp_path / "taken").write_text("a file")

    done = verify(shop, "-m", "post_rollback and rows", "--report-dir", "taken")

    assert done.returncode == 0, done.stdout
    assert done.stdout.index("WARNING: no report") < done.stdout.index("VERIFIED") < done.stdout.index("NOT written")


def test_a_signal_ends_a_run_that_waits_for_a_lock(shop, tmp_path):
    """A process of its own, from its first import to its last line; the other signals and moments are in test_signals.py."""
    with psycopg.connect(shop) as holder:
        holder.execute("LOCK TABLE customers")
        running = subprocess.Popen(
            [*VERIFY, "--database-url", shop, "--lock-timeout", "60", "-m", "post_rollback and rows"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rollproof' AND wait_event_type = 'Lock'"
        )
        with psycopg.connect(shop, autocommit=True) as watcher:
            within(20, lambda: watcher.execute(waiting).fetchone()[0])
            time.sleep(1.5)  # the first check waits now, and pytest listens
            running.send_signal(signal.SIGTERM)
            assert running.wait(20) == 143
            ours = "application_name = 'rollproof' AND datname = current_database()"
            within(20, lambda: not watcher.execute(f"SELECT query FROM pg_stat_activity WHERE {ours}").fetchall())

    assert result(tmp_path)["verdict"] == "INTERRUPTED"
    assert (tmp_path / "rollproof-report" / "junit.xml").exists()


def test_verify_loads_no_plugin_that_happens_to_be_installed_but_those_it_is_told_to(command, tmp_path):
    asked = ("verify", "--database-url", "postgresql://nobody@localhost:1/none", "--trace-config", "--markers")

    usual = command(tmp_path, *asked).output
    told = command(tmp_path, *asked, "-p", "pytest_httpserver.pytest_plugin").output

    assert "rollproof.plugin.outcomes" in usual
    assert [name for name in ("xdist", "hypothesispytest", "httpserver", "anyio") if name in usual] == []
    assert "httpserver" in told
