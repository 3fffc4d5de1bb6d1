"""Settings: typed before environment before file before default; what means nothing is refused."""

from pathlib import Path

import pytest

from fixtures.every import every
from rollproof.model.errors import Misuse
from rollproof.settings.configuration import Configured, configuration_file, resolve
from rollproof.settings.option_table import OPTIONS
from rollproof.settings.reference import Reference


def configuration(folder, text):
    (folder / "rollproof.toml").write_text(text)
    return folder / "rollproof.toml"


def test_what_is_typed_wins_over_the_environment_over_the_file_over_the_default(tmp_path):
    file = configuration(tmp_path, "jobs = 3\nlock_timeout = 5\nstatement_timeout = 7")
    environment = {"ROLLPROOF_JOBS": "4", "ROLLPROOF_LOCK_TIMEOUT": "6"}

    settings = resolve({"jobs": "9", "lock_timeout": None}, environment, file)

    assert (settings.jobs, settings.lock_timeout, settings.statement_timeout) == (9, 6.0, 7.0)
    assert resolve({}, {}, None).jobs == 2


def test_a_file_of_windows_is_read_like_any_other(tmp_path):
    """Its editors begin with a mark of their own, and end lines by two signs."""
    file = tmp_path / "rollproof.toml"
    file.write_bytes(b"\xef\xbb\xbfjobs = 3\r\nreference = 'C:\\before\\b.json'\r\n")

    settings = resolve({}, {}, file)
    assert settings.jobs == 3
    assert settings.reference.endswith(r"C:\before\b.json")


def test_false_is_an_answer_and_an_empty_variable_is_none(tmp_path):
    file = configuration(tmp_path, "show_values = true\njobs = 3")

    assert resolve({"show_values": False}, {}, file).show_values is False
    assert resolve({}, {"ROLLPROOF_SHOW_VALUES": "false"}, file).show_values is False
    assert resolve({"show_values": None}, {"ROLLPROOF_JOBS": ""}, file).jobs == 3


@every("field", ["jobs", "lock_timeout", "statement_timeout"])
def test_zero_is_an_answer_and_refused_where_it_means_nothing(field):
    with pytest.raises(Misuse, match=field):
        resolve({field: "0"}, {}, None)
    with pytest.raises(Misuse, match=field):
        resolve({}, {f"ROLLPROOF_{field.upper()}": "0"}, None)


@every(
    ("text", "near"),
    [("lock_timout = 1", "lock_timeout"), ("[backup]\nshcema = 'x'", "schema"), ("[[endpoints]]\nurll = 'x'", "url")],
)
def test_a_mistyped_key_is_refused_with_the_nearest(text, near, tmp_path):
    with pytest.raises(Misuse, match=f"did you mean `{near}`"):
        resolve({}, {}, configuration(tmp_path, text))


@every("text", ["jobs = ", "jobs = 'many'", "waiver = [{check = 'rows'}]"])
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


def test_the_home_folder_is_meant_where_no_shell_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    file = configuration(tmp_path, "reference = '~/b.json'\nreport_dir = '~/r'")

    assert resolve({}, {}, file).reference == "/home/me/b.json"
    assert resolve({}, {}, file).report_dir == "/home/me/r"
    assert resolve({"reference": "~/c.json"}, {}, file).reference == "/home/me/c.json"
    assert resolve({}, {"ROLLPROOF_REPORT_DIR": "~/d"}, None).report_dir == "/home/me/d"
    assert configuration_file("~/e.toml", {}) == Path("/home/me/e.toml")
    assert resolve({"reference": "~other/b.json"}, {}, None).reference == "~other/b.json"


def test_settings_do_not_print_their_passwords():
    assert "hunter22" not in repr(resolve({"database_url": "postgresql://me:hunter22@h/d"}, {}, None))


def test_every_option_has_help_and_one_name():
    known = list(OPTIONS)

    assert all(option.help for option in known)
    assert len({option.flag for option in known}) == len(known)


@every("field", ["database_url", "reference", "report_dir", "server"])
def test_a_zero_byte_in_the_configuration_is_misuse(tmp_path, field):
    (tmp_path / "rollproof.toml").write_text(f'{field} = "a\\u0000b"')

    with pytest.raises(Misuse, match="no text"):
        resolve({}, {}, tmp_path / "rollproof.toml")


@every(
    "written",
    [
        {"log": {"table": "public.a, public.b"}},
        {"log": {"table": "public.log; DROP TABLE x"}},
        {
            "foreign_key": [
                {"table": "public.a", "columns": ["b) OR (1=1"], "references": "public.c", "referenced_columns": ["d"]}
            ]
        },
        {
            "foreign_key": [
                {"table": "public.a--", "columns": ["b"], "references": "public.c", "referenced_columns": ["d"]}
            ]
        },
        {"foreign_key": [{"table": "public.a", "columns": [], "references": "public.c", "referenced_columns": []}]},
        {"migration": {"types": {"from": "text", "to": "uuid); DROP TABLE x; --"}}},
        {"backup": {"table": "{table.__class__}"}},
    ],
)
def test_no_text_of_the_configuration_becomes_sql(written):
    with pytest.raises(Misuse, match=r"is not a|same number|in braces"):
        resolve(written, {}, None)


def test_the_log_may_be_called_as_it_is():
    assert resolve({"log": {"table": 'public."Log; x"'}}, {}, None).log.table == 'public."Log; x"'
    assert resolve({"log": {"table": "public.json"}}, {}, None).log.table == 'public."json"'


@every(
    ("text", "kind"),
    [
        ("backup", "copies"),
        ("baseline.json", "baseline"),
        ("backup.json", "baseline"),
        ("./backup", "baseline"),
        ("postgresql://u:hunter22@h/d", "database"),
        ("host=h dbname=d", "database"),
        ("postgres//h/d", "baseline"),
        (r"C:\before\baseline.json", "baseline"),
        ("D:/before/host=a.json", "baseline"),
        ("c://before/baseline.json", "baseline"),
        (r"\\server\share\baseline.json", "baseline"),
    ],
)
def test_what_a_reference_names(text, kind):
    parsed = Reference.parse(text)

    assert (parsed.kind, parsed.where, parsed.by_default) == (kind, text, False)
    assert "hunter22" not in repr(parsed)


def test_a_baseline_that_nobody_named_lies_beside_the_configuration(tmp_path):
    file = configuration(tmp_path, "")

    def reference(path, **typed):
        return Configured(resolve(typed, {}, path), path).reference

    assert reference(file) == Reference("baseline", str(tmp_path / "baseline.json"), by_default=True)
    assert reference(None) == Reference("baseline", "baseline.json", by_default=True)
    assert reference(file, reference="b.json") == Reference("baseline", "b.json")
    assert reference(file, backup_file="d.dump") == Reference("dump", "d.dump")


def test_a_waiver_of_a_check_that_does_not_exist_is_refused(tmp_path):
    """It would waive nothing, in silence; the one above it is of a check that is there."""
    waiver = '[[waiver]]\ncheck = "{}"\nidentity = "a.b"\nreason = "r"\nuntil = 2027-03-31\n'

    def refusal(check):
        file = configuration(tmp_path, waiver.format("indexes") + waiver.format(check))
        with pytest.raises(Misuse) as refused:
            resolve({}, {}, file)
        return str(refused.value)

    assert "names the check `colums`, which does not exist; did you mean `columns`?" in refusal("colums")
    assert "does not exist; the checks are: " in refusal("zzzzzz")
    assert "the check keyless is now called primary_keys" in refusal("keyless")


def test_checks_of_ones_own_lie_where_the_file_says_and_a_missing_folder_is_refused_with_the_place(tmp_path):
    (tmp_path / "ops").mkdir()

    settings = resolve({}, {}, configuration(tmp_path, "checks = ['ops']"))

    assert settings.checks == (str(tmp_path / "ops"),)
    with pytest.raises(Misuse, match=r"rollproof\.toml: `checks` names 'opps', and there is no file or folder .*/opps"):
        resolve({}, {}, configuration(tmp_path, "checks = ['ops', 'opps']"))
    with pytest.raises(Misuse, match="checks"):
        resolve({}, {}, configuration(tmp_path, "checks = [1]"))


def test_a_waiver_may_name_a_check_of_the_users_own(tmp_path):
    text = "[[waiver]]\ncheck = 'tests/test_x.py::test_y'\nidentity = 'a'\nreason = 'r'\nuntil = 2999-01-01"

    assert [each.check for each in resolve({}, {}, configuration(tmp_path, text)).waiver] == ["tests/test_x.py::test_y"]


def test_the_files_of_an_endpoint_lie_beside_the_configuration(tmp_path):
    (tmp_path / "rollproof.toml").write_text(
        '[[endpoints]]\nname = "me"\nurl = "https://localhost/"\n'
        'schema = "me.json"\nca_file = "/ca.pem"\nclient_certificate = "a/b"\n'
    )
    (me,) = resolve({}, {}, tmp_path / "rollproof.toml").endpoints

    assert (me.schema, me.ca_file, me.client_certificate) == (f"{tmp_path}/me.json", "/ca.pem", f"{tmp_path}/a/b")


@every("given", ['endpoints = "x"', "endpoints = [1]", '[[endpoints]]\nname = "me"\nurl = "http://x/"\nschema = 1'])
def test_endpoints_that_are_none_are_refused(tmp_path_factory, given):
    file = tmp_path_factory.mktemp("given") / "rollproof.toml"
    file.write_text(given)

    with pytest.raises(Misuse, match="endpoints"):
        resolve({}, {}, file)
