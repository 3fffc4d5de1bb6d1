"""What is asked of a database beside facets and rows.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    column_order           whether the order of columns counts
    column_equality        columns compared without users' operators or casts
    leftovers              objects that were left behind, with DROP statements
    sequences              whether the next value of a sequence is free
    sequence_headroom      how many of its numbers a sequence has left
    foreign_keys           rows without a parent row (foreign keys, orphans)
    row_estimates          the planner's estimate against the counted rows
    storage                how tables lie in storage: visibility map, bloat, age
    dumped_rows -          rows of each table in a dump, counted as pg_restore reads it
    state_backup           the database dumped as it is, and the dump verified
    collation_versions     indexes whose collation has changed its version
    activity               sessions, transactions and locks of others
    traffic                tables that are used most, by the server's counters
    database_figures       connections, transactions, waits for locks, deadlocks, lag: one cheap query
    preflight              whether a migration or a rollback could begin: disk, keys, values, command
    services/              the application's services, by what runs them
    endpoints/             the application's HTTP endpoints
    inner_results -        the cases of a JUnit file that a command of the user's wrote
    commands               commands of the user's, run under a limit, and what is wrong with how they ended
    queries/               plans and results of queries
    recorded               what a baseline keeps beside facts: plans, results, answers of endpoints
    role_privileges        what the role may do beyond reading
"""
