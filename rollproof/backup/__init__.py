"""The migration's own copies of tables.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    copies                 the backup schema as a source
    columns                columns of a copy, and who can read it
    privileges             who may read what the migration keeps
    three_way              reference, copy and live table: which one differs
    old_columns            rows as they were, read from columns that kept their old values
    materialized_views     views that were refreshed at another moment
"""
