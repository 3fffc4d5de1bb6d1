"""What the README shows, three lines: with a migration whose rollback is honest, and with others."""


def run(connection, *statements):
    for statement in statements:
        connection.execute(statement)
    connection.commit()


def test_honest(rollproof, postgresql):
    with rollproof.unchanged(postgresql):
        run(postgresql, "ALTER TABLE invoices ADD paid date")
        run(postgresql, "ALTER TABLE invoices DROP paid")


def test_column_comes_back_empty(rollproof, postgresql):
    with rollproof.unchanged(postgresql):
        run(postgresql, "ALTER TABLE invoices DROP note")
        run(postgresql, "ALTER TABLE invoices ADD note text")


def test_index_is_lost(rollproof, postgresql):
    with rollproof.unchanged(postgresql):
        run(postgresql, "ALTER TABLE invoices ALTER total TYPE bigint", "DROP INDEX invoices_total")
        run(postgresql, "ALTER TABLE invoices ALTER total TYPE numeric(10, 2)")


def test_uncommitted(rollproof, postgresql):
    with rollproof.unchanged(postgresql):
        postgresql.execute("DELETE FROM invoices")


def test_the_projects_own_error_stays_itself(rollproof, postgresql):
    with rollproof.unchanged(postgresql):
        raise LookupError("of the project's own")
