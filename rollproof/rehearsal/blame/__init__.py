"""Which statement of the migration made a difference, and which of the rollback did not undo it.

The commands are run once more, by way of a proxy in which the tool waits after each statement while the facts in question are
looked at in its own session.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    origin       where a difference comes from, as values
    trail -      what each statement changed, and what a difference comes from
    pieces       SQL split into its statements, each with its line
    written -    where a statement is written
    called_from - what runs in the user's own Python, and says where it stands
    callers -    which line of a Python program sends a statement
    beside -     a connection of ours in a session of the tool's
    watched -    one session of the tool's, watched
    watch -      the proxy of all of them
    row_looks -  the rows of a table, looked at
    looks -      the facts in question, looked at
    recorder -   what each statement changes
    second_run   the commands run once more
"""
