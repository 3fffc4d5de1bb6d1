"""What happened in between: by the migration's log, and by what became of tables and rows.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    log_table             the table of the migration's log, of any tool
    log                   what the log says was done, in which order
    backup_age            when the copies were written, against the log
    baseline_age          when the baseline was taken, against the log
    envelope              how long the rollback took in a rehearsal, against the log
    table_states          which tables are original, migrated, mixed or missing
    required_copies       which tables the migration must have copied
    announced_changes     what the configuration announces, against what was done
    row_fate              migrated rows against their copies, by primary key
    table_rows            rows of a table that were lost or changed, with a copy or without
    lost_parents          rows that lost their parent row, through the same mapping
    catalogue_loss        definitions lost by the migration, types aside
    at_risk               rows that a rollback would lose
    lost_rows             those rows written to a file
    bookkeeping           what migration tools write into their own books
"""
