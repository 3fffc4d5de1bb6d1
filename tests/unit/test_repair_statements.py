"""Statements that are offered: certain ones, few enough to read, none for what is gone."""

from fixtures.every import every
from rollproof.model.compare import Difference
from rollproof.model.finding import Finding
from rollproof.model.plain_text import SHOWN, statement_lines
from rollproof.verdict.repair_statements import repairs, statements


def findings(*differences):
    return [Finding.of(difference) for difference in differences]


def test_a_loss_of_the_migration_has_the_same_way_out():
    lost = Difference("nothing_lost", "constraints public.a.b", "CHECK (true)", None)

    assert statements(lost) == ("ALTER TABLE public.a ADD CONSTRAINT b CHECK (true);",)


def test_what_is_not_certain_is_not_offered():
    gone = Difference("columns", "public.a.b", "text", None)
    of_a_view = Difference("columns", "public.v.b", "text", "integer")

    assert statements(gone, ["public.a"]) == statements(of_a_view, ["public.a"]) == ()
    assert repairs(findings(gone, Difference("content", "public.a", "1", "2")), ["public.a"]) == ()


def test_many_statements_are_cut():
    many = findings(
        *(
            Difference("planner_statistics", f"public.t{number}", "analysed", "not analysed: a")
            for number in range(SHOWN + 7)
        )
    )
    lines = list(statement_lines(repairs(many)))

    assert len(repairs(many)) == SHOWN + 7
    assert len(lines) == SHOWN + 2
    assert lines[-1] == "  -- and 7 more"


def test_nothing_is_offered_that_stands_on_a_table_that_is_gone():
    key = Difference("constraints", "public.a.k", "FOREIGN KEY (b) REFERENCES public.gone(id)", None)
    index = Difference("indexes", "public.gone.i", "CREATE INDEX i ON public.gone USING btree (x)", None)
    other = Difference("indexes", "public.gone_too.i", "CREATE INDEX i ON public.gone_too USING btree (x)", None)

    assert {each.mends for each in repairs(findings(key, index), ["public.a"])} == {"public.a.k", "public.gone.i"}
    assert repairs(findings(key, index), ["public.a"], ["public.gone"]) == ()
    assert repairs(findings(other), gone=["public.gone"]) != ()


ADD = "ALTER TABLE public.a ADD CONSTRAINT k CHECK (true);"
ALTER = "ALTER TABLE public.a ALTER COLUMN c"
CASTS = " -- casts the values: what one of the types cannot hold (capitals, hyphens, further digits) only a backup can restore"
LEFT_AS_IT_IS = "-- columns public.a.c: more than type, default and NOT NULL differs, and that is left as it is"
I = "CREATE INDEX i ON public.a USING btree (c)"  # noqa: E741 (an index)
UNIQUE = I.replace("INDEX", "UNIQUE INDEX")
TRIGGER = "CREATE TRIGGER t BEFORE INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION f()"
FUNCTION = "CREATE OR REPLACE FUNCTION public.f()\n RETURNS integer\n LANGUAGE sql\nAS $function$SELECT 1$function$\n"
# facet: (identity, before, after) → the statements that bring back what was before.
REPAIRS = {
    "constraints": {
        ("public.a.k", "CHECK (true)", None): [ADD],
        ("public.a.k", None, "CHECK (true)"): ["ALTER TABLE public.a DROP CONSTRAINT k;"],
        ("public.a.k", "CHECK (true)", "CHECK (false)"): ["ALTER TABLE public.a DROP CONSTRAINT k;", ADD],
        ("public.a.k", "CHECK (true) (inherited)", None): [],
        ("public.a.k", "CHECK (true) (inherited and own)", None): [ADD],
    },
    "indexes": {
        ("public.a.i", I, None): [f"{I};"],
        ("public.a.i", None, I): ["DROP INDEX public.i;"],
        ("public.a.i", I, UNIQUE): ["DROP INDEX public.i;", f"{I};"],
        ("public.a.i", UNIQUE, None): [f"{UNIQUE}; -- unless a constraint of this name brings it"],
        ("public.a.i", f"{I} TABLESPACE fast", None): [f"{I};", "ALTER INDEX public.i SET TABLESPACE fast;"],
        ("public.a.i", f"{I} STATISTICS 7 ON COLUMN 1 STATISTICS 8 ON COLUMN 2", None): [
            f"{I};",
            "ALTER INDEX public.i ALTER COLUMN 1 SET STATISTICS 7;",
            "ALTER INDEX public.i ALTER COLUMN 2 SET STATISTICS 8;",
        ],
        ("public.a.i", f"{I} CLUSTER ON REPLICA IDENTITY", None): [
            f"{I};",
            "ALTER TABLE public.a CLUSTER ON i;",
            "ALTER TABLE public.a REPLICA IDENTITY USING INDEX i;",
        ],
        ("public.a.i", f"{I} PARTITION OF public.pi", None): [],
        ("public.a.i", f"{I} INVALID", None): [],
        ("public.a.i", f"{I} INVALID", I): [],
        ("public.a.i", I.replace(" ON ", " ON ONLY "), None): [],
        ("public.a.i", "no index", None): [],
    },
    "triggers": {
        ("public.a.t", TRIGGER, None): [f"{TRIGGER};"],
        ("public.a.t", None, TRIGGER): ["DROP TRIGGER t ON public.a;"],
        ("public.a.t", TRIGGER, f"DISABLED {TRIGGER}"): ["DROP TRIGGER t ON public.a;", f"{TRIGGER};"],
        ("public.a.t", f"DISABLED {TRIGGER}", None): [f"{TRIGGER};", "ALTER TABLE public.a DISABLE TRIGGER t;"],
        ("public.a.t", f"ENABLED ON REPLICA ONLY {TRIGGER}", None): [
            f"{TRIGGER};",
            "ALTER TABLE public.a ENABLE REPLICA TRIGGER t;",
        ],
        ("public.a.t", f"ENABLED ALWAYS {TRIGGER}", None): [f"{TRIGGER};", "ALTER TABLE public.a ENABLE ALWAYS TRIGGER t;"],
        ("public.a.t", f"(inherited) {TRIGGER}", None): [],
        ("public.a.t", TRIGGER.replace("f()", "f('(inherited)')"), None): [f"{TRIGGER.replace('f()', '''f('(inherited)')''')};"],
    },
    "policies": {
        ("public.a.p", "PERMISSIVE FOR SELECT TO PUBLIC USING (true)", None): [
            "CREATE POLICY p ON public.a AS PERMISSIVE FOR SELECT TO PUBLIC USING (true);"
        ],
        ("public.a.p", None, "PERMISSIVE FOR SELECT TO PUBLIC USING (true)"): ["DROP POLICY p ON public.a;"],
        ("public.a.p", "RESTRICTIVE FOR ALL TO PUBLIC", "PERMISSIVE FOR ALL TO PUBLIC"): [
            "DROP POLICY p ON public.a;",
            "CREATE POLICY p ON public.a AS RESTRICTIVE FOR ALL TO PUBLIC;",
        ],
    },
    "columns": {
        ("public.a.c", "text", "integer"): [f"{ALTER} TYPE text USING c::text;{CASTS}"],
        ("public.a.c", 'text COLLATE "C"', "integer"): [f'{ALTER} TYPE text COLLATE "C" USING c::text;{CASTS}'],
        ("public.a.c", "text NOT NULL", "text"): [f"{ALTER} SET NOT NULL;"],
        ("public.a.c", "text", "text NOT NULL"): [f"{ALTER} DROP NOT NULL;"],
        ("public.a.c", "text DEFAULT 'a b'::text", "text"): [f"{ALTER} SET DEFAULT 'a b'::text;"],
        ("public.a.c", "text", "text DEFAULT 1"): [f"{ALTER} DROP DEFAULT;"],
        ("public.a.c", "text DEFAULT 1", "text DEFAULT 2"): [f"{ALTER} SET DEFAULT 1;"],
        ("public.a.c", "text NOT NULL DEFAULT 1", "integer DEFAULT 1"): [
            f"{ALTER} DROP DEFAULT;",
            f"{ALTER} TYPE text USING c::text;{CASTS}",
            f"{ALTER} SET DEFAULT 1;",
            f"{ALTER} SET NOT NULL;",
        ],
        ("public.a.c", "text STORAGE EXTERNAL", "text"): [LEFT_AS_IT_IS],
        ("public.a.c", "text CONSTRAINT n NOT NULL", "text CONSTRAINT m NOT NULL"): [LEFT_AS_IT_IS],
        ("public.a.c", "text NOT NULL NOT VALID", "text NOT NULL"): [LEFT_AS_IT_IS],
        ("public.a.c", "integer GENERATED ALWAYS AS IDENTITY", "integer"): [],
        ("public.a.c", "integer", "integer GENERATED ALWAYS AS (1) STORED"): [],
        ("public.a.c", "text", None): [],
        ("public.a.c", None, "text"): [],
    },
    "views": {
        ("public.v", "view AS SELECT 1;", None): ["CREATE VIEW public.v AS SELECT 1;"],
        ("public.v", "view WITH (security_barrier=true) AS SELECT 1", None): [
            "CREATE VIEW public.v WITH (security_barrier=true) AS SELECT 1;"
        ],
        ("public.v", "materialized view USING heap TABLESPACE fast NOT POPULATED AS SELECT 1;", None): [
            "CREATE MATERIALIZED VIEW public.v USING heap TABLESPACE fast AS SELECT 1 WITH NO DATA;"
        ],
        ("public.v", "view AS SELECT 1;", "view AS SELECT 2;"): [],
        ("public.v", None, "view AS SELECT 1;"): [],
    },
    "owners": {
        ("public.a (table)", "ann", "bob"): ["ALTER TABLE public.a OWNER TO ann;"],
        ("public.a (foreign table)", "ann", "bob"): ["ALTER FOREIGN TABLE public.a OWNER TO ann;"],
        ("public.f(integer) (function)", "ann", "bob"): ["ALTER ROUTINE public.f(integer) OWNER TO ann;"],
        ("public.v (view)", "ann", None): ["ALTER VIEW public.v OWNER TO ann;"],
        ("public.v (materialized view)", "ann", None): ["ALTER MATERIALIZED VIEW public.v OWNER TO ann;"],
        ("public.s (statistics)", "ann", None): ["ALTER STATISTICS public.s OWNER TO ann;"],
        ("public.a (table)", "ann", None): [],
        ("public.a (table)", None, "bob"): [],
        ("x (language)", "ann", "bob"): [],
    },
    "privileges": {
        ("public.a (table) TO ann", "SELECT, INSERT", None): [
            "GRANT SELECT ON TABLE public.a TO ann;",
            "GRANT INSERT ON TABLE public.a TO ann;",
        ],
        ("public.a (table) TO PUBLIC", None, "SELECT"): ["REVOKE ALL ON TABLE public.a FROM PUBLIC;"],
        ("public.v (view) TO ann", "SELECT WITH GRANT OPTION", "INSERT"): [
            "REVOKE ALL ON TABLE public.v FROM ann;",
            "GRANT SELECT ON TABLE public.v TO ann WITH GRANT OPTION;",
        ],
        ("public.v (materialized view) TO ann", "SELECT", None): ["GRANT SELECT ON TABLE public.v TO ann;"],
        ("public.f() (function) TO ann", "EXECUTE", None): ["GRANT EXECUTE ON ROUTINE public.f() TO ann;"],
        ("public (schema) TO ann", "USAGE", None): ["GRANT USAGE ON SCHEMA public TO ann;"],
        ("public.s (sequence) TO ann", "nothing", "USAGE"): ["REVOKE ALL ON SEQUENCE public.s FROM ann;"],
        ("public.a (table) TO OWNER", "nothing", None): [],
        ("public.a (table) TO ann", "SELECT BY bob", None): [],
        ("public.a.c (column) TO ann", "SELECT", None): [],
    },
    "row_security": {
        ("public.a", "enabled", None): ["ALTER TABLE public.a ENABLE ROW LEVEL SECURITY;"],
        ("public.a", None, "enabled"): ["ALTER TABLE public.a DISABLE ROW LEVEL SECURITY;"],
        ("public.a", "enabled, owner too", "enabled"): ["ALTER TABLE public.a FORCE ROW LEVEL SECURITY;"],
        ("public.a", "enabled", "enabled, owner too"): ["ALTER TABLE public.a NO FORCE ROW LEVEL SECURITY;"],
        ("public.a", "forced", "enabled"): [
            "ALTER TABLE public.a DISABLE ROW LEVEL SECURITY;",
            "ALTER TABLE public.a FORCE ROW LEVEL SECURITY;",
        ],
    },
    "sequence_positions": {
        ("public.s", "7", "3"): ["SELECT pg_catalog.setval('public.s', 7, false);"],
        ("public.\"it's\"", "7", "3"): ["SELECT pg_catalog.setval('public.\"it''s\"', 7, false);"],
        ("public.s", "7 descending", "3"): [],
        ("public.s", "7", None): [],
    },
    "planner_statistics": {
        ("public.a", "analysed", "never analysed"): ["ANALYZE public.a;"],
        ("public.a", None, "never analysed"): [],
        ("public.a", "analysed", None): [],
    },
    "functions": {
        ("public.f()", FUNCTION, None): [f"{FUNCTION};"],
        ("public.f()", "CREATE FUNCTION f()", "CREATE FUNCTION f() STRICT"): [],
        ("public.f()", "an aggregate", None): [],
        ("public.f()", None, "CREATE FUNCTION f()"): [],
    },
    "comments": {
        ("public.a (table)", "it's", None): ["COMMENT ON TABLE public.a IS 'it''s';"],
        ("public.a (table)", None, "new"): ["COMMENT ON TABLE public.a IS NULL;"],
        ("public.a.c (table column)", "x", "y"): ["COMMENT ON COLUMN public.a.c IS 'x';"],
        ("public.a.k (table constraint)", "x", "y"): ["COMMENT ON CONSTRAINT k ON public.a IS 'x';"],
        ("public.a.p (policy)", "x", "y"): ["COMMENT ON POLICY p ON public.a IS 'x';"],
        ("public.a.i (index)", "x", "y"): ["COMMENT ON INDEX public.i IS 'x';"],
        ("public.s (statistics object)", "x", "y"): ["COMMENT ON STATISTICS public.s IS 'x';"],
        ("plpgsql (language)", "x", "y"): [],
    },
    "content": {("public.a", "1", "2"): []},
}  # fmt: skip


@every("facet", REPAIRS)
def test_the_statements_bring_back_what_was_before(facet):
    found = {each: list(statements(Difference(facet, *each), ["public.a"])) for each in REPAIRS[facet]}

    assert found == REPAIRS[facet]


@every(
    ("before", "after", "mended"),
    [
        ("enforced", "disabled", True),
        ("enforced", "on replicas only", True),
        ("enforced", "always", True),
        ("enforced", "a trigger is missing, another disabled", False),
        ("enforced", "altered, disabled", False),
        ("disabled", "enforced", False),
        ("enforced", "half", False),
        ("enforced", None, False),
    ],
)
def test_a_foreign_key_that_is_switched_off_is_switched_on_alone(before, after, mended):
    found = statements(Difference("foreign_key_triggers", 'public."it\'s"."K""\'"', before, after))

    assert bool(found) == mended
    if mended:
        assert found[0].startswith("DO $rollproof$\n")
        assert "conrelid = 'public.\"it''s\"'::pg_catalog.regclass AND conname = 'K\"'''" in found[0]
