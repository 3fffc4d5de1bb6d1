"""Tables without rows filled with rows that obey all that the database asks of them.

A rollback that loses rows, or cuts their values short, is not seen on an empty table. The values are ours, not `hypothesis`'s: that
one looks for the smallest case that fails and is at its best when a test is run hundreds of times; here each table gets some
twenty rows once, the same each time, and they must show at once what migrations lose: NULLs, blanks at the end, capitals, umlauts,
scale, microseconds. Whether a value obeys a CHECK, a domain or a partition's bounds, the server is asked.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    shape -        tables to be filled, as the catalogue has them
    hints -        what the text of a CHECK says about values
    texts -        texts that show what is lost
    plain_values - values of PostgreSQL's own types
    values -       values of any type
    trial -        which expressions the server takes
    pools -        values for the columns of a table
    parents -      rows that are there, to point to
    order -        which tables must be filled together
    planned -      rows planned in memory
    inserting -    rows planned, tried and put in
    fill           all tables of a database
"""
