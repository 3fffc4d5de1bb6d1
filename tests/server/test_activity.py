"""Who is in the way: long transactions and locks that keep writers out; what is hidden from us decides nothing."""

import psycopg

from fixtures.readers import reader
from rollproof.probes.activity import sessions


def test_others_are_seen_and_we_are_not_whatever_we_are_called(database):
    with psycopg.connect(database, application_name="shop") as idler:
        idler.execute("CREATE TABLE t (id integer)")
        idler.commit()
        view = reader(f"{database}&application_name=shop")
        idler.execute("LOCK TABLE t IN SHARE MODE")
        seen = view.ask(lambda connection: sessions(connection, view.processes))
        view.close()

        assert [(session.pid, session.state, session.locks) for session in seen] == [
            (idler.info.backend_pid, "idle in transaction", ("ShareLock on public.t",))
        ]
