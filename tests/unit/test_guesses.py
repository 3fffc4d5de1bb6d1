"""What names, columns and counters suggest, and what they do not."""

from fixtures.every import every
from rollproof.commands.guesses import MANY_ROWS, beside, copies, growth, logs, textual_keys, unenforced_keys
from rollproof.commands.survey import Table
from rollproof.settings.sections import Log


def table(name, columns="id integer", schema="public", **known_of_it):
    told = {"key": ("id",), "referring": (), "inserted": 0, "changed": 0} | known_of_it
    known = dict(each.strip().split(" ", 1) for each in columns.split(","))
    quoted = f"{schema}.{name}"
    return Table(schema, name, quoted, "r", is_part=False, columns=known, pages=1, **told)


USERS, TAGS = table("users", "id integer, name text"), table("tags")


@every(
    ("schema", "names", "pattern"),
    [
        ("migration_backup", ["users_backup", "tags_backup"], "{table}_backup"),
        ("bak", ["users", "tags"], "{table}"),
        ("kept", ["users_old_20260101", "tags_old_20260101"], "{table}_old_20260101"),
        ("old_data", ["x_users", "x_tags", "notes"], "x_{table}"),
        ("household", ["users", "tags"], None),
        ("backup", ["colds", "sofas", "users"], None),
        ("public", ["users_backup", "tags_backup"], None),
    ],
)
def test_copies_are_told_by_a_schemas_and_their_names(schema, names, pattern):
    there = [table(name, "id integer, name text" if "users" in name else "id integer", schema) for name in names]

    found = copies([USERS, TAGS, *there])

    assert (found.backup.schema, found.backup.table) == (schema, pattern) if pattern else found is None


def test_a_table_with_other_columns_is_no_copy():
    assert copies([USERS, table("users_backup", "who text, why text, when date", "backup")]) is None


def test_a_copy_beside_its_table_is_told():
    old = table("users_old")

    assert [*beside([USERS, TAGS, old, table("gone_old")])] == [(old, USERS)]


def test_a_log_has_a_name_and_every_column():
    columns = "migration text, operation text, status text, started_at date, finished_at date"

    assert [*logs([table("migration_log", columns), table("notes", columns)])] == [Log()]
    assert [*logs([table("migration_log", columns.replace("operation", "note"))])] == []


@every(
    ("name", "inserted", "changed", "why"),
    [
        ("audit_log", MANY_ROWS, 0, "name and counters"),
        ("user_sessions", 0, 0, "name"),
        ("events", MANY_ROWS, 1, "name"),
        ("prices", MANY_ROWS, 0, "counters"),
        ("prices", MANY_ROWS - 1, 0, None),
        ("catalogs", 0, 0, None),
        ("blogs", 0, 0, None),
    ],
)
def test_a_table_grows_by_its_name_or_its_counters(name, inserted, changed, why):
    assert growth(table(name, inserted=inserted, changed=changed)) == why


def test_keys_of_text_are_those_of_one_column():
    told = [
        table("a", "id character varying(36)"),
        table("b", "id uuid"),
        table("c", "id text, k text", key=("id", "k")),
    ]

    assert [(each.name, column, kind) for each, column, kind in textual_keys(told)] == [
        ("a", "id", "character varying(36)")
    ]


@every(
    ("column", "referring", "references"),
    [
        ("user_id integer", (), "public.users"),
        ("userId integer", (), "public.users"),
        ("category_id integer", (), "public.categories"),
        ("user_id integer", ("user_id",), None),
        ("user_id bigint", (), None),
        ("nobody_id integer", (), None),
        ("paid integer", (), None),
    ],
)
def test_a_column_named_after_another_tables_key_may_be_a_foreign_key(column, referring, references):
    notes = table("notes", f"id integer, {column}", referring=referring)

    found = [key.references for _, key in unenforced_keys([USERS, table("categories"), notes])]

    assert found == ([references] if references else [])
