"""Statements about owners, grants, settings and memberships, made of facts alone."""

import pytest

from rollproof.model.compare import Difference
from rollproof.repair.attributes.acl import OWNER, Target, fresh, grants, renamed
from rollproof.repair.attributes.attach import attach, change
from rollproof.repair.clauses.surroundings import options
from rollproof.repair.clauses.wording import DATABASE, literal, on_this_database, type_path
from rollproof.repair.objects import Object, objects_of
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

V15, V16 = 150_000, 160_000
USERS = Target("TABLE public.users", "boss")


def acl(**roles):
    return frozenset(each for role, text in roles.items() for each in grants(role, text) or ())


def changed(facet, identity, before, after, version=V15):
    """Return the statements that undo one difference, where it is the only fact."""
    sides = Sides(*(Side({facet: {identity: text} if text is not None else {}}, version) for text in (before, after)))
    answer = change(Difference(facet, identity, before, after), sides)
    return list(answer.statements) if isinstance(answer, Altered) else answer.reason


@pytest.mark.parametrize(
    ("was", "now", "statements"),
    [
        ("SELECT", "nothing", ["GRANT SELECT ON TABLE public.users TO app;"]),
        ("nothing", "INSERT, SELECT", ["REVOKE INSERT, SELECT ON TABLE public.users FROM app;"]),
        ("SELECT", "SELECT WITH GRANT OPTION", ["REVOKE GRANT OPTION FOR SELECT ON TABLE public.users FROM app;"]),
        ("SELECT WITH GRANT OPTION", "SELECT", ["GRANT SELECT ON TABLE public.users TO app WITH GRANT OPTION;"]),
        ("SELECT", "SELECT", []),
        ("INSERT, SELECT", "SELECT, UPDATE",
            ["REVOKE UPDATE ON TABLE public.users FROM app;", "GRANT INSERT ON TABLE public.users TO app;"]),
    ],
)  # fmt: skip
def test_only_what_differs_is_touched(was, now, statements):
    assert list(USERS.statements(acl(app=now), acl(app=was))) == statements


def test_a_grant_by_another_is_granted_after_his_own_and_revoked_before_it():
    chain = acl(a="SELECT WITH GRANT OPTION", b="SELECT WITH GRANT OPTION BY a", c="SELECT BY b")

    assert [each.split(" FROM ")[-1][:1] for each in USERS.statements(chain, frozenset())] == ["c", "b", "a"]
    assert [each.split(" TO ")[-1][:1] for each in USERS.statements(frozenset(), chain)] == ["a", "b", "c"]
    assert next(USERS.statements(chain, frozenset())) == (
        "DO $rollproof$ BEGIN SET LOCAL ROLE b; REVOKE SELECT ON TABLE public.users FROM c; RESET ROLE; END $rollproof$;"
    )


def test_what_the_old_owner_was_granted_becomes_the_owners_with_the_change_back():
    now = acl(OWNER="SELECT", old="INSERT", app="SELECT BY old")

    assert renamed(now, {"old": OWNER}) == acl(OWNER="INSERT, SELECT", app="SELECT")


@pytest.mark.parametrize("text", ["SELECT; DROP TABLE users", "SELECT BY", "SELECT BY a;b", "select", ""])
def test_what_is_no_list_of_privileges_is_none(text):
    assert grants("app", text) in (None, frozenset())
    assert not grants("app", text)


def test_the_owner_of_a_new_object_may_maintain_it_from_17():
    assert len(fresh("table", 17_00_00)) - len(fresh("table", 16_00_00)) == 1


@pytest.mark.parametrize(
    ("identity", "value", "statement"),
    [
        ("work_mem FOR ROLE app", "1MB", "ALTER ROLE app SET work_mem TO '1MB';"),
        ("work_mem FOR ROLE app", None, "ALTER ROLE app RESET work_mem;"),
        ("work_mem FOR ROLE ALL", "1MB", "ALTER ROLE ALL SET work_mem TO '1MB';"),
        (
            "search_path FOR ROLE app",
            '"$user", public, "a, b"',
            "ALTER ROLE app SET search_path TO '$user', 'public', 'a, b';",
        ),
        ("search_path FOR ROLE app", '""', "ALTER ROLE app SET search_path TO '';"),
        ('my.Own FOR ROLE "Odd One"', "it's", "ALTER ROLE \"Odd One\" SET my.\"Own\" TO 'it''s';"),
    ],
)
def test_a_setting_is_set_as_it_was(identity, value, statement):
    assert changed("settings", identity, value, None if value else "x") == [statement]


def test_a_setting_of_the_database_is_set_without_its_name():
    (statement,) = changed("settings", "a.b FOR DATABASE", "100%", None)

    assert "format('ALTER DATABASE %I SET a.b TO ''100%%''', pg_catalog.current_database());" in statement


def test_a_hidden_setting_is_left_to_whoever_knows_it():
    assert "ALTER ROLE app SET my.token TO …" in changed("settings", "my.token FOR ROLE app", "(hidden)", None)


@pytest.mark.parametrize(
    ("was", "now", "version", "statements"),
    [
        ("member", None, V15, ["GRANT boss TO app;"]),
        ("member", "member WITH ADMIN OPTION", V15, ["REVOKE ADMIN OPTION FOR boss FROM app;"]),
        (None, "member granted by dba", V16, ["REVOKE boss FROM app GRANTED BY dba;"]),
        ("member WITHOUT INHERIT granted by dba WITH ADMIN OPTION (through its groups alone)", None, V16,
            ["GRANT boss TO app WITH ADMIN TRUE, INHERIT FALSE, SET TRUE GRANTED BY dba;"]),
    ],
)  # fmt: skip
def test_a_membership_is_as_it_was(was, now, version, statements):
    assert changed("roles", "app IN boss", was, now, version) == statements


def test_default_privileges_without_a_schema_stand_for_postgresqls_own():
    assert changed("default_privileges", "FUNCTIONS MADE BY boss TO nobody", None, "nothing") == [
        "ALTER DEFAULT PRIVILEGES FOR ROLE boss GRANT EXECUTE ON FUNCTIONS TO boss;",
        "ALTER DEFAULT PRIVILEGES FOR ROLE boss GRANT EXECUTE ON FUNCTIONS TO PUBLIC;",
    ]


def test_a_role_may_be_called_nobody():
    assert changed("default_privileges", "TABLES MADE BY boss IN SCHEMA s TO nobody", None, "SELECT") == [
        "ALTER DEFAULT PRIVILEGES FOR ROLE boss IN SCHEMA s REVOKE SELECT ON TABLES FROM nobody;"
    ]


def test_a_new_object_gets_its_owner_first_and_loses_what_default_privileges_may_give():
    facts = {
        "tables": {"public.t": "table"},
        "owners": {"public.t (table)": "boss"},
        "privileges": {"public.t (table) TO OWNER": "SELECT", "public.t (table) TO app": "SELECT"},
    }
    defaults = {"default_privileges": {"TABLES MADE BY dba TO other": "SELECT"}}
    sides = Sides(Side(facts, V15), Side(defaults, V15))

    given = attach(Object("tables", "public.t"), sides)

    assert given[:2] == ("ALTER TABLE public.t OWNER TO boss;", "REVOKE ALL ON TABLE public.t FROM PUBLIC, other;")
    assert given[-2:] == ("GRANT SELECT ON TABLE public.t TO boss;", "GRANT SELECT ON TABLE public.t TO app;")


@pytest.mark.parametrize(
    ("facet", "identity", "of"),
    [
        ("owners", 'public."a (table) TO b" (view)', ("views", 'public."a (table) TO b"')),
        ("comments", '"x on y" on public.d (domain constraint)', ("types", "public.d")),
        ("comments", "(public.pair AS pg_catalog.text) (cast)", ("casts", "(public.pair AS text)")),
        ("privileges", "away (server) TO app", ("foreign_servers", "away (server)")),
        ("security_labels", "public.f(pg_catalog.oid) (function) FOR p", ("functions", "public.f(oid)")),
        ("roles", "app IN boss", ("roles", "app")),
        ("settings", "a FOR DATABASE", ("database", "this")),
        ("extension_members", "hstore: public.x (type)", ("extensions", "hstore")),
        (
            "default_privileges",
            "TABLES MADE BY a IN SCHEMA s TO b",
            ("default_privileges", "TABLES MADE BY a IN SCHEMA s"),
        ),
    ],
)
def test_a_fact_finds_its_object(facet, identity, of):
    assert of in objects_of(facet, identity)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("host=there, name=a, b", {"host": "there", "name": "a, b"}),
        ("b=1, a=2", None),  # they are told in the order of the alphabet
        ("a=1, a=2", None),
        ("", {}),
    ],
)
def test_options_are_understood_or_not_guessed(text, known):
    assert options(text) == known


def test_words_cannot_leave_their_string():
    assert literal("it's") == "'it''s'"
    assert literal("a\\'b") == "E'a\\\\''b'"
    assert on_this_database(f"ALTER DATABASE {DATABASE} $rollproof$ x;").startswith("DO $rollproof_$ ")
    assert (type_path("integer"), type_path("text"), type_path("a.b")) == ("pg_catalog.int4", "pg_catalog.text", "a.b")


def test_a_comment_that_was_left_behind_is_taken_away():
    assert changed("comments", "public.t.c (table column)", None, "x") == ["COMMENT ON COLUMN public.t.c IS NULL;"]
    assert changed("comments", "public.t.k (table constraint)", "a\\b", "x") == [
        "COMMENT ON CONSTRAINT k ON public.t IS E'a\\\\b';"
    ]


def test_no_statement_gives_an_extension_another_owner():
    answer = change(Difference("owners", "hstore (extension)", "a", "b"), Sides(Side({}, V15), Side({}, V15)))

    assert isinstance(answer, Refused)
    assert "REASSIGN OWNED" in answer.reason
