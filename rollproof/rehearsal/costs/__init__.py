"""What a migration costs while it runs: locks and who waits for them, rewrites, WAL, disk.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    figures      what was measured, as values
    lock_modes   PostgreSQL's locks on tables, and whom each keeps waiting
    sessions -   connections that measure: no trigger of the user's fires for them
    tables -     the tables that stood there before, and which of them were rewritten
    waiters -    a reader and a writer that wait for a table as others would
    held -       which locks were held when, out of samples
    disk -       WAL, temporary files and disk
    impatience   statements that wait for no lock, or hardly
    stated -     locks that statements take by PostgreSQL's manual
    watch -      looks every few milliseconds while a command runs
    meter        measures while a command runs
    rewriting    which statements rewrote a table
    traffic      how much each table of a database is read and written
    forecast     how long nobody could read or write there, and how many would wait
    contender    a session that holds what a writer holds
"""
