"""The engine's pure parts: baselines, names, differences, waivers, secrets, settings, owners, anti-joins."""

import datetime
import json
import stat
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollproof.compare import Difference, compare, sentence
from rollproof.configuration import ForeignKey
from rollproof.errors import CannotTell, Misuse
from rollproof.orphans import Relationship, query, relationships
from rollproof.secrets import secrets_in
from rollproof.settings import options, resolve
from rollproof.sides import EVERYTHING, GROUPS, MANY, Recorded, owners, rest
from rollproof.snapshot import Origin, Snapshot, load, save
from rollproof.spelling import schema_of, sql_name, table_of, unquoted
from rollproof.waivers import Waiver, Waivers

ORIGIN = Origin("shop", "7000000000000000001", 150018, "2026-11-24 10:00:00+00", None, "0.1.0")
SNAPSHOT = Snapshot(ORIGIN, {"tables": {"public.orders": "table"}, "columns": {"public.orders.id": "integer"}})
TODAY = datetime.date(2026, 11, 24)

# PostgreSQL refuses only the empty name and the zero byte.
raw_names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
hostile_names = raw_names | st.text("\". ()'$\n%{}[]/\\:", min_size=1, max_size=6)


def baseline(path, snapshot=SNAPSHOT):
    save(snapshot, path)
    return path


def test_a_baseline_comes_back_as_it_was(tmp_path):
    partial = Snapshot(ORIGIN, SNAPSHOT.facets, {"rows": {"public.orders": "permission denied"}})

    assert load(baseline(tmp_path / "whole.json")) == SNAPSHOT
    assert load(baseline(tmp_path / "partial.json", partial)) == partial


def test_a_baseline_is_for_its_owner_alone_and_leaves_no_temporary_file(tmp_path):
    path = baseline(baseline(tmp_path / "baseline.json"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_baseline_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = baseline(tmp_path / "baseline.json")
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Misuse, match="No space left on device"):
        save(Snapshot(ORIGIN, {"tables": {"public.other": "table"}}), path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_baseline_into_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(Misuse, match="No such file"):
        save(SNAPSHOT, tmp_path / "missing" / "baseline.json")


def test_a_missing_baseline_says_how_to_take_one(tmp_path):
    with pytest.raises(Misuse, match=r"no baseline at .*\n.*rollproof capture"):
        load(tmp_path / "baseline.json")


@pytest.mark.parametrize("left", [0, 1, 0.5, -2, -1])
def test_a_baseline_cut_short_is_refused(left, tmp_path):
    path = baseline(tmp_path / "baseline.json")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(left * len(whole)) if isinstance(left, float) else left])

    with pytest.raises(Misuse, match="not a whole rollproof baseline"):
        load(path)


def test_no_flipped_byte_goes_unnoticed(tmp_path):
    path = baseline(tmp_path / "baseline.json")
    whole = path.read_bytes()
    accepted = []
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            load(path)
        except Misuse:
            continue
        accepted.append((place, whole[place : place + 1]))

    # An older format's number is no lie about the facts; everything else is noticed.
    assert [byte for _, byte in accepted if byte != b"1"] == []


def test_a_changed_fact_is_named_as_a_change(tmp_path):
    path = baseline(tmp_path / "baseline.json")
    path.write_bytes(path.read_bytes().replace(b'"integer"', b'"integes"'))

    with pytest.raises(Misuse, match="changed after it was sealed"):
        load(path)


def test_a_newer_format_asks_for_a_newer_rollproof(tmp_path):
    path = baseline(tmp_path / "baseline.json")
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "format": 2}))

    with pytest.raises(Misuse, match="use a newer rollproof"):
        load(path)


@pytest.mark.parametrize("facets", [{}, {"tables": {}}, {"columns": {"public.orders.id": "integer"}}])
def test_a_baseline_without_tables_proves_nothing(facets, tmp_path):
    path = baseline(tmp_path / "baseline.json", Snapshot(ORIGIN, facets))

    with pytest.raises(Misuse, match="no tables to look at"):
        load(path)


def test_a_facet_that_was_not_captured_is_unknown_not_empty():
    with pytest.raises(CannotTell, match="was not captured"):
        SNAPSHOT.facts("triggers")
    with pytest.raises(CannotTell, match="could not be read: permission denied"):
        Snapshot(ORIGIN, {}, {"columns": {"*": "permission denied"}}).facts("columns")


@given(raw_names | hostile_names)
def test_a_name_survives_its_quotes(raw):
    assert unquoted(sql_name(raw)) == raw


@given(hostile_names, hostile_names, st.sampled_from(["", ".", " (column)", " (a, b)", "."]), hostile_names)
def test_an_identity_begins_with_its_table_whatever_the_names(schema, name, mark, more):
    table = f"{sql_name(schema)}.{sql_name(name)}"

    assert table_of(table) == table
    assert table_of(table + mark + (sql_name(more) if mark == "." else "")) == table
    assert schema_of(table) == sql_name(schema)


@pytest.mark.parametrize("identity", ["", "public", '"a.b"', "extension plpgsql", '"a"b.c', "public.", ".orders"])
def test_an_identity_without_a_path_has_no_table(identity):
    assert table_of(identity) is None


@pytest.mark.parametrize("typed", ["orders", "", "public.", 'public."x', "public.orders.id", "my table.x"])
def test_what_is_no_qualified_name_is_refused(typed):
    with pytest.raises(Misuse, match="as SQL writes it"):
        schema_of(typed)


def test_compare_finds_missing_left_and_changed_facts_in_order():
    was, now = {"c": "1", "b": "1", "same": "x"}, {"same": "x", "b": "2", "a": "1"}

    found = compare("columns", was, now)

    assert found == (
        Difference("columns", "a", None, "1"),
        Difference("columns", "b", "1", "2"),
        Difference("columns", "c", "1", None),
    )
    assert [str(each).splitlines()[0] for each in found] == ["a was left behind", "b changed", "c is missing"]


def test_compare_does_not_take_an_empty_description_for_a_missing_fact():
    assert compare("comments", {"a": ""}, {}) == (Difference("comments", "a", "", None),)


facts = st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=6)


@given(facts, facts)
def test_compare_is_empty_exactly_when_both_are_equal(was, now):
    found = compare("any", was, now)

    assert (found == ()) == (was == now)
    assert [(each.identity, each.after, each.before) for each in found] == [
        (each.identity, each.before, each.after) for each in compare("any", now, was)
    ]


def test_a_sentence_counts_what_it_does_not_show():
    text = sentence("rows", [Difference("rows", f"t{n}", "1", "2") for n in range(23)])

    assert text.startswith("rows: 23 not restored\n")
    assert text.endswith("and 3 more, all in result.json")


def waiver(identity="public.orders.note", until=TODAY, check="columns"):
    return Waiver(check, identity, "kept on purpose", until)


def test_a_waiver_accepts_its_whole_identity_in_its_own_check_and_nothing_else():
    wanted = Difference("columns", "public.orders.note", None, "text")
    others = [
        Difference("columns", "public.orders.notes", None, "text"),
        Difference("columns", "public.orders", None, "text"),
        Difference("comments", "public.orders.note", None, "text"),
    ]
    waivers = Waivers([waiver()], TODAY)

    assert waivers.accept([wanted, *others]) == tuple(others)
    assert waivers.used == (waiver(),)
    assert waivers.unused(["columns"]) == ()


def test_a_waiver_that_accepted_nothing_is_named_if_its_check_ran():
    waivers = Waivers([waiver()], TODAY)

    assert waivers.unused(["columns", "rows"]) == (waiver(),)
    assert waivers.unused(["rows"]) == ()


def test_a_waiver_lives_through_its_last_day_and_no_longer():
    difference = Difference("columns", "public.orders.note", None, "text")
    ended = Waivers([waiver(until=TODAY - datetime.timedelta(days=1))], TODAY)

    assert Waivers([waiver(until=TODAY)], TODAY).accept([difference]) == ()
    assert ended.accept([difference]) == (difference,)
    assert ended.unused(["columns"]) == ended.ended


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("postgresql://me:hunter22@host/db", "hunter22"),
        ("postgresql+psycopg://me:hunter22@host/db", "hunter22"),
        ("postgresql://me:two words@host/db", "words"),
        ("postgresql://me:p@ss/w:rd@host/db", "p@ss/w:rd"),
        ("postgresql://me:p%40ss%20w@host/db", "p@ss w"),
        ("postgresql://me:p%40ss%20w@host/db", "p%40ss%20w"),
        ("postgresql://me:p@ss w@host/db", quote("p@ss w", safe="")),
        ("postgresql://me:p@ss w@host/db", quote_plus("p@ss w")),
        ("postgresql://host/db?user=me&password=hunter22", "hunter22"),
        ("host=h user=me password=hunter22 dbname=d", "hunter22"),
        ("host=h password='two words' dbname=d", "two words"),
        ("host=h password = hunter22", "hunter22"),
        (r"host=h password='it\'s\\me' dbname=d", r"it's\me"),
    ],
)
def test_a_password_is_hidden_in_each_spelling(url, word):
    secrets = secrets_in([url], {})

    assert word not in secrets.hide(f"the server said: {word}!")
    assert "hunter22" not in repr(secrets)


def test_pgpassword_and_other_words_are_hidden_too():
    secrets = secrets_in([], {"PGPASSWORD": "from the environment"}, ["Bearer-token"])

    assert secrets.hide("from the environment, Bearer-token") == "***, ***"


def test_a_word_too_short_to_be_told_from_text_is_left_alone():
    assert secrets_in(["postgresql://a:a@host/db"], {}).hide("a table") == "a table"


def test_a_url_without_a_password_hides_nothing():
    assert secrets_in(["postgresql://me@host:5432/db"], {}).hide("me host 5432 db") == "me host 5432 db"


def configuration(folder, text):
    (folder / "rollproof.toml").write_text(text)
    return folder / "rollproof.toml"


def test_what_is_typed_wins_over_the_environment_over_the_file_over_the_default(tmp_path):
    file = configuration(tmp_path, "jobs = 3\nlock_timeout = 5\nstatement_timeout = 7")
    environment = {"ROLLPROOF_JOBS": "4", "ROLLPROOF_LOCK_TIMEOUT": "6"}

    settings = resolve({"jobs": "9", "lock_timeout": None}, environment, file)

    assert (settings.jobs, settings.lock_timeout, settings.statement_timeout) == (9, 6.0, 7.0)
    assert resolve({}, {}, None).jobs == 2


def test_false_is_an_answer_and_an_empty_variable_is_none(tmp_path):
    file = configuration(tmp_path, "show_values = true\njobs = 3")

    assert resolve({"show_values": False}, {}, file).show_values is False
    assert resolve({}, {"ROLLPROOF_SHOW_VALUES": "false"}, file).show_values is False
    assert resolve({"show_values": None}, {"ROLLPROOF_JOBS": ""}, file).jobs == 3


@pytest.mark.parametrize("field", ["jobs", "lock_timeout", "statement_timeout"])
def test_zero_is_an_answer_and_refused_where_it_means_nothing(field):
    with pytest.raises(Misuse, match=field):
        resolve({field: "0"}, {}, None)
    with pytest.raises(Misuse, match=field):
        resolve({}, {f"ROLLPROOF_{field.upper()}": "0"}, None)


@pytest.mark.parametrize(
    ("text", "near"),
    [("lock_timout = 1", "lock_timeout"), ("[backup]\nshcema = 'x'", "schema"), ("[[endpoints]]\nurll = 'x'", "url")],
)
def test_a_mistyped_key_is_refused_with_the_nearest(text, near, tmp_path):
    with pytest.raises(Misuse, match=f"did you mean `{near}`"):
        resolve({}, {}, configuration(tmp_path, text))


@pytest.mark.parametrize("text", ["jobs = ", "jobs = 'many'", "waiver = [{check = 'rows'}]"])
def test_a_configuration_that_means_nothing_is_refused_with_its_name(text, tmp_path):
    with pytest.raises(Misuse, match=r"rollproof\.toml"):
        resolve({}, {}, configuration(tmp_path, text))


def test_a_configuration_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Misuse, match="cannot be read"):
        resolve({}, {}, tmp_path / "missing.toml")


def test_paths_in_the_file_are_relative_to_it_and_typed_ones_are_not(tmp_path):
    file = configuration(tmp_path, "reference = 'b.json'\nreport_dir = 'r'")

    assert resolve({}, {}, file).reference == str(tmp_path / "b.json")
    assert resolve({"reference": "b.json"}, {}, file).reference == "b.json"
    assert resolve({}, {}, file).report_dir == str(tmp_path / "r")
    assert resolve({}, {}, configuration(tmp_path, "reference = 'backup'")).reference == "backup"
    assert resolve({}, {}, configuration(tmp_path, "reference = 'postgresql://h/d'")).reference == "postgresql://h/d"


def test_settings_do_not_print_their_passwords():
    assert "hunter22" not in repr(resolve({"database_url": "postgresql://me:hunter22@h/d"}, {}, None))


def test_every_option_has_help_and_one_name():
    known = list(options())

    assert all(option.help for option in known)
    assert len({option.flag for option in known}) == len(known)


tables = st.builds("{}.{}".format, hostile_names.map(sql_name), hostile_names.map(sql_name))


@given(st.lists(tables, max_size=8, unique=True), st.lists(tables, max_size=8), st.lists(hostile_names, max_size=3))
def test_every_fact_has_exactly_one_owner(known, others, bare):
    identities = [
        *known,
        *others,
        *bare,
        *(f"{table}.id" for table in [*known, *others]),
        *(f"{t} (id)" for t in known),
    ]
    side = Recorded(Snapshot(ORIGIN, {"any": dict.fromkeys(identities, "")}), "the reference")
    family = [*owners(tuple(sorted(known))), rest(tuple(known))]

    owned = [identity for owner in family for identity in side.known("any", owner).facts]

    assert sorted(owned) == sorted(set(identities))
    assert set(side.known("any", EVERYTHING).facts) == set(identities)


@pytest.mark.parametrize("count", [MANY, MANY + 1, MANY + GROUPS - 1, 2 * MANY])
def test_many_tables_are_grouped_and_none_is_lost(count):
    known = tuple(f"public.t{n:04}" for n in range(count))

    family = owners(known)

    assert sorted(name for owner in family for name in owner.names) == list(known)
    assert len(family) == count if count <= MANY else len(family) <= GROUPS


def test_an_unknown_fact_belongs_to_its_tables_owner():
    side = Recorded(Snapshot(ORIGIN, {"any": {}}, {"any": {"public.a.x": "hidden", "public.b.x": "hidden"}}), "r")

    assert set(side.known("any", owners(("public.a",))[0]).unknown) == {"public.a.x"}
    assert set(side.known("any", rest(("public.a",))).unknown) == {"public.b.x"}


def test_the_anti_join_of_a_composite_key_judges_only_rows_whose_key_is_whole():
    key = Relationship("public.scans", ("order_id", "part"), "public.parcels", ("id", "no"), parent_only=False)

    assert query(key) == (
        "FROM ONLY public.scans AS c WHERE c.order_id IS NOT NULL AND c.part IS NOT NULL AND NOT EXISTS "
        "(SELECT FROM public.parcels AS p WHERE p.id OPERATOR(pg_catalog.=) c.order_id AND p.no OPERATOR(pg_catalog.=) c.part)"
    )


def test_the_anti_join_of_match_full_finds_half_empty_keys_too():
    key = Relationship("public.c", ("a", "b"), "public.p", ("x", "y"), match="full")

    simple, _, half = query(key).partition(" OR (")
    assert simple.startswith("FROM ONLY public.c AS c WHERE (c.a IS NOT NULL AND c.b IS NOT NULL AND NOT EXISTS (")
    assert half == "(c.a IS NOT NULL OR c.b IS NOT NULL) AND NOT (c.a IS NOT NULL AND c.b IS NOT NULL))"


def test_the_anti_join_compares_with_the_keys_own_operators():
    key = Relationship("public.c", ("a",), "public.p", ("x",), equality=("OPERATOR(public.==)",))

    assert "p.x OPERATOR(public.==) c.a" in query(key)


def test_a_key_that_is_gone_is_still_asked_about_and_a_configured_one_too():
    recorded = '{"table": "public.c", "columns": ["a"], "references": "public.p", "referenced_columns": ["x"]}'
    configured = ForeignKey("public.c", ("b",), "public.p", ("x",))

    found = relationships([{"public.c.c_a_fkey": recorded}, {}], [configured])

    assert found["public.c.c_a_fkey"].columns == ("a",)
    assert "ONLY" not in query(found["public.c (b)"])
