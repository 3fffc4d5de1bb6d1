"""What a rehearsal's database is made of: another database, a dump, an SQL file, a command, or nothing.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    where            what --source names
    built            how it is made, and what came of it
    programs         PostgreSQL's client programs, run with an eye on how far they are
    complaints -     what a restore complains of: nothing, something that is left out, or the end
    furniture -      roles, settings and states that a dump lacks
    amounts -        how much there is in a database, and how much of it was left out
    sampled -        some rows of a database, or none
    copied -         a database copied
    named -          the roles and tablespaces that a script takes for granted
    restored -       a dump restored
    played -         an SQL file played, a command run
    build            the database built
"""
