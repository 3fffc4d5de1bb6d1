"""Checks of the user's own, in a project of theirs: what each ending of a test means, and where it is told."""

import os
import subprocess
import sys

import pytest

from fixtures.own_checks import INI, MARK, NAME, own, told
from rollproof.model.phase import PHASES

BY_NIGHT = pytest.mark.skipif(not os.environ.get("ROLLPROOF_NIGHT"), reason="by night, or with ROLLPROOF_NIGHT=1")

VERIFIED, FAILED, OPEN, SKIPPED = "verified", "not restored", "inconclusive", "not checked"
# A test's body → the kind of its outcome, and a text that tells it.
ENDINGS = {
    "def test(before, after): assert after.row_count('public.orders') == before.row_count('public.orders')": (VERIFIED, ""),
    "def test(subject): assert subject.execute('SELECT 1 WHERE 1 = %s', (1,)).fetchone()": (VERIFIED, ""),
    "def test(tables, group, endpoint): assert 'public.orders' in tables and group and endpoint": (VERIFIED, ""),
    "def test(before, after): assert after.facts('columns') == before.facts('columns')": (VERIFIED, ""),
    "class Test(unittest.TestCase):\n def test(self): self.assertEqual(1, 1)": (VERIFIED, ""),
    "def test(expect): expect.restored('columns')": (VERIFIED, ""),
    "def test(): assert [1] == [], 'orders are lost'": (FAILED, "orders are lost"),
    "def test():\n    number = 3\n    assert number == 4": (FAILED, "assert 3 == 4"),
    "def test(): pytest.fail('orders are lost')": (FAILED, "orders are lost"),
    "def test():\n with pytest.raises(KeyError): pass": (FAILED, "DID NOT RAISE"),
    "class Test(unittest.TestCase):\n def test(self): self.assertEqual(1, 2, 'orders')": (FAILED, "1 != 2 : orders"),
    "def test(subtests):\n for i in range(3):\n  with subtests.test(i=i): assert i == 1": (FAILED, "assert 2 == 1"),
    "def test(): raise ExceptionGroup('', [AssertionError('one'), AssertionError('two')])": (FAILED, "two"),
    "def test(expect): expect.nothing({'order 7': 'order 7 has no line'})": (FAILED, "order 7 has no line"),
    "def test(): raise RuntimeError('no network')": (OPEN, "RuntimeError: no network (tests/ops/test_invoices.py:3)"),
    "def test(): raise SystemExit(0)": (OPEN, "SystemExit: 0"),
    "def test(): raise ExceptionGroup('', [AssertionError('one'), KeyError('k')])": (OPEN, "KeyError: 'k'"),
    "def test(broken): pass": (OPEN, "AssertionError: in a fixture (tests/conftest.py:12)"),
    "def test(brocken): pass": (OPEN, "there is no fixture brocken"),
    "def test(copies): pass": (OPEN, "there is no fixture copies"),
    "def test(before): before.facts('colums')": (OPEN, "did you mean `columns`?"),
    "def test(after): after.row_count('public.order')": (OPEN, "did you mean `public.orders`?"),
    "def test(subject): subject.execute('DELETE FROM public.orders')": (OPEN, "`DELETE` is refused"),
    "def test(subject): subject.execute('SELECT pg_sleep(9)')": (OPEN, "QueryCanceled"),
    "def test(subject): subject.execute('SELECT %s::int', ('geheim-value',))": (OPEN, "InvalidTextRepresentation: "),
    "def test(): __import__('warnings').warn('old')": (OPEN, "UserWarning: old"),
    "@pytest.mark.xfail(reason='known')\ndef test(): pass": (OPEN, "it was expected to fail, and did not"),
    "def test(): pytest.skip('later')": (SKIPPED, "later"),
    "@pytest.mark.skip(reason='later')\ndef test(): pass": (SKIPPED, "later"),
    "@pytest.mark.xfail(reason='known')\ndef test(): assert 0": (SKIPPED, "it is expected to fail: known"),
    "pytest.importorskip('nothing_at_all')": (SKIPPED, "could not import 'nothing_at_all'"),
    "from rollproof.model.errors import NotChecked\ndef test(): raise NotChecked('not here')": (SKIPPED, "not here"),
    "import nothing_at_all": (OPEN, "ModuleNotFoundError: No module named 'nothing_at_all'"),
    "raise SystemExit(0)": (OPEN, "SystemExit: 0"),
    "async def test(): assert 0": (OPEN, "async def functions are not natively supported"),
    "@pytest.mark.filterwarnings('default')\ndef test(): return False": (OPEN, "returned <class 'bool'>"),
    "def test(: pass": (OPEN, "SyntaxError: invalid syntax"),
}  # fmt: skip


def test_each_ending_of_a_test_means_what_the_page_says(project):
    project.write({f"tests/ops/test_{place}.py": MARK + body for place, body in enumerate(ENDINGS)})

    ended, result = project.verify("--statement-timeout", "1")

    found = own(result)
    assert (ended.returncode, result["verdict"]) == (1, "NOT RESTORED"), ended.output
    wrong = {}
    for place, (body, (kind, text)) in enumerate(ENDINGS.items()):
        (outcome,) = (each for name, each in found.items() if f"/test_{place}.py" in name)
        if outcome["kind"] != kind or text.replace("test_invoices", f"test_{place}") not in told(outcome):
            wrong[body] = outcome["kind"], told(outcome)
    assert wrong == {}
    assert "geheim" not in ended.output
    assert "Traceback" not in ended.output
    assert [each["kind"] for each in result["outcomes"] if ".py" not in each["check"]].count("verified") > 50
    assert result["selection"]["ran"] == result["selection"]["cases"]


@pytest.mark.parametrize("kind", [VERIFIED, OPEN, SKIPPED])
def test_one_that_does_not_fail_decides_as_the_page_says(project, kind):
    body = next(body for body, (ends, _) in ENDINGS.items() if ends == kind)
    project.check(body)

    ended, result = project.verify()

    verdict = ("INCONCLUSIVE", 7) if kind == OPEN else ("VERIFIED", 0)
    assert (result["verdict"], ended.returncode) == verdict, ended.output
    assert (f"INCONCLUSIVE: {NAME}" in ended.said) is (kind == OPEN), ended.output


def test_it_stands_in_every_report_with_its_promise_severity_and_time(project):
    project.write(
        {
            "tests/ops/test_invoices.py": MARK
            + "@pytest.mark.severity('critical')\n@pytest.mark.parametrize('shop', ['east', 'west'])\n"
            "def test_totals(shop, record_property):\n"
            "    '''Every invoice costs what its lines cost.\n\n    Ask the\n    shop.'''\n"
            "    record_property('ticket', 'OPS-7')\n    record_property('ticket', 8)\n"
            "    assert shop == 'east', 'three invoices differ'\ndef test_other(): pass\n@pytest.mark.skip\ndef test_none(): pass\n"
        },
    )
    with (project.folder / "tests/ops/test_invoices.py").open("a") as file:
        file.write("def unmarked(): pass\n")

    ended, result = project.verify()

    check, reports = NAME + "test_totals", project.folder / "rollproof-report"
    east, west = (each for each in result["outcomes"] if each["check"] == check)
    assert (east["parameter"], east["kind"], west["parameter"], west["kind"]) == ("east", VERIFIED, "west", FAILED)
    assert {each["severity"] for each in (east, west)} == {"critical"}
    assert result["promises"][check] == "Every invoice costs what its lines cost."
    assert result["advice"][check] == "Ask the shop."
    for name, escaped in {"report.html": check, "summary.md": check.replace("_", r"\_"), "junit.xml": check}.items():
        text = (reports / name).read_text()
        assert escaped in text, name
        assert "three invoices differ" in text, name
    assert "Every invoice costs what its lines cost." in (reports / "report.html").read_text()
    assert '<property name="rollproof.severity" value="critical"' in (reports / "junit.xml").read_text()
    assert '<property name="ticket" value="OPS-7, 8"' in (reports / "junit.xml").read_text()
    assert west["properties"] == {"ticket": "OPS-7, 8"}
    assert f"  {check} [west]: three invoices differ\n    assert 'west' == 'east'\n" in ended.stdout


@pytest.mark.parametrize("phase", PHASES)
def test_it_is_part_of_any_phase(project, phase):
    text = (
        f"import pytest\n@pytest.mark.{phase}\ndef test_totals(before, after, subject, accepted): assert 0, 'differs'\n"
    )
    other = next(name for name in PHASES if name != phase)
    project.write({"tests/test_invoices.py": text + f"@pytest.mark.{other}\ndef test_other(): assert 0\n"})
    options = ("--reference", "new.json") if phase == "pre_migration" else ()

    ended, result = project.verify(*options, phase=phase)

    assert ended.returncode == 1, ended.output
    assert [(name, told(each)[:7]) for name, each in own(result).items()] == [
        ("tests/test_invoices.py::test_totals", "differs")
    ]
    assert result["verdict"] == PHASES[phase].bad


def test_folders_named_in_the_configuration_hold_checks_as_well(project):
    project.write(
        {
            "rollproof.toml": "checks = ['ops/checks']",
            "ops/checks/test_rows.py": MARK + "def test_rows(): assert 0, 'mine'\n",
            "checks/test_rows.py": MARK + "def test_rows(): pass\n",
            "tests/test_more.py": MARK + "def test_more(): pass\n",
        },
    )

    ended, result = project.verify()

    assert {name: each["kind"] for name, each in own(result).items()} == {
        "ops/checks/test_rows.py::test_rows": FAILED,
        "tests/test_more.py::test_more": VERIFIED,
    }
    assert ended.returncode == 1
    assert {each["kind"] for each in result["outcomes"] if each["check"] == "rows"} == {VERIFIED}

    (project.folder / "pytest.ini").write_text(INI.replace("tests\n", "tests checks\n", 1))
    ended, result = project.verify()

    assert own(result)["checks/test_rows.py::test_rows"]["kind"] == VERIFIED
    assert {each["kind"] for each in result["outcomes"] if each["check"] == "rows"} == {VERIFIED}
    assert len(own(result)) == 3


def test_a_selection_counts_them(project):
    project.write({"tests/ops/test_invoices.py": MARK + "def test_a(): pass\ndef test_b(): pass\n"})
    whole = project.verify()[1]["selection"]["cases"]

    ended, result = project.verify("-k", "test_a and invoices")

    assert f"PARTLY VERIFIED: 1 of {whole} cases" in ended.stdout
    ended, result = project.verify(NAME + "test_b")
    assert [*own(result)] == [NAME + "test_b"]
    assert result["verdict"] == "PARTLY VERIFIED"


def test_a_plain_pytest_runs_them_too_and_without_a_phase_it_says_what_to_type(project):
    project.write(
        {
            "tests/ops/test_invoices.py": MARK
            + "@pytest.mark.severity('low')\ndef test_totals(subject): assert 0, 'differs'\n"
        }
    )

    def run(*words):
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
        return subprocess.run(
            command, check=False, cwd=project.folder, env={**os.environ}, capture_output=True, text=True
        )

    inside = run("-m", "post_rollback", "--database-url", project.url)
    outside = run("-rs", "--strict-markers")

    assert inside.returncode == 1, inside.stdout
    assert f"{NAME}test_totals: differs\n" in inside.stdout
    assert outside.returncode == 0, outside.stdout
    assert "pytest -m post_rollback --database-url URL" in outside.stdout


def test_what_an_assert_compares_is_shown_shortly(project):
    project.write(
        {"tests/ops/test_invoices.py": MARK + "def test_x(): pytest.fail('\\n'.join('x' * 9999 for _ in range(99)))\n"},
    )

    ended, result = project.verify()

    assert len(told(own(result)[NAME + "test_x"])) < 12_000
    assert 1 < ended.stdout.count("x" * 400) < 10


@BY_NIGHT
def test_a_rehearsal_of_the_bundled_migration_does_not_ask_them(project, command):
    project.check("def test_x(): assert 0")

    ended = command(project.folder, "verify", "post_rollback", "--rehearse", "-k", "schemas or test_x")

    assert (ended.returncode, "1 verified" in ended.stdout) == (0, True), ended.output
