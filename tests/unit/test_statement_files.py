"""Files of SQL as statements of an application: what a person, psql or a driver writes."""

import pytest

from fixtures.every import every
from rollproof.rehearsal.doors.constants import without_constants, without_constants_of
from rollproof.rehearsal.doors.form import form
from rollproof.rehearsal.doors.log_lines import entries
from rollproof.rehearsal.doors.log_statements import LogStatements
from rollproof.rehearsal.doors.placeholders import placed
from rollproof.rehearsal.doors.read import read_statements
from rollproof.rehearsal.doors.splitting import Script
from rollproof.rehearsal.doors.wider import holds
from rollproof.rehearsal.doors.written import Value, Write, writes

FILE = r"""
-- the app; of nobody
\set x 1
SELECT ';' , $$ ; $$, $t$ ; $$ $t$ /* ; /* ; */ ; */ -- ;
  FROM "a;b";
-- role: clerk
COPY t (a, b) FROM stdin;
1	it's
2	x;y
\.
\copy t (a) to 'x.csv' csv
CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN 1 = 1 THEN 2 END; SELECT 3; END;
SELECT (1;
SELECT 'never closed;
SELECT 2 \gexec
CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);
SELECT 3 \; SELECT 4;
select last"""


def test_a_file_is_split_as_psql_splits_it_each_statement_with_its_line_and_role():
    script = Script(FILE)

    assert [(piece.line, piece.role, piece.text.partition("\n")[0][:28]) for piece in script.pieces()] == [
        (4, "", "SELECT ';' , $$ ; $$, $t$ ; "),
        (7, "clerk", "COPY t (a, b) FROM stdin"),
        (11, "clerk", "COPY t (a) to 'x.csv' csv"),
        (12, "clerk", "CREATE FUNCTION f() RETURNS "),
        (13, "clerk", "SELECT (1"),
        (14, "clerk", "SELECT 'never closed"),
        (15, "clerk", "SELECT 2"),
        (16, "clerk", "CREATE RULE r AS ON INSERT T"),
        (17, "clerk", "SELECT 3"),
        (17, "clerk", "SELECT 4"),
        (18, "clerk", "select last"),
    ]
    assert script.skipped == ["\\set", "\\gexec"]


def test_a_copy_without_data_hides_nothing_behind_it():
    assert [
        piece.text for piece in Script("COPY t FROM STDIN;\nSELECT 1;\nCOPY u FROM STDIN;\n1\n\\.\nSELECT 2;").pieces()
    ] == [
        "COPY t FROM STDIN",
        "SELECT 1",
        "COPY u FROM STDIN",
        "SELECT 2",
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("SELECT * FROM t WHERE a = %s AND b LIKE %s", "SELECT * FROM t WHERE a = $1 AND b LIKE $2"),
        ("UPDATE t SET a = %(a)s, b = %(a)s || %(b)s", "UPDATE t SET a = $1, b = $1 || $2"),
        ("SELECT :id::int, ':no', x::text FROM t -- :no", "SELECT $1::int, ':no', x::text FROM t -- :no"),
        (
            "SELECT j ? 'x', j ?| k FROM t WHERE j ? :k AND a = ?",
            "SELECT j ? 'x', j ?| k FROM t WHERE j ? $1 AND a = $2",
        ),
        ("INSERT INTO t VALUES (?, ?, @p0)", "INSERT INTO t VALUES ($1, $2, $3)"),
        ("SELECT a[1:n], @ -5 FROM t LIMIT :n OFFSET :m", "SELECT a[1:n], @ -5 FROM t LIMIT $1 OFFSET $2"),
        ("SELECT a % s, a %s, 5 %% 2 FROM t", "SELECT a % s, a %s, 5 %% 2 FROM t"),
        ("SELECT 5 %% 2, %s", "SELECT 5 % 2, $1"),
        ("SELECT $1 WHERE j ? 'a'", "SELECT $1 WHERE j ? 'a'"),
        ("SELECT $$ ? $$ WHERE b BETWEEN ? AND ?", "SELECT $$ ? $$ WHERE b BETWEEN $1 AND $2"),
    ],
)
def test_a_drivers_placeholder_is_one_only_where_an_operand_must_stand(written, meant):
    assert placed(written) == meant


def test_what_a_session_set_and_prepared_before_is_known_of_its_statements(tmp_path):
    (tmp_path / "app.sql").write_text(
        "SET ROLE clerk; SET search_path TO shop, public; PREPARE p (int, numeric(10, 2)) AS SELECT $1, $2; EXECUTE p (1, 2);"
        "CREATE TEMP TABLE IF NOT EXISTS mine ON COMMIT DROP AS SELECT 1 WITH DATA; INSERT INTO mine SELECT 2;"
        "RESET ALL; SELECT 1; SELECT 1"
    )

    prepared, made, into, plain = read_statements(["app.sql"], None, tmp_path).statements

    assert (prepared.text, prepared.types, prepared.role) == ("SELECT $1, $2", ("int", "numeric(10, 2)"), "clerk")
    assert (made.search_path, made.temporary) == ("shop, public", ())
    assert into.temporary == ("CREATE TEMP TABLE IF NOT EXISTS mine ON COMMIT DROP AS SELECT 1\nWITH NO DATA",)
    assert (plain.role, plain.search_path, plain.where) == ("", "", "app.sql:1")


@pytest.mark.parametrize(
    ("text", "kind", "asked"),
    [
        ("/* why */ DECLARE c INSENSITIVE NO SCROLL CURSOR WITH HOLD FOR SELECT 1", "query", "SELECT 1"),
        ("EXPLAIN (ANALYZE, BUFFERS) SELECT 1", "query", "SELECT 1"),
        ("explain analyze verbose SELECT 1", "query", "SELECT 1"),
        ("CREATE TEMPORARY TABLE t (a) ON COMMIT DROP AS SELECT 1 WITH NO DATA", "query", "SELECT 1"),
        ("CREATE OR REPLACE TEMP VIEW v AS SELECT 1", "query", "SELECT 1"),
        ('COPY "S".t ("a b", c) TO STDOUT WITH (FORMAT csv)', "query", 'SELECT "a b", c FROM "S".t'),
        ("COPY (SELECT ')' FROM t) TO 'file'", "query", "SELECT ')' FROM t"),
        ("TRUNCATE TABLE ONLY t, u", "truncate", "SELECT FROM t"),
        ("-- why\nCOMMIT AND CHAIN", "nothing", "it only opens or ends a transaction"),
        ("WITH x AS (SELECT 1) SELECT 2", "query", "WITH x AS (SELECT 1) SELECT 2"),
    ],
)
def test_what_cannot_be_prepared_itself_has_something_that_can(text, kind, asked):
    assert (form(text).kind, form(text).text) == (kind, asked)


def test_the_servers_own_text_tells_what_is_written():
    text = """BEGIN ATOMIC
 WITH x AS (
          UPDATE ONLY public.z SET a[1] = 5, (b, c) = ( SELECT 1, 2), d = NULL::text, "e f" = 'x, y'::character varying(10)
         )
 INSERT INTO public.t AS o (a, b)
   VALUES ($1, ('-5'::integer)::numeric), (DEFAULT, lower(($2)::text)) ON CONFLICT(a) DO UPDATE SET b = excluded.b;
END"""
    update = {"a": Value("other", "5"), "b": Value("other", "( SELECT 1, 2)"), "c": Value("other", "( SELECT 1, 2)")}
    update |= {"d": Value("null"), "e f": Value("constant", "'x, y'")}
    first = {"a": Value("parameter", "1"), "b": Value("constant", "'-5'")}
    second = {"a": Value("default"), "b": Value("other", "lower(($2)::text)")}

    assert writes(text) == (
        Write("update", "public.z", (update,)),
        Write("insert", "public.t", (first, second)),
        Write("update", "public.t", ({"b": Value("other", "excluded.b")},)),
    )


@pytest.mark.parametrize(
    ("wide", "narrow", "does"),
    [
        ("bigint", "integer", True),
        ("integer", "bigint", False),
        ("text", "character varying(10)", True),
        ("character varying(10)", "text", False),
        ("character varying(50)", "character varying(10)", True),
        ("numeric(12,2)", "numeric(10,2)", True),
        ("numeric(10,4)", "numeric(10,2)", False),
        ("numeric", "integer", True),
        ("text[]", "text", False),
        ("shop.status", "shop.status", True),
    ],
)
def test_a_type_holds_every_value_of_a_narrower_one(wide, narrow, does):
    assert holds(wide, narrow) is does


PREFIXES = (
    "%m [%p] %q%u@%d ",
    "2026-01-01 10:00:00 UTC:10.0.0.1(5432):clerk@shop:[42]:",
    "2026-01-01 10:00:00 UTC [42]: user=clerk,db=shop,app=x ",
)


@pytest.mark.parametrize(
    "prefix", [PREFIXES[0].replace("%m [%p] %q%u@%d", "2026-01-01 10:00:00 UTC [42] clerk@shop"), *PREFIXES[1:]]
)
def test_the_plain_log_is_read_whatever_its_prefix(prefix):
    lines = f"""{prefix}LOG:  duration: 0.1 ms  parse <unnamed>: INSERT INTO t VALUES ($1)
{prefix}LOG:  duration: 0.1 ms  execute <unnamed>: INSERT INTO t
\tVALUES ($1)
{prefix}DETAIL:  parameters: $1 = 'a''b'
{prefix}ERROR:  nothing of ours
{prefix}STATEMENT:  SELECT nothing
{prefix}LOG:  duration: 0.1 ms
"""
    read = LogStatements("log", "shop")

    (found,) = read.statements(entries(lines.splitlines(keepends=True)))

    assert (found.text, found.role, found.values) == ("INSERT INTO t\nVALUES ($1)", "clerk", (("a'b",),))


def test_of_statements_that_differ_in_constants_alone_a_log_gives_five():
    lines = [f"[1] LOG:  statement: SELECT * FROM t WHERE a = {number} AND b = '{number}'" for number in range(100)]
    read = LogStatements("log", "")

    assert len([*read.statements(entries(lines))]) == 5
    assert [*read.notes()] == ["log: 95 statements passed over that differ in nothing but constants from 5 others"]


@every(
    "recorded, shown",
    [
        ("SELECT a1 FROM t2 WHERE b = 'hunter2' AND c = $1", "SELECT a1 FROM t2 WHERE b = '…' AND c = $1"),
        ("UPDATE t SET a = -7.5e-3, b = 1_000 -- for anna", "UPDATE t SET a = -…, b = …"),
        ("SELECT \"col 1\", $x$se'cret$x$, 'it''s'::text", "SELECT \"col 1\", '…', '…'::text"),
    ],
)
def test_a_recorded_statement_is_shown_without_constants(recorded, shown):
    assert without_constants(recorded) == shown


def test_what_a_server_says_of_a_recorded_statement_quotes_no_constant():
    said = 'invalid input value for enum mood: "it\'s"; value "4711" is out of range; column "mood" is gone'
    text = "INSERT INTO t (mood, n) VALUES ('it''s', 4711)"

    assert without_constants_of(text, said) == (
        'invalid input value for enum mood: "…"; value "…" is out of range; column "mood" is gone'
    )
