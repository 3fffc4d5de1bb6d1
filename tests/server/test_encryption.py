"""TLS to the database: what is not proved is refused with its cause and a way out, and talk in the clear is told."""

import os
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import trustme
from psycopg.conninfo import make_conninfo

from fixtures.readers import SCOPE, execute, reader
from fixtures.waiting import within
from rollproof.commands.verification import Opening
from rollproof.model.dump_facts import FACET
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.rehearsal.proxy.proxy import Proxy
from rollproof.server.encryption import is_unencrypted
from rollproof.settings.options import Settings
from rollproof.sources.live import Live
from rollproof.sources.table_groups import EVERYTHING
from rollproof.throwaway.servers.binaries import everywhere
from rollproof.throwaway.servers.data_directory import server_user
from rollproof.throwaway.servers.provide import provide

NAME = "db.example"  # resolved by hostaddr alone
SECRET = "hunter22"  # noqa: S105 (that it is a secret is what is tested)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def show(certificate, folder):
    """Put a certificate and its key where a server that is configured so reads them."""
    key = folder / "server.key"
    key.unlink(missing_ok=True)
    certificate.private_key_pem.write_to_path(key)
    (folder / "server.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    key.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(key, server_user().uid, server_user().gid)


def speaking_tls(folder):
    """Start the first server here that speaks TLS."""
    options = {"ssl": "on", "ssl_cert_file": str(folder / "server.pem"), "ssl_key_file": str(folder / "server.key")}
    reasons = []
    for programs in everywhere():
        try:
            return provide(f"local:{programs.bindir}", options)
        except (Inconclusive, Misuse) as reason:
            reasons.append(str(reason))
    return pytest.skip(f"no PostgreSQL here speaks TLS: {'; '.join(reasons)[-200:]}")


@pytest.fixture(scope="module")
def secured(tmp_path_factory, authority):
    """A server that speaks TLS, and a function that gives it another certificate."""
    folder = tmp_path_factory.mktemp("tls")
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(parent.stat().st_mode | 0o711)
    show(authority.issue_cert(NAME), folder)
    running = speaking_tls(folder)
    execute(running.dsn("postgres"), "CREATE TABLE t AS SELECT 1 AS i")

    def use(certificate):
        show(certificate, folder)
        before = loaded(running)
        running.cluster.pg_ctl("reload")
        within(60, lambda: loaded(running) != before)  # the reload is only asked for

    yield running, use
    running.stop()


@pytest.fixture(scope="module")
def root(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("root") / "root.pem"
    authority.cert_pem.write_to_path(path)
    return path


def loaded(server):
    with psycopg.connect(server.dsn("postgres")) as connection:
        return connection.execute("SELECT pg_conf_load_time()").fetchone()


def url_of(server, **parameters):
    return make_conninfo(
        server.dsn("postgres"), **{"host": NAME, "hostaddr": "127.0.0.1", "connect_timeout": 20, **parameters}
    )


def looking(url):
    return reader(url, jobs=1)


@pytest.mark.promise
def test_what_the_certificate_does_not_prove_is_refused_with_the_cause(secured, authority, root):
    server, use = secured
    strangers = trustme.CA().issue_cert(NAME)
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    expired = authority.issue_cert(NAME, not_before=long_ago, not_after=long_ago + timedelta(days=9))
    other = authority.issue_cert("other.example")
    refused = [
        ("verify-full", "does not match host name", "hostaddr=ADDRESS", other),
        ("verify-full", "certificate verify failed", "has expired", expired),
        ("verify-ca", "certificate verify failed", "has expired", expired),
        ("verify-full", "certificate verify failed", "not of the authority", strangers),
        ("verify-ca", "certificate verify failed", "not of the authority", strangers),
    ]
    for mode, cause, way_out, certificate in refused:
        use(certificate)
        with pytest.raises(Inconclusive, match=cause) as told:
            looking(url_of(server, sslmode=mode, sslrootcert=str(root), password=SECRET))
        assert f"cannot connect to postgres@{NAME}" in str(told.value)
        assert way_out in str(told.value)
        assert SECRET not in str(told.value)


def test_what_it_proves_is_read_by_pg_dump_too_in_the_same_mode(secured, authority, root):
    server, use = secured
    use(authority.issue_cert(NAME))
    with looking(url_of(server, sslmode="verify-full", sslrootcert=str(root))) as view:
        side = Live(view, SCOPE, "subject")

        assert view.encrypted
        assert not is_unencrypted(view)
        assert len(side.known(FACET, EVERYTHING).facts) > 1


@pytest.mark.promise
def test_talk_in_the_clear_with_another_machine_is_told_and_never_taken_for_tls(server):
    """By the default, `prefer`, a server without TLS is spoken with all the same; `require` refuses it."""
    if server.log is None:
        pytest.skip("whether that server speaks TLS is not ours to say")
    opened = Opening(
        Settings(database_url=url_of(server, sslmode="prefer"), allow_empty=True), None, None
    ).verification()
    opened.close()
    assert any(
        "crosses the network in the clear; sslmode=verify-full prevents it" in note for note in opened.after.notes
    )
    with looking(server.dsn("postgres")) as view:
        assert not is_unencrypted(view)
    with pytest.raises(Inconclusive, match="server does not support SSL"):
        looking(url_of(server, sslmode="require"))


def test_the_proxy_of_a_rehearsal_speaks_tls_to_the_server_for_a_tool_that_does_not(secured, authority, root):
    """The tool logs in by SCRAM with the server itself, which offers a binding to TLS that the tool cannot have."""
    server, use = secured
    use(authority.issue_cert(NAME))
    plain = server.dsn("postgres").partition("?")[0].replace("@127.0.0.1", f"@{NAME}") + "?hostaddr=127.0.0.1"
    proved = f"{plain}&sslmode=verify-full&sslrootcert={root}"
    for url in (proved, f"{plain}&sslmode=require"):
        with Proxy(url) as proxy, psycopg.connect(proxy.url) as tool:
            known = tool.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
        assert known == (True,)
        assert [each.tag for each in proxy.sent] == ["BEGIN", "SELECT 1", "COMMIT"]

    use(trustme.CA().issue_cert(NAME))
    with Proxy(proved) as proxy, pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        psycopg.connect(proxy.url)
