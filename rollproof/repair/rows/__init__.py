"""Statements that put rows back, by copying them from where they are: no value stands in a statement.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    columns              columns of a table and of what its rows are copied from; when two rows are the same
    table                statements for one table: rows inserted, updated, deleted
    spelling             keys that are spelled otherwise, put back with the rows that refer to them
    disabled_triggers -  triggers and rules that must not fire meanwhile, and their states given back
    late_not_null        NOT NULL behind the rows
    steps                tables joined by foreign keys, as one step of a plan
"""
