compile := "--no-config --universal --generate-hashes --no-emit-index-url --no-header --no-emit-package rollproof --quiet"

# Show what can be run.
default:
    @{{ just_executable() }} --list --unsorted

# Tests that need no server: seconds
fast *options:
    uv run pytest tests/unit tests/house {{ options }}

# All tests and scenarios, on a throw-away PostgreSQL
test *options:
    uv run pytest -n 4 --dist worksteal {{ options }}

# What CI demands of the text of our files: ruff, mypy, the pins
lint:
    uv run ruff check
    uv run ruff check --preview --select PLW1514 rollproof checks
    uv run ruff format --check
    uv run mypy
    uv run mypy --platform win32 --cache-dir .mypy_cache/windows rollproof checks
    uv run python tools/pin.py --check
    uv run python tools/schema.py --check
    uv run python tools/reference.py --check

# Let ruff format and mend what it can
format:
    uv run ruff check --fix-only
    uv run ruff format

# Skeleton of a check: checks/test_NAME.py and a case that fails it
new-check name:
    uv run python tools/new.py check {{ name }}

# Skeleton of a catalogue facet: its SQL file, its check and a case that fails it
new-facet name:
    uv run python tools/new.py facet {{ name }}

# Write the tables of docs/ anew: options, keys, checks, facets, verdicts, exit codes
reference *options:
    uv run python tools/reference.py {{ options }}

# The pages of docs/ as a site, in site/; with `serve` on a port of this machine, made anew while one writes
docs command="build" *options:
    NO_MKDOCS_2_WARNING=1 uv run mkdocs {{ command }} {{ options }}

# A benchmark by its name, or the list of them (see benchmarks/README.md)
bench name="" *options:
    @{{ if name == "" { "ls benchmarks/*.py" } else { "uv run python benchmarks/" + name + ".py " + options } }}

# Versions into requirements.lock and pyproject.toml; with `--upgrade` the newest ones
lock *options:
    uv pip compile pyproject.toml {{ compile }} {{ options }} --group dev -o requirements.lock
    uv pip compile pyproject.toml {{ compile }} {{ options }} --group night -c requirements.lock -o .ci/night.lock
    uv pip compile pyproject.toml {{ compile }} -c requirements.lock -o .ci/core.lock
    uv pip compile --group pyproject.toml:build {{ compile }} -c requirements.lock -o .ci/build.lock
    uv pip compile tests/foreign/requirements.in {{ compile }} {{ options }} -c requirements.lock -o tests/foreign/requirements.lock
    uv run --no-sync python tools/pin.py

# All that CI runs
ci:
    bash .ci/run

# What is too slow for every change: exhaustive tests, coverage, mutation testing
night:
    bash .ci/night
