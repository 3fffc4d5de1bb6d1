"""Migration tools as data: how each is recognised, how its steps are listed, how one goes up and down (`tools.toml`).

From the ground up: each module uses only those above it; those marked - are for this package alone.

    step           one revision of a tool: the commands that go up and down
    row -          what is known of each tool
    sections -     what one file holds: one way, or both
    run_section -  a program: one way of a file, run by psql
    first_files -  a program: a tool that only goes up all the way, given fewer files
    books -        what is applied, by the tables in which tools keep their books
    listing -      what a tool's own command names
    side_by_side - steps that can only be taken back together
    files -        steps that are files
    tool           a tool at work in a folder
    recognised     which tool that is
"""
