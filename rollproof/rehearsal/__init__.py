"""Any migration and its rollback tried on a throw-away database.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    options -    what can be typed
    descendants - the processes that a command started
    questions -  whether a command asked one
    process -    a command of the user's, run with limits
    world -      the throw-away database, and its states, kept and brought back
    login -      the role of an application, as which somebody connects to it
    state -      what the database is at one moment, and what differs between two
    tools/       migration tools as data
    plan -       which steps are rehearsed, and which make the database
    proxy/       a proxy that counts statements, and cuts connections
    costs/       locks, waits, rewrites, WAL and disk
    blame/       which statement made a difference
    faults/      what can go wrong with each kind of object, as SQL
    crash_point - one place where a run was cut, and what came of it
    doors/       which application lives on which schema
    record -     what took place, as values
    command -    a tool's commands run on the throw-away database
    stages -     how a stage is made: commands run, states compared, all checks run
    staircase -  each revision of a tool up, down and up again
    story -      migrate, roll back, verify, and once more
    contention - the same beside a session that writes
    outage -     what was measured against the traffic of production
    traffic/     writes in the migrated database, and what a rollback makes of them
    applications - what the old and the new application do
    open_doors - which application lives on which schema, as a stage
    crash/       the connection cut at every statement
    limits -     figures held against limits
    made_rows -  rows of our own making in tables that have none
    ground -     the database that is rehearsed on, made
    acts -       all that is told on one server
    one_server - a rehearsal on one server
    drills -     the record that a rehearsal leaves, and whether the last good one is young enough
    reports/     what took place, as text
    matrix -     the same on several servers
    rehearse     the command
    selftest/    faults planted in a copy of the user's database: which are not seen, and why
"""
