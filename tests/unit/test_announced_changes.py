"""What goes along with a column or table that the migration drops."""

from rollproof.migration.announced_changes import announced
from rollproof.model.compare import Difference
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.settings.sections import Migration
from rollproof.sources.recorded import Recorded

DROPS = ("public.users.nick", "public.old")
FACTS = {
    "indexes": {
        "public.users.a": "CREATE INDEX a ON public.users USING btree (lower(nick))",
        "public.users.b": "… (nickname)",
    },
    "constraints": {
        "public.t.f": "FOREIGN KEY (x) REFERENCES public.old(id)",
        "public.t.g": "FOREIGN KEY (x) REFERENCES public.users(nick)",
        "public.t.h": "FOREIGN KEY (x) REFERENCES public.old_one(id)",
        "public.t.i": "CHECK (nick > 0)",
    },
}


def test_what_stands_on_a_dropped_column_or_table_goes_along():
    origin = Origin("d", "1", 180000, "now", None, "0")
    facets = {key: {} for key in ("statistics", "triggers", "policies", "rules", "foreign_key_triggers")} | FACTS
    found = announced(Recorded(Snapshot(origin, facets), "x"), Migration(drops=DROPS))

    assert found.gone - {*DROPS} == {"public.users.a", "public.t.f", "public.t.g"}
    assert found.covers("comments", Difference("comments", "public.users.nick (column)", "x", None))
    assert found.covers("columns", Difference("columns", "public.old.id", "x", None))
    assert not found.covers("columns", Difference("columns", "public.older.id", "x", None))
    assert not found.covers("columns", Difference("columns", "public.users.nick", "x", "y"))
