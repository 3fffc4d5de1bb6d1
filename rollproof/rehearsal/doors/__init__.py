"""Which application lives on which schema: statements prepared and commands run, old and new, before and after.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    statement   a statement of an application, as a value
    constants   a recorded statement, and what is said of it, without values
    door        what each schema says of a statement, and which pairs work, as values
    corners     which pairs of application and schema work, of all statements and test commands
    required    which pairs must work
    splitting - a script as psql takes it, split into statements
    placeholders - placeholders of drivers as PostgreSQL's own
    session -   what one session said, as statements: PREPARE taken apart, search path, temporary tables
    script -    a file, or a folder of files
    log_lines - a server's log in any of its formats, as entries
    log_statements - the statements that a log tells of
    log_file -  a log in a file
    source -    what the source database tells of its statements
    read        where statements come from
    form -      what can be prepared in the place of a statement
    written -   which tables a statement writes, and with which values
    facts -     what a schema says of a relation and of a function, as values
    look        what a schema says of a statement, as values
    catalogue - the questions that are asked of the catalogue
    preparing - a statement prepared by the protocol
    holding -   constants held against a CHECK
    sequences - which sequences a statement draws from
    surroundings - what a prepared statement needs and writes
    looking     asking a schema about statements
    reason -    why a schema may refuse a statement, as a value
    wider -     whether a type holds every value of another one
    before -    what acts on a row before its columns are judged
    values -    what may be refused among parameters, results and columns
    demands -   constraints, triggers and row security that only one schema has
    called -    what functions do inside
    no_question - why a statement says nothing of the migration
    deciding    the words, by what both schemas say
"""
