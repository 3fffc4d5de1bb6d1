"""What a report says is to be done next: commands that can be pasted, and sentences."""

import dataclasses

from fixtures.every import every
from fixtures.sample_reports import outcome, report
from rollproof.model.finding import Finding, Unknown
from rollproof.model.provenance import NOWHERE, Client, DatabaseFacts
from rollproof.verdict.overview import overview
from rollproof.verdict.recommendation import Recommendation
from rollproof.verdict.selected import Selected

TYPE = Finding("columns", "public.a.x", "text", "uuid", "columns public.a.x changed", compared=True)
ME = dataclasses.replace(NOWHERE, subject=DatabaseFacts(role="app ro"))


def failed():
    return outcome("not restored", "", (TYPE,), check="columns")


def run(*outcomes, **rest):
    return report(*outcomes, **{"selection": Selected(9, 9), **rest})


CLIENT = Client(options=("--database-url me@db:5432/shop", "--reference 'old baseline.json'", "--jobs 3"))
OPTIONS = "--database-url postgresql://me@db:5432/shop --reference 'old baseline.json'"
ROLL_BACK = Recommendation("data corruption", "critical", "roll back", (), ())


@every(
    "given, code, steps",
    [
        ({"phase": "post_rollback"}, 1, [f"rollproof repair {OPTIONS} > repair.sql"]),
        ({"phase": "post_rollback"}, 0, []),
        (
            {"phase": "post_rollback", "verdict": "PARTLY VERIFIED"},
            0,
            [f"rollproof verify post_rollback {OPTIONS}   # all of it: this run was of a part"],
        ),
        (
            {"phase": "pre_migration"},
            0,
            ["the migration may begin; verify it when it is done", f"rollproof verify post_migration {OPTIONS}"],
        ),
        (
            {"phase": "pre_rollback"},
            0,
            ["the rollback may begin; verify it when it is done", f"rollproof verify post_rollback {OPTIONS}"],
        ),
        (
            {"phase": "pre_rollback"},
            1,
            ["mend what stands in the way of the rollback", f"rollproof verify pre_rollback {OPTIONS}"],
        ),
        ({"phase": "post_migration", "recommendation": ROLL_BACK}, 1, ["data corruption (critical): roll back"]),
        ({"phase": "post_rollback"}, 7, [f"rollproof doctor {OPTIONS}"]),
        (
            {"phase": "post_rollback", "trouble": "no: GRANT SELECT ON public.a TO me"},
            7,
            ["GRANT SELECT ON public.a TO me;", f"rollproof verify post_rollback {OPTIONS}"],
        ),
        ({"phase": "0002 step 3"}, 1, ["mend what is told here, and rehearse again"]),
        ({"phase": "post_rollback; id"}, 7, ["mend what is told here, and rehearse again"]),
        ({"phase": "post_rollback"}, 130, [f"rollproof verify post_rollback {OPTIONS} --resume"]),
    ],
)
def test_what_to_do_next(given, code, steps):
    said = run(
        failed(),
        exit_code=code,
        provenance=dataclasses.replace(NOWHERE, client=CLIENT),
        **{"verdict": "X", **given},
    )

    assert list(overview(said).next_steps) == steps


@every(
    "noted, typed",
    [
        ("'service prod'", "service=prod"),
        ("me@/var/run:5433/shop", "'postgresql://me@/shop?host=/var/run&port=5433'"),
        ("/srv/shop", "'postgresql:///shop?host=/srv'"),
        ("'me@db/shop?sslmode=verify-full'", "'postgresql://me@db/shop?sslmode=verify-full'"),
        ("'/srv/shop?sslmode=disable'", "'postgresql:///shop?host=/srv&sslmode=disable'"),
        ("me@a,b:1,2/shop", "…"),
    ],
)
def test_a_database_is_typed_as_it_can_be_reached_again(noted, typed):
    client = Client(options=(f"--database-url {noted}",))
    said = run(failed(), phase="post_rollback", exit_code=7, provenance=dataclasses.replace(NOWHERE, client=client))

    assert overview(said).next_steps == (f"rollproof doctor --database-url {typed}",)


def test_a_reference_that_could_not_be_reached_can_be_pasted_again():
    client = Client(options=("--reference me@db:5432/shop",))
    held = dataclasses.replace(NOWHERE.reference, kind="nothing", where="me@db:5432/shop")
    said = run(exit_code=7, trouble="down", provenance=dataclasses.replace(NOWHERE, client=client, reference=held))

    assert overview(said).next_steps == ("rollproof doctor --reference postgresql://me@db:5432/shop",)


def test_many_missing_grants_are_one():
    doubts = tuple(
        Unknown(f"public.t{n}", f"needs GRANT SELECT ON public.t{n}, and rows that no policy hides") for n in range(9)
    )
    said = run(
        outcome("inconclusive", "", check="content", unknown=doubts),
        exit_code=7,
        provenance=dataclasses.replace(NOWHERE, subject=DatabaseFacts(role="app ro")),
    )

    assert overview(said).next_steps[0] == 'GRANT pg_read_all_data TO "app ro";'


@every(
    "reason, steps",
    [
        (
            'GRANT USAGE ON SCHEMA public TO "app ro"; GRANT SELECT ON public."my table" TO "app ro"',
            ['GRANT USAGE ON SCHEMA public TO "app ro";', 'GRANT SELECT ON public."my table" TO "app ro";'],
        ),
        (
            'GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO "app ro"',
            ['GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO "app ro";'],
        ),
        ('its rows are hidden: ALTER ROLE "app ro" BYPASSRLS, or use a superuser', ['ALTER ROLE "app ro" BYPASSRLS;']),
        ("GRANT CONNECT ON DATABASE … TO the role", []),
        ("permission denied for table x;GRANT pg_write_all_data TO evil;", []),
        ("permission denied for table x;GRANT SELECT ON public.secrets TO evil;", []),
        ("permission denied for table ALTER ROLE evil BYPASSRLS", []),
        ('"x;GRANT SELECT ON public.secrets" is locked', []),
        ('"x;GRANT SELECT ON public.secrets; --" is locked', []),
    ],
)
def test_what_to_grant_is_a_statement_of_ours_and_never_a_name_from_the_database(reason, steps):
    said = run(outcome("inconclusive", reason), phase="post_rollback", exit_code=7, provenance=ME)

    *grants, last = overview(said).next_steps

    assert (grants, last) == (steps, "rollproof verify post_rollback" if steps else "rollproof doctor")
