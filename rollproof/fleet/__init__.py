"""Many databases captured or verified: a list of targets, workers that take one each, one report.

What travels to a worker are settings and a sealed baseline, as JSON; what comes back are a target's outcome and files.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    target          one database, or one schema of it, under a name
    target_list     targets by a file
    job             what a worker is asked, and what it answers, as JSON
    psql_address    how psql is told of a target, without a secret
    repair          what would put one target's definitions right
    work            one job done: a target captured or verified, in whatever process
    executors       who does the jobs: threads, processes, dask, anything with submit()
    schedule        which job is begun when: so many at once, so many on each server, once more if it was lost
    results         the folder of a fleet: an outcome and a report for each target, one report of all
    command_line    options of the commands, and what they mean
    capture         the command `rollproof capture --targets`
    verify          the command `rollproof verify --targets`
"""
