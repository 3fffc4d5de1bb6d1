"""Checks of the user's own: what waivers accept of them, and that nothing in them writes, steers a terminal or tells a secret."""

import psycopg
import pytest

from fixtures.own_checks import NAME, own
from rollproof.model.printable import is_printable

WAIVER = "[[waiver]]\ncheck = '{check}'\nidentity = '{identity}'\nreason = 'MIG-1'\nuntil = 2999-01-01\n"


def test_a_waiver_accepts_what_a_check_of_theirs_found(project):
    body = (
        "def test_lines(expect, accepted):\n    assert accepted('order 7') and not accepted('order 8')\n"
        "    expect.nothing({f'order {n}': f'order {n} has no line' for n in (7, 9)})\n"
    )
    project.check(body)

    def waived(*pairs):
        (project.folder / "rollproof.toml").write_text(
            "".join(WAIVER.format(check=check, identity=what) for check, what in pairs)
        )
        return project.verify()

    check = NAME + "test_lines"
    _, result = waived((check, "order 7"))
    assert [finding["subject"] for finding in own(result)[check]["findings"]] == ["order 9"]

    ended, _ = waived((check, "order 7"), (check, "order 9"))
    assert ended.returncode == 0, ended.output

    ended, _ = waived((check, "order 7"), (check, "order 9"), (check, "order 10"))
    assert (ended.returncode, "order 10 (until 2999-01-01: MIG-1)" in ended.output) == (4, True)

    ended, _ = waived((NAME + "test_line", "order 7"))
    assert ended.returncode == 4
    assert f"the check `{NAME}test_line`, which does not exist; did you mean `{check}`?" in ended.output


def test_a_waiver_of_one_check_stands_where_another_of_its_file_is_named(project):
    project.check("def test_one(): pass\ndef test_lines(expect): expect.nothing({'order 7': 'order 7 has no line'})\n")
    (project.folder / "rollproof.toml").write_text(WAIVER.format(check=NAME + "test_lines", identity="order 7"))

    ended, _ = project.verify(NAME + "test_one")

    assert ended.returncode == 0, ended.output


@pytest.mark.promise
def test_one_that_tries_to_write_writes_nothing(project):
    tries = (
        "subject.execute('INSERT INTO public.orders DEFAULT VALUES')",
        "subject.execute('COMMIT')",
        "subject.commit(); subject.execute('DELETE FROM public.orders')",
        "subject.rollback(); subject.execute('DELETE FROM public.orders')",
        "subject.autocommit = False",
        "subject.execute('SELECT 1; COMMIT; DELETE FROM public.orders')",
        "subject.cursor().executemany('DELETE FROM public.orders WHERE id = %s', [(1,)])",
        "psycopg.ClientCursor(subject).execute('COMMIT'); psycopg.ClientCursor(subject).execute('DELETE FROM public.orders')",
        "global kept; kept = subject; raise RuntimeError",
        "kept.execute('SELECT 1')",
    )
    body = "".join(f"def test_{number}(subject):\n    {one}\n" for number, one in enumerate(tries))
    project.check(body)
    with psycopg.connect(project.url) as watcher:
        before = watcher.execute("SELECT count(*) FROM orders").fetchone()
        watcher.commit()

        ended, result = project.verify()

        assert {each["kind"] for each in own(result).values()} == {"inconclusive"}, own(result)
        assert len(own(result)) == len(tries)
        assert watcher.execute("SELECT count(*) FROM orders").fetchone() == before
    assert ended.returncode == 7


def test_nothing_of_theirs_steers_a_terminal_or_a_runner(project):
    body = (
        "@pytest.mark.parametrize('x', ['\\x1b[31m', '\\u202ex', '##[error]x'])\ndef test_x(x):\n"
        "    '''Promise \\x1b[2J ##[error]x.\n\n    ::error::advice'''\n    assert 0, x + '\\n::error::x\\n' + 'postgresql://a:geheim@h/d'\n"
    )
    project.check(body)

    ended, result = project.verify()

    assert len([each for each in result["outcomes"] if each["check"] == NAME + "test_x"]) == 3
    for text in (ended.stdout, *(file.read_text() for file in (project.folder / "rollproof-report").glob("*.*"))):
        assert "\x1b[31m" not in text
        assert "\u202e" not in text
        assert "geheim" not in text
        assert "##[error]" not in text
    assert is_printable(ended.stdout, "\n")
    assert not any(line.startswith("::") for line in ended.stdout.splitlines())


def test_a_severity_that_is_none_is_refused(project):
    project.check("@pytest.mark.severity('hgih')\ndef test_x(): pass")

    ended, _ = project.verify()

    assert ended.returncode == 4
    assert f"{NAME}test_x: there is no severity 'hgih'; did you mean `high`?" in ended.output


def test_explain_says_how_to_write_one_and_what_it_promises(project, command):
    project.check("def test_x():\n    '''Nothing is lost.'''")

    assert "@pytest.mark.post_rollback" in command(project.folder, "explain").stdout
    assert command(project.folder, "explain", NAME + "test_x").stdout == "Nothing is lost.\n"


def test_a_docstring_with_the_password_is_printed_without_it(project, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "geheim-42")
    project.check(
        'def test_one():\n    """What postgresql://me:geheim-42@h/d holds.\n\n    Ask geheim-42.\n    """\n    assert 0\n'
    )

    ended, result = project.verify()

    files = [*project.folder.glob("rollproof-report/*.*"), *project.folder.glob("rollproof-report/runs/*/*.*")]
    assert result["verdict"] == "NOT RESTORED", ended.output
    assert [file.name for file in files if b"geheim" in file.read_bytes()] == []
    assert "geheim" not in ended.output
