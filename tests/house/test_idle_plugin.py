"""In a run of pytest that is none of ours the plugin is next to nothing: no library and no part of the engine is imported."""

import subprocess
import sys

IMPORTED = {
    "rollproof",
    "rollproof.model",
    "rollproof.model.phase",
    "rollproof.plugin",
    "rollproof.plugin.arguments",
    "rollproof.plugin.words",
    "rollproof.settings",
    "rollproof.settings.option_table",
}


def test_the_plugin_imports_a_few_light_modules_of_ours_and_no_other():
    told = "import sys, pytest; before = {*sys.modules}; import rollproof.plugin; print(*{*sys.modules} - before)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert {*done.stdout.split()} == IMPORTED


def test_a_run_that_is_none_of_ours_imports_no_more(tmp_path):
    (tmp_path / "test_something.py").write_text("def test_something():\n    pass\n")
    (tmp_path / "conftest.py").write_text(
        "import pathlib, sys\n\n\ndef pytest_unconfigure():\n    pathlib.Path('modules').write_text(' '.join(sys.modules))\n"
    )
    subprocess.run(
        [sys.executable, "-m", "pytest", "--disable-plugin-autoload", "-p", "rollproof.plugin"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )

    modules = (tmp_path / "modules").read_text().split()
    assert {name for name in modules if name.partition(".")[0] == "rollproof"} == IMPORTED
    assert {"psycopg", "msgspec", "jinja2", "requests", "click", "tomllib"}.isdisjoint(modules)
