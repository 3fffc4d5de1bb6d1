"""Advice in words: for a backup that is of no use, a rollback that is not done, and what was left behind."""

from rollproof.model.finding import Finding
from rollproof.verdict.advice import BACKUP, LEFT_BEHIND, UNFINISHED, suggestions


def test_advice_goes_with_the_check():
    told = {check: suggestions([Finding(check, "public.a", "x", "y")]) for check in
            ("backup", "backup_content", "backup_columns", "table_states", "leftovers", "rows")}  # fmt: skip

    assert told["backup"] == told["backup_content"] == told["backup_columns"] == (BACKUP,)
    assert told["table_states"] == (f"{UNFINISHED}: public.a",)
    assert told["leftovers"] == (LEFT_BEHIND,)
    assert told["rows"] == ()


def test_an_unfinished_rollback_is_advised_for_each_of_its_tables():
    found = [Finding("table_states", name) for name in ("public.a", "public.b")]

    assert suggestions(found) == (f"{UNFINISHED}: public.a, public.b",)


def test_tables_and_kinds_of_advice_are_told_apart():
    def of(*checks):
        return suggestions([Finding(check, f"public.{check}") for check in checks])

    assert of("backup") == of("backup_content") == of("backup_columns") == (BACKUP,)
    assert of("table_states", "table_states") == (f"{UNFINISHED}: public.table_states, public.table_states",)
    assert of("leftovers", "backup") == (BACKUP, LEFT_BEHIND)
    assert of("rows") == ()
