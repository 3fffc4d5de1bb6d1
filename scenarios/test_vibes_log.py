"""The log of the vibes script says who did it, also where an older version began it."""

import os
import pwd
import socket

import psycopg

LOG_OF_0_3 = """
CREATE TABLE public.migration_log (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    migration   text NOT NULL,
    run         text NOT NULL,
    operation   text NOT NULL,
    step        text,
    table_name  text,
    status      text NOT NULL CHECK (status IN ('started', 'completed', 'failed')),
    rows        bigint,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    detail      text
);
INSERT INTO migration_log (migration, run, operation, status, finished_at)
VALUES ('uuid_keys', 'long ago', 'status', 'completed', now())"""
ACTORS = "SELECT DISTINCT run, actor FROM migration_log ORDER BY 1"
ME = f"{pwd.getpwuid(os.geteuid()).pw_name}@{socket.gethostname()}"


def test_every_row_says_who_by_operating_system_role_and_address(vibes, script, sql, role, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "ada")
    monkeypatch.setenv("PGAPPNAME", "the night of the rollback")
    role.grant("GRANT vibes_owner TO {0}", "GRANT CREATE ON DATABASE {1} TO {0}", "GRANT CREATE ON SCHEMA public TO {0}",
               "GRANT EXECUTE ON FUNCTION touch_updated_at() TO {0}", "ALTER ROLE {0} SET role = vibes_owner",
               "GRANT ALL ON DATABASE {1} TO vibes_owner")  # fmt: skip

    said, seen = script(role.url, "backup"), script(vibes, "status").facts

    assert said.code == 0, said.text
    ((_, actor),) = sql(vibes, ACTORS)
    assert actor == (
        f"{ME.replace('@', ' (sudo by ada)@')}, role {role.name} as vibes_owner, from 127.0.0.1, for the night of the rollback"
    )
    assert seen["operations"][0]["actor"] == actor


def test_a_log_that_an_older_version_began_is_extended_and_keeps_its_rows(vibes, script, sql):
    sql(vibes, LOG_OF_0_3)
    before, old = script(vibes, "status").facts, sql(vibes, "TABLE migration_log")

    said = script(vibes, "backup")

    assert (said.code, before["operations"][0]["actor"]) == (0, None), said.text
    assert [row[: len(old[0])] for row in sql(vibes, "TABLE migration_log")][: len(old)] == old
    actors = dict(sql(vibes, ACTORS))
    assert actors.pop("long ago") is None
    assert [actor.partition(",")[0] for actor in actors.values()] == [ME]


def test_who_reads_an_old_log_all_the_while_stops_nothing(vibes, script, sql, impatient):  # noqa: ARG001 (short waits)
    sql(vibes, LOG_OF_0_3)
    with psycopg.connect(vibes) as reader:
        reader.execute("SELECT FROM migration_log")

        said = script(vibes, "backup")

    assert said.code == 0, said.text
    assert f"so it gets no column for the actor, who is {ME}, role postgres" in said.text
    assert sql(vibes, "SELECT count(*) FROM migration_log WHERE status = 'completed'") == [(3,)]
