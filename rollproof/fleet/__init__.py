"""Many databases captured or verified: a list of targets, workers that take one each, one report.

What travels to a worker are settings and a sealed baseline, as JSON; what comes back are a target's outcome and files.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    target          one database, or one schema of it, under a name that is a file name
    service_files   the services of libpq's service files
    target_query    targets by a query
    citus_placements  how tables of a Citus cluster are distributed, as queries
    citus_nodes     the nodes of a Citus cluster
    entries         what a list says, entry by entry: a file, a query, services, a cluster
    schemas         the schemas of one database
    target_list     the targets of a list: named, and none twice
    travel          which settings go to a worker, and that no password does
    references      the baseline of each target
    job             what a worker is asked, and what it answers, as JSON
    psql_address    how psql is told of a target, without a secret
    repair          what would put one target's definitions right
    outage          whether bad news may pass by itself
    work            one job done: a target captured or verified, in whatever process
    schema_targets  schemas in chunks, each with its part of one baseline, and what belongs to none
    dask_workers    workers of dask, here or elsewhere
    executors       who does the jobs: threads, processes, dask, anything with submit()
    waiting         which target is next: so many on each server
    schedule        jobs begun and answers taken; what was lost is done once more
    course          all of it, however it ends
    journal         outcomes as they come, for --resume
    results         the folder of a fleet: a report for each target, one report of all
    progress        how far it is, on stderr
    told            what is printed and measured at the end, and told to GitHub Actions
    command_line    options of the commands, and what they mean
    capture         the command `rollproof capture --targets`
    verify          the command `rollproof verify --targets`
"""
