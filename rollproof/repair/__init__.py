"""What puts definitions and rows back: a plan of SQL statements, made of what both sides know. Pure.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    clauses/       SQL and descriptions taken apart, and SQL written of values
    objects        an object, named as its facet names it; which object a fact tells of
    dependencies   which object needs which, as pg_depend says, or as definitions mention each other
    dump_entries   the statements of pg_dump's entry of an object
    sides          both sides of a repair: facts, dependencies, entries
    firing         whether a trigger or rule fires
    versions -     what an older server than the reference's cannot make
    partitioning   which tables are partitions of which, and which indexes are parts of which
    step           one thing that a script does to one object
    makers         what makers of statements are, as types
    one_statement - whether a text is one statement, to PostgreSQL and to psql alike
    soundness      whether what was made is statements of the intended kind, and may be shown
    creation/      statements that create an object as it was
    alteration/    statements that change an object into what it was
    attributes/    statements that give an object back what is attached to it: owner, grants, comment …
    rows/          statements that copy rows from where they are
    selection      the objects that are asked for, and which differences are theirs
    renaming/ -    what is missing and was left behind, and is the same but for its name
    planning/      what goes along with what is dropped, and in which order steps can be run
    unnamed -      differences that a plan neither undoes nor names
    plan           from differences to steps: what is created, altered, made again, and in which order
    recreate       the whole of one side made anew, in a new database
    excerpt        what a plan does about one difference
    lock_notes     what is said of locks at the statements of a plan
    online         a plan in steps that hold no lock for long
    script         a plan as the text of a script for psql
"""
